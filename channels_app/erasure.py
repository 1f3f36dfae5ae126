"""The end of a channel: stopped and hidden at once, kept for a week in case the broadcaster thinks again, then gone.

Every step is repeatable: whatever dies in the middle, the next pass goes on.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from channels_app import forgetting, panic_urls, privacy, push, retention
from channels_app.actions import Refused, after_commit, record, revoke_overlay_keys, stop
from channels_app.models import Channel, Invitation, KeptRecord, Membership, TwitchCredential, User
from channels_app.signals import channel_closing, still_running
from channels_app.twitch import consent

log = logging.getLogger(__name__)

GRACE = timedelta(days=7)
"""So long the broadcaster may take it back."""
LOOK_SECONDS = 0.5
GIVEN_BACK = "given back when the channel was closed"


class StillRunning(Exception):
    """A worker carries the channel out just now; it was told to stop. Try again in a moment."""


@transaction.atomic
def close(channel: Channel, *, acting_user: User | None, grace: timedelta = GRACE) -> datetime:
    """Stops the channel, hides it from everybody, closes its URLs, and gives our permission back to Twitch. Returns
    when it will be erased. Raises Refused for the demo, which belongs to the machine."""
    locked = Channel.objects.select_for_update().get(pk=channel.pk)
    if locked.is_demo:
        raise Refused(_("The demo channel belongs to this machine. Delete the data directory to be rid of it."))
    if locked.erase_after is not None and locked.erase_after <= timezone.now() + grace:
        return locked.erase_after
    erase_after = timezone.now() + grace
    stop(locked, acting_user=acting_user)
    revoke_overlay_keys(locked, acting_user=acting_user)
    panic_urls.revoke_panic_url(locked, acting_user=acting_user)
    Invitation.objects.filter(channel=locked).delete()
    Channel.objects.filter(pk=locked.pk).update(erase_after=erase_after)
    record(locked, acting_user, "channel.closed", until=erase_after.date().isoformat())
    _give_permission_back(locked)
    channel_closing.send(Channel, channel=locked)
    for person in locked.memberships.values_list("user_id", flat=True):
        after_commit(partial(push.dashboard_now, locked, {"t": "member_removed", "user": person}))
    return erase_after


@transaction.atomic
def reopen(channel: Channel, *, acting_user: User | None) -> bool:
    """The broadcaster has thought again. She stays stopped; URLs and the permission on Twitch are made anew by hand.
    False where it was not closed, or the time is over."""
    closed = Channel.objects.filter(pk=channel.pk, erase_after__gt=timezone.now())
    if not closed.update(erase_after=None):
        return False
    record(channel, acting_user, "channel.reopened")
    return True


def _give_permission_back(channel: Channel) -> None:
    """Best effort: Twitch may be away. The person stays signed in here, to be able to take it back."""
    credential = TwitchCredential.objects.filter(user=channel.broadcaster, state=TwitchCredential.State.OK)
    others = Channel.objects.filter(broadcaster=channel.broadcaster, is_demo=False, erase_after__isnull=True)
    if others.exclude(pk=channel.pk).exists() or not credential.exists():
        return
    consent.give_back(channel.broadcaster)
    credential.update(state=TwitchCredential.State.RECONNECT, problem=GIVEN_BACK)
    Channel.objects.filter(pk=channel.pk).update(reauthorise_since=timezone.now())


def erase_due(*, now: datetime | None = None) -> int:
    """Erases channels whose week is over. One that a worker still carries out comes again next time. Returns how
    many."""
    erased = 0
    for channel in Channel.objects.filter(erase_after__lte=now or timezone.now()).order_by("erase_after"):
        try:
            erase(channel)
            erased += 1
        except StillRunning:
            log.warning("channel %s is still carried out; it is erased when the run has ended", channel.pk)
        except Exception:
            # The others must not wait for what is wrong with this one.
            log.exception("channel %s could not be erased", channel.pk)
    return erased


def erase_at_once(channel: Channel, *, patience: float, clock: Callable[[], float] = time.monotonic) -> None:
    """An operator's word: no week, but the run is waited for, `patience` seconds at most. Raises StillRunning."""
    close(channel, acting_user=None, grace=timedelta(0))
    until = clock() + patience
    while True:
        try:
            return erase(channel)
        except StillRunning:
            if clock() > until:
                raise
        time.sleep(LOOK_SECONDS)


def erase(channel: Channel) -> None:
    """Rows and files are gone; what the law wants is kept without a name; the account goes with its last channel.
    Raises StillRunning."""
    if is_running(channel):
        push.inbox_now(channel, {"t": "command", "name": "stop"})
        raise StillRunning
    number, person = channel.pk, channel.broadcaster
    channel_closing.send(Channel, channel=channel)
    keep_what_must_be(channel)
    for holding in privacy.holdings():
        if holding.model not in (Channel, Membership) and _hangs_on_channel(holding):
            retention.delete_in_batches(holding.model._base_manager.filter(**{holding.channel: channel}))
    with transaction.atomic():
        channel.delete()
        _end_account(person)
        transaction.on_commit(forgetting.scrub, robust=True)
    log.info("channel %s is erased", number)


def is_running(channel: Channel) -> bool:
    return any(answer for _receiver, answer in still_running.send(Channel, channel=channel))


def _hangs_on_channel(holding: privacy.Holding) -> bool:
    return any(field.name == holding.channel for field in holding.model._meta.concrete_fields)


@transaction.atomic
def keep_what_must_be(channel: Channel, *, now: datetime | None = None) -> None:
    """Kept records of the channel, made once. Nothing in them, and nothing that is left, leads back to it."""
    origin = hashlib.blake2b(
        channel.public_id.encode(), key=hashlib.sha256(f"books:{settings.SECRET_KEY}".encode()).digest(), digest_size=16
    ).hexdigest()
    for holding in privacy.holdings():
        keeping = holding.keeping
        if keeping is None or KeptRecord.objects.filter(origin=origin, kind=holding.label).exists():
            continue
        if content := keeping.content(channel):
            KeptRecord.objects.create(
                origin=origin,
                kind=holding.label,
                content=content,
                reason=keeping.because[:200],
                keep_until=(now or timezone.now()) + keeping.life,
            )


def before_deletion(instance: Channel, **_kwargs: Any) -> None:
    """Whatever deletes a channel: what must be kept is kept."""
    keep_what_must_be(instance)


def _end_account(person: User) -> None:
    """Without an own channel the permission goes, without any channel the account; operators stay."""
    if Channel.objects.filter(broadcaster=person).exists():
        return
    consent.give_back(person)
    if person.is_staff or Membership.objects.filter(user=person).exists():
        TwitchCredential.objects.filter(user=person).delete()
        return
    consent.end_sessions(person)
    person.delete()


def forget_old(*, now: datetime | None = None) -> int:
    """Kept records whose time is over. Returns how many."""
    gone, _by_model = KeptRecord.objects.filter(keep_until__lt=now or timezone.now()).delete()
    return gone
