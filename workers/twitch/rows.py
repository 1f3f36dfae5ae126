"""What the database says of subscriptions: how far we are, what Twitch refused, and what it ended. No network here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from channels_app import forgetting, push
from channels_app.models import Channel, EventSubSubscription, TwitchCredential
from channels_app.twitch import consent
from channels_app.twitch.helix import TwitchError
from workers.models import Conduit
from workers.twitch.subscriptions import KINDS, MESSAGES, NUMBER, REDEMPTIONS

State = EventSubSubscription.State
Place = tuple[int, int]
"""Channel and number of the kind."""

CONSENT_ENDED = frozenset({"authorization_revoked", "user_removed"})
BATCH = 2000
"""Rows read or written at once."""


@dataclass(slots=True)
class Known:
    """Sets of kinds by channel: what is enabled, what was refused, and what has a row at all."""

    enabled: dict[int, int] = field(default_factory=dict)
    refused: dict[int, int] = field(default_factory=dict)
    rows: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Odd:
    """What others changed: refused ones, and channels with an enabled one whose id is not known."""

    refused: frozenset[Place]
    nameless: frozenset[int]


def conduit() -> str:
    """The conduit in use, "" before the first."""
    return Conduit.objects.filter(pk=Conduit.ONE).values_list("twitch_id", flat=True).first() or ""


@transaction.atomic
def use_conduit(twitch_id: str) -> None:
    """From now on this one. What was subscribed through another is gone with it."""
    if conduit() == twitch_id:
        return
    Conduit.objects.update_or_create(pk=Conduit.ONE, defaults={"twitch_id": twitch_id})
    EventSubSubscription.objects.filter(state=State.ENABLED).update(state=State.WANTED, twitch_id="")


def known() -> Known:
    """All there is, as it was when somebody last wrote it down."""
    found = Known()
    rows = EventSubSubscription.objects.values_list("channel_id", "type", "state")
    for channel, kind, state in rows.iterator(BATCH):
        bit = 1 << NUMBER[kind] if kind in NUMBER else 0
        found.rows[channel] = found.rows.get(channel, 0) | bit
        if state == State.ENABLED:
            found.enabled[channel] = found.enabled.get(channel, 0) | bit
        elif state == State.REFUSED:
            found.refused[channel] = found.refused.get(channel, 0) | bit
    return found


def odd() -> Odd:
    """Asked every few seconds: an index finds them."""
    rows = EventSubSubscription.objects.filter(Q(state=State.REFUSED) | Q(state=State.ENABLED, twitch_id=""))
    refused, nameless = set(), set()
    for channel, kind, state in rows.values_list("channel_id", "type", "state"):
        if state == State.ENABLED:
            nameless.add(channel)
        elif kind in NUMBER:
            refused.add((channel, NUMBER[kind]))
    return Odd(frozenset(refused), frozenset(nameless))


def hears_redemptions(channel_pk: int) -> bool:
    """Whether Twitch tells us of this channel's redemptions, or only of their chat lines."""
    mine = EventSubSubscription.objects.filter(channel_id=channel_pk, type=REDEMPTIONS)
    return mine.filter(state=State.ENABLED).exists()


def want(places: Iterable[Place]) -> None:
    """Rows for what is still to be asked for; the progress stands in them."""
    alive, rows = _alive(places)
    EventSubSubscription.objects.bulk_create(
        [EventSubSubscription(channel_id=pk, type=KINDS[kind].type) for pk, kind in rows if pk in alive],
        ignore_conflicts=True,
    )


def note_enabled(made: Mapping[Place, str]) -> None:
    """Ids by place; "" for one that exists at Twitch under an id we do not know."""
    alive, places = _alive(made)
    EventSubSubscription.objects.bulk_create(
        [
            EventSubSubscription(
                channel_id=pk, type=KINDS[kind].type, state=State.ENABLED, twitch_id=made[pk, kind], problem=""
            )
            for pk, kind in places
            if pk in alive
        ],
        update_conflicts=True,
        unique_fields=["channel", "type"],
        update_fields=["state", "twitch_id", "problem", "updated_at"],
    )


def _alive(places: Iterable[Place]) -> tuple[set[int], list[Place]]:
    """Channels of these that were not erased meanwhile."""
    rows = list(places)
    return set(Channel.objects.filter(pk__in={pk for pk, _ in rows}).values_list("pk", flat=True)), rows


def note_found(found: Mapping[Place, str]) -> None:
    """Ids that Twitch's list names, where our rows say otherwise. One that was refused meanwhile stays: it is not asked
    for again before new consent."""
    types = {KINDS[kind].type for _, kind in found}
    rows = EventSubSubscription.objects.filter(channel_id__in={pk for pk, _ in found}, type__in=types)
    said = {
        (channel, NUMBER.get(kind, -1)): (state, twitch_id)
        for channel, kind, state, twitch_id in rows.values_list("channel_id", "type", "state", "twitch_id")
    }
    differing = {
        place: twitch_id
        for place, twitch_id in found.items()
        if (told := said.get(place)) != (State.ENABLED, twitch_id) and (told is None or told[0] != State.REFUSED)
    }
    if differing:
        note_enabled(differing)


def note_lost(lost: Mapping[int, int]) -> None:
    """Sets of kinds by channel that are not in Twitch's list. Their ids stay: word of why may still be on its way."""
    for channel, kinds in lost.items():
        types = [kind.type for number, kind in enumerate(KINDS) if kinds >> number & 1]
        rows = EventSubSubscription.objects.filter(channel_id=channel, type__in=types, state=State.ENABLED)
        rows.update(state=State.WANTED)


def note_failed(place: Place, error: TwitchError) -> bool:
    """Refused for good (True), or to be tried again. Without chat the whole channel waits for its broadcaster."""
    channel, kind = place
    # Other statuses are about us (our token, our conduit), not about this channel.
    refused = error.status in {400, 403}
    if not Channel.objects.filter(pk=channel).exists():
        return refused
    EventSubSubscription.objects.update_or_create(
        channel_id=channel,
        type=KINDS[kind].type,
        defaults={"state": State.REFUSED if refused else State.WANTED, "problem": str(error)[:200]},
    )
    if error.status == 403 and KINDS[kind].type == MESSAGES:
        consent.channel_needs_consent(Channel.objects.get(pk=channel), str(error))
    return refused


def ids_of(channel_pk: int, kinds: int) -> dict[int, str]:
    """Ids of this channel's subscriptions of these kinds, as far as they are known."""
    rows = EventSubSubscription.objects.filter(channel_id=channel_pk, state=State.ENABLED).exclude(twitch_id="")
    found = {NUMBER[kind]: twitch_id for kind, twitch_id in rows.values_list("type", "twitch_id") if kind in NUMBER}
    return {number: twitch_id for number, twitch_id in found.items() if kinds >> number & 1}


def standing(subscription_ids: Collection[str]) -> set[str]:
    """Which of these ids we hold: they end when their channel needs them no longer."""
    mine = EventSubSubscription.objects.filter(twitch_id__in=subscription_ids, state=State.ENABLED)
    return set(mine.values_list("twitch_id", flat=True))


def forget(channel_pk: int, kinds: Collection[int]) -> None:
    """Rows that nobody wants any more. Refusals stay: they are not asked for again before new consent."""
    mine = EventSubSubscription.objects.filter(channel_id=channel_pk, type__in=[KINDS[kind].type for kind in kinds])
    mine.exclude(state=State.REFUSED).delete()


@transaction.atomic
def note_revoked(subscription_id: str, reason: str) -> bool:
    """Twitch ended a subscription by itself. Where the broadcaster's consent is over, all of it is.

    False for one that stands in no row. One we no longer hold is passed over: its broadcaster may have signed in again
    since.
    """
    # All states, named for the index: the list may have told earlier that it is gone, and Twitch may have refused it
    # since.
    mine = EventSubSubscription.objects.filter(twitch_id=subscription_id, state__in=State.values)
    mine = mine.select_related("channel__broadcaster")
    row = mine.first()
    if row is None:
        return False
    # A sign-in takes this lock first and then changes the rows: whoever comes second sees what the other has written.
    credential = TwitchCredential.objects.filter(user=row.channel.broadcaster)
    list(credential.select_for_update())
    if not mine.exists():
        return True
    if reason in CONSENT_ENDED:
        if row.channel.erase_after is not None:
            # We gave the permission back ourselves, and the broadcaster may still want the channel as it was.
            return True
        if not credential.filter(state=TwitchCredential.State.RECONNECT).exists():
            # Once: Twitch tells it for each subscription.
            forgetting.forget_all_chat(row.channel)
        consent.needed_again(row.channel.broadcaster, f"Twitch ended the subscriptions: {reason}")
    EventSubSubscription.objects.filter(pk=row.pk).update(state=State.REFUSED, twitch_id="", problem=reason[:200])
    return True


def note_streams(online: Mapping[str, bool]) -> None:
    """Who is on air, by broadcaster id."""
    channels = Channel.objects.filter(twitch_id__in=online)
    differing = [each for each in channels.only("pk", "public_id", "twitch_id", "stream_online")
                 if each.stream_online != online[str(each.twitch_id)]]  # fmt: skip
    channels.update(stream_checked_at=timezone.now())
    for channel in differing:
        now_online = online[str(channel.twitch_id)]
        Channel.objects.filter(pk=channel.pk).update(stream_online=now_online)
        push.dashboard_now(channel, {"t": "state", "stream_online": now_online})
