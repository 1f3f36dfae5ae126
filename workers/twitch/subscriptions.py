"""Which EventSub subscriptions each running channel needs, and how what is there differs. No network here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from channels_app import forgetting, push
from channels_app.models import Channel, DesiredState, EventSubSubscription, TwitchCredential
from channels_app.twitch import consent
from channels_app.twitch.helix import Subscription, TwitchError
from channels_app.twitch.scopes import CHAT

State = EventSubSubscription.State
Condition = tuple[tuple[str, str], ...]
Key = tuple[str, Condition]
"""Type and sorted condition: what Twitch counts as the same subscription."""

MESSAGES = "channel.chat.message"
REDEMPTIONS = "channel.channel_points_custom_reward_redemption.add"
CONSENT_ENDED = frozenset({"authorization_revoked", "user_removed"})


def _of(broadcaster: str) -> dict[str, str]:
    return {"broadcaster_user_id": broadcaster}


def _as_reader(broadcaster: str) -> dict[str, str]:
    return {"broadcaster_user_id": broadcaster, "user_id": broadcaster}


def _as_moderator(broadcaster: str) -> dict[str, str]:
    return {"broadcaster_user_id": broadcaster, "moderator_user_id": broadcaster}


def _to(broadcaster: str) -> dict[str, str]:
    return {"to_broadcaster_user_id": broadcaster}


@dataclass(frozen=True, slots=True)
class Kind:
    type: str
    version: str
    scopes: frozenset[str]
    condition: Callable[[str], dict[str, str]]


KINDS = (
    Kind(MESSAGES, "1", frozenset(CHAT), _as_reader),
    Kind("channel.chat.message_delete", "1", frozenset(CHAT), _as_reader),
    # Tells of bans and timeouts with chat's own scope; `channel.ban` would need the right to moderate.
    Kind("channel.chat.clear_user_messages", "1", frozenset(CHAT), _as_reader),
    Kind("channel.chat.clear", "1", frozenset(CHAT), _as_reader),
    Kind("channel.cheer", "1", frozenset({"bits:read"}), _of),
    Kind("channel.subscribe", "1", frozenset({"channel:read:subscriptions"}), _of),
    Kind("channel.subscription.message", "1", frozenset({"channel:read:subscriptions"}), _of),
    Kind("channel.subscription.gift", "1", frozenset({"channel:read:subscriptions"}), _of),
    Kind("channel.follow", "2", frozenset({"moderator:read:followers"}), _as_moderator),
    Kind(REDEMPTIONS, "1", frozenset({"channel:read:redemptions"}), _of),
    Kind("channel.raid", "1", frozenset(), _to),
    Kind("stream.online", "1", frozenset(), _of),
    Kind("stream.offline", "1", frozenset(), _of),
)


@dataclass(frozen=True, slots=True)
class Wish:
    """One subscription a running channel should have."""

    channel_pk: int
    broadcaster_id: str
    type: str
    version: str
    condition: Condition

    @property
    def key(self) -> Key:
        return self.type, self.condition


@dataclass(frozen=True, slots=True)
class Reached:
    """A running channel as the gateway needs it."""

    pk: int
    public_id: str
    panic_command: str = ""
    """Word with which moderators silence her in chat, small letters; empty: none."""


def wishes() -> tuple[dict[str, Reached], list[Wish]]:
    """Running channels by broadcaster id, and every subscription they should have: what they allowed, less what
    Twitch refused."""
    rows = Channel.objects.filter(
        desired_state=DesiredState.RUNNING,
        suspended_at__isnull=True,
        reauthorise_since__isnull=True,
        twitch_id__isnull=False,
        broadcaster__twitch_credential__state=TwitchCredential.State.OK,
    ).values_list("pk", "public_id", "panic_command", "twitch_id", "broadcaster__twitch_credential__scopes")
    channels: dict[str, Reached] = {}
    wanted: list[Wish] = []
    refused = set(EventSubSubscription.objects.filter(state=State.REFUSED).values_list("channel_id", "type"))
    for pk, public_id, panic_command, twitch_id, scopes in rows:
        broadcaster = str(twitch_id)
        channels[broadcaster] = Reached(pk, public_id, panic_command.casefold())
        for kind in KINDS:
            if kind.scopes <= set(scopes) and (pk, kind.type) not in refused:
                condition = tuple(sorted(kind.condition(broadcaster).items()))
                wanted.append(Wish(pk, broadcaster, kind.type, kind.version, condition))
    return channels, wanted


def held(found: Iterable[Subscription]) -> tuple[dict[Key, str], list[str]]:
    """What is enabled at Twitch, by key; and ids that are of no use: doubles, and what Twitch has switched off."""
    present: dict[Key, str] = {}
    useless: list[str] = []
    for row in found:
        key = (row.type, row.condition)
        if row.status != "enabled" or key in present:
            useless.append(row.id)
        else:
            present[key] = row.id
    return present, useless


def missing(wanted: Iterable[Wish], present: Collection[Key]) -> list[Wish]:
    """What to ask Twitch for. Chat first: a channel that starts should hear its first line soon."""
    return sorted((wish for wish in wanted if wish.key not in present), key=lambda wish: wish.type != MESSAGES)


def surplus(wanted: Iterable[Wish], present: Mapping[Key, str]) -> list[tuple[Key, str]]:
    """What nobody needs any more: keys and ids. One whose id is not known yet waits for Twitch's list."""
    keys = {wish.key for wish in wanted}
    return [(key, subscription_id) for key, subscription_id in present.items() if subscription_id and key not in keys]


def note_present(wanted: list[Wish], present: Mapping[Key, str]) -> None:
    """Writes down what Twitch says is enabled, what is not there, and forgets what nobody wants."""
    rows = {(row.channel_id, row.type): row for row in EventSubSubscription.objects.exclude(state=State.REFUSED)}
    for wish in wanted:
        row = rows.pop((wish.channel_pk, wish.type), None)
        subscription_id = present.get(wish.key)
        state = State.WANTED if subscription_id is None else State.ENABLED
        if row is None or (row.state, row.twitch_id) != (state, subscription_id or ""):
            _write(wish, state, twitch_id=subscription_id or "", problem=row.problem if row else "")
    # One that was refused meanwhile stays: it is not asked for again before new consent.
    mine = EventSubSubscription.objects.filter(pk__in=[row.pk for row in rows.values()])
    mine.exclude(state=State.REFUSED).delete()


def note_enabled(wish: Wish, subscription_id: str) -> None:
    _write(wish, State.ENABLED, twitch_id=subscription_id)


def note_failed(wish: Wish, error: TwitchError) -> None:
    """Refused for good, or to be tried again. Without chat the whole channel waits for its broadcaster."""
    # Other statuses are about us (our token, our conduit), not about this channel.
    _write(wish, State.REFUSED if error.status in {400, 403} else State.WANTED, problem=str(error))
    if error.status == 403 and wish.type == MESSAGES:
        consent.channel_needs_consent(Channel.objects.get(pk=wish.channel_pk), str(error))


@transaction.atomic
def note_revoked(subscription_id: str, reason: str) -> None:
    """Twitch ended a subscription by itself. Where the broadcaster's consent is over, all of it is.

    One we no longer hold is passed over: its broadcaster may have signed in again since.
    """
    mine = EventSubSubscription.objects.filter(twitch_id=subscription_id).select_related("channel__broadcaster")
    row = mine.first()
    if row is None:
        return
    # A sign-in takes this lock first and then changes the rows: whoever comes second sees what the other has written.
    list(TwitchCredential.objects.select_for_update().filter(user=row.channel.broadcaster))
    if not mine.exists():
        return
    if reason in CONSENT_ENDED:
        if row.channel.erase_after is not None:
            # We gave the permission back ourselves, and the broadcaster may still want the channel as it was.
            return
        if row.channel.reauthorise_since is None:
            # Once: Twitch tells it for each subscription.
            forgetting.forget_all_chat(row.channel)
        consent.needed_again(row.channel.broadcaster, f"Twitch ended the subscriptions: {reason}")
    EventSubSubscription.objects.filter(pk=row.pk).update(state=State.REFUSED, twitch_id="", problem=reason[:200])


def note_streams(online: Mapping[str, bool]) -> None:
    """Who is on air, by broadcaster id."""
    for channel in Channel.objects.filter(twitch_id__in=online):
        now_online = online[str(channel.twitch_id)]
        Channel.objects.filter(pk=channel.pk).update(stream_online=now_online, stream_checked_at=timezone.now())
        if now_online != channel.stream_online:
            push.dashboard_now(channel, {"t": "state", "stream_online": now_online})


def _write(wish: Wish, state: State, *, twitch_id: str = "", problem: str = "") -> None:
    EventSubSubscription.objects.update_or_create(
        channel_id=wish.channel_pk,
        type=wish.type,
        defaults={"state": state, "twitch_id": twitch_id, "problem": problem[:200]},
    )
