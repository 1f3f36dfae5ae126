"""Writes to a channel. Each is atomic, does nothing when nothing changes, leaves an audit row, and pushes on commit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels_app import acting, forgetting, paid, push, queries
from channels_app.entitlements import entitlements_of
from channels_app.models import AuditEvent, Channel, DesiredState, Membership, OverlayKey, SafetyCase, Turn, User
from channels_app.overlay import auth, protocol
from channels_app.signals import start_asked

DROPPED = "dropped by a moderator"
ROTATION_GRACE = timedelta(minutes=10)
"""How long the old overlay URL works after a rotation, so that a live stream does not fall silent."""


class Refused(Exception):
    """An action that is not possible now; the message tells the person why and what to do."""


class PlanLimit(Refused):
    """The channel's plan does not allow it, and a larger one does."""

    def with_way_up(self, channel: Channel) -> SafeString:
        """The message and a link to the plans."""
        return format_html('{} <a href="{}">{}</a>', self, reverse("billing", args=[channel.public_id]), _("Plans"))


def record(channel: Channel, acting_user: User | None, action: str, **detail: Any) -> None:
    if (door := acting.door()) and acting_user is not None:
        detail["via"] = door
    AuditEvent.objects.create(channel=channel, actor=acting_user, action=action, detail=detail)


def after_commit(send: Callable[[], Any]) -> None:
    transaction.on_commit(send, robust=True)


@transaction.atomic
def open_channel(
    broadcaster: User, *, login: str, display_name: str, twitch_id: str | None, is_demo: bool = False
) -> Channel:
    """The broadcaster's channel: found by Twitch id (or the demo's login), made when missing, names kept fresh."""
    found = Channel.objects.select_for_update().filter(broadcaster=broadcaster, is_demo=is_demo).first()
    if found is not None:
        if (found.login, found.display_name) != (login, display_name):
            found.login, found.display_name = login, display_name
            found.save(update_fields=["login", "display_name"])
        return found
    channel = Channel.objects.create(
        broadcaster=broadcaster, login=login, display_name=display_name, twitch_id=twitch_id, is_demo=is_demo
    )
    Membership.objects.create(channel=channel, user=broadcaster, role=Membership.Role.OWNER)
    record(channel, broadcaster, "channel.opened")
    return channel


@transaction.atomic
def start(channel: Channel, *, acting_user: User | None) -> None:
    """Wants the character live. Raises Refused for a suspended channel, PlanLimit where its plan allows no more."""
    locked = Channel.objects.select_for_update().get(pk=channel.pk)
    if locked.is_suspended:
        raise Refused(_("This channel is suspended. Write to support to have it looked at."))
    if locked.erase_after is not None:
        raise Refused(_("This channel is being deleted. Take that back first."))
    if locked.desired_state == DesiredState.RUNNING:
        return
    _refuse_beyond_plan(locked)
    Channel.objects.filter(pk=channel.pk).update(desired_state=DesiredState.RUNNING)
    record(channel, acting_user, "channel.started")
    after_commit(lambda: push.dashboard_now(channel, {"t": "state", "desired": "running"}))


def _refuse_beyond_plan(channel: Channel) -> None:
    """Raises PlanLimit where one channel more may not be live, or the live hours are used up."""
    own = Channel.objects.filter(broadcaster=channel.broadcaster_id)
    # The best plan among the broadcaster's channels decides, and each channel has its own.
    allowed = [entitlements_of(each).channels for each in own]
    most = None if None in allowed else max(each for each in allowed if each is not None)
    if most is not None:
        # Two channels of a broadcaster that start at once are counted one after the other.
        User.objects.select_for_update().get(pk=channel.broadcaster_id)
        if own.filter(desired_state=DesiredState.RUNNING).count() >= most:
            raise PlanLimit(
                ngettext(
                    "Your plan allows %(most)s channel live at once. Stop the other one first.",
                    "Your plan allows %(most)s channels live at once. Stop another one first.",
                    most,
                )
                % {"most": most}
            )
    for _receiver, reason in start_asked.send(Channel, channel=channel):
        if reason:
            raise PlanLimit(str(reason))


@transaction.atomic
def stop(channel: Channel, *, acting_user: User | None) -> None:
    """Wants the character gone."""
    changed = Channel.objects.filter(pk=channel.pk).exclude(desired_state=DesiredState.STOPPED)
    if not changed.update(desired_state=DesiredState.STOPPED):
        return
    record(channel, acting_user, "channel.stopped")

    def tell() -> None:
        push.inbox_now(channel, {"t": "command", "name": "stop"})
        push.dashboard_now(channel, {"t": "state", "desired": "stopped"})

    after_commit(tell)


def panic(channel: Channel, *, acting_user: User | None, by: str = "") -> None:
    """Silence at once, latched. The frame goes out before the database is asked: it must work without one.

    `by`: who or what it was, where nobody is signed in.
    """
    push.panic_frame_now(channel)
    push.inbox_now(channel, {"t": "command", "name": "panic"})
    latch_panic(channel, acting_user=acting_user, by=by)


@transaction.atomic
def latch_panic(channel: Channel, *, acting_user: User | None, by: str = "") -> None:
    """Makes silence that was sent out last, whatever restarts. Repeatable."""
    if Channel.objects.filter(pk=channel.pk, panic_since__isnull=True).update(panic_since=timezone.now()):
        record(channel, acting_user, "channel.panic", **({"by": by} if by else {}))
        after_commit(lambda: push.dashboard_now(channel, {"t": "state", "panic": True}))


@transaction.atomic
def calm(channel: Channel, *, acting_user: User | None) -> None:
    """Lifts the panic latch."""
    if not Channel.objects.filter(pk=channel.pk, panic_since__isnull=False).update(panic_since=None):
        return
    record(channel, acting_user, "channel.calm")

    def tell() -> None:
        push.inbox_now(channel, {"t": "command", "name": "calm"})
        push.overlay_control_now(channel, {"t": "config"})
        push.dashboard_now(channel, {"t": "state", "panic": False})

    after_commit(tell)


def skip(channel: Channel, *, acting_user: User | None) -> None:
    """Ends the present turn."""
    record(channel, acting_user, "turn.skipped")
    push.inbox_now(channel, {"t": "command", "name": "skip"})


def drop_waiting(channel: Channel, *, acting_user: User | None, event: str) -> None:
    """What waits is not answered. Something paid for is refused as dropped."""
    _to_queue(channel, acting_user, "drop", event)
    # In the row too: a run that dies just now must not leave it to the next one.
    paid.refuse_waiting(channel, event, DROPPED)


def answer_next(channel: Channel, *, acting_user: User | None, event: str) -> None:
    """What waits is answered before everything else."""
    _to_queue(channel, acting_user, "next", event)


def _to_queue(channel: Channel, acting_user: User | None, name: str, event: str) -> None:
    if channel.desired_state != DesiredState.RUNNING:
        raise Refused(_("She is not live, so nobody waits for her."))
    if not push.inbox_now(channel, {"t": "command", "name": name, "event": event}):
        raise Refused(_("She could not be told just now. Try again in a moment."))
    record(channel, acting_user, f"queue.{name}", event=event)


def can_report(turn: Turn) -> bool:
    """Whether a member may say that what the rules blocked in this turn was fine: the line is there, and a rule that
    was not the channel's own."""
    rule = str(turn.verdict.get("rule", ""))
    return bool(turn.judged and rule) and not rule.startswith(("gate.", "channel."))


@transaction.atomic
def report_wrong(channel: Channel, *, acting_user: User | None, turn: Turn) -> None:
    """Keeps the line that was blocked in this turn, for the rules to be mended. Raises Refused where it is gone."""
    # A moderator may be taking the message out at this moment.
    turn = Turn.objects.select_for_update().get(pk=turn.pk)
    if not can_report(turn):
        raise Refused(_("The line is no longer known: what chat wrote is forgotten within a day."))
    rule = str(turn.verdict["rule"])
    _case, is_new = SafetyCase.objects.get_or_create(
        turn=turn,
        defaults={
            "channel": channel,
            "line": turn.judged,
            "rule": rule[:80],
            "evidence": turn.evidence,
            "whose": Turn.barred(*(forgetting.digest(channel, one) for one in turn.answered.strip("|").split("||"))),
            "profile": channel.safety_profile,
            "reported_by": acting_user,
        },
    )
    if is_new:
        record(channel, acting_user, "safety.reported", turn=str(turn.pk), rule=rule)
        after_commit(lambda: push.dashboard_now(channel, {"t": "turn", "id": str(turn.pk)}))


def play_test(channel: Channel, *, acting_user: User | None) -> None:
    """Beeps and flashes on every connected overlay. Raises Refused where nobody would hear them, or her."""
    channel.refresh_from_db(fields=["panic_since", "suspended_at"])
    if channel.is_suspended:
        raise Refused(_("This channel is suspended. Write to support to have it looked at."))
    if channel.panic_since is not None:
        raise Refused(_("She is silenced, and so is the test. Lift the silence first."))
    if not queries.connected_overlays(channel).exists():
        raise Refused(_("No overlay is connected. Open it in OBS, then play the test."))
    if queries.is_answering(channel):
        raise Refused(_("She is answering just now. Play the test when she has finished."))
    record(channel, acting_user, "overlay.tested")
    push.overlay_control_now(channel, {"t": "test", "count": protocol.TEST_BEEPS})


def end_test(channel: Channel, *, acting_user: User | None) -> None:
    """Ends the beeps and flashes."""
    record(channel, acting_user, "overlay.test_ended")
    push.overlay_control_now(channel, {"t": "test", "count": 0})


@transaction.atomic
def suspend(channel: Channel, *, acting_user: User | None, reason: str) -> None:
    """An operator takes the channel off the air."""
    if not Channel.objects.filter(pk=channel.pk, suspended_at__isnull=True).update(
        suspended_at=timezone.now(), suspended_reason=reason[:200], desired_state=DesiredState.STOPPED
    ):
        return
    record(channel, acting_user, "channel.suspended", reason=reason[:200])

    def tell() -> None:
        push.inbox_now(channel, {"t": "command", "name": "stop"})
        push.overlay_control_now(channel, {"t": "suspended"})

    after_commit(tell)


@transaction.atomic
def unsuspend(channel: Channel, *, acting_user: User | None) -> None:
    """An operator lets the channel back; the broadcaster starts it."""
    if Channel.objects.filter(pk=channel.pk, suspended_at__isnull=False).update(suspended_at=None, suspended_reason=""):
        record(channel, acting_user, "channel.unsuspended")


@transaction.atomic
def new_overlay_url(channel: Channel, *, acting_user: User | None, beside: bool = False) -> str:
    """A fresh personal URL, returned this once. Older URLs work ten minutes longer or, `beside` this one, for good."""
    offset: int | None = None
    if not beside:
        replaced = OverlayKey.objects.filter(channel=channel, revoked_at__isnull=True, expires_at__isnull=True)
        # The new URL goes into the same OBS, whose sound comes as late as before.
        offset = replaced.order_by("-created_at").values_list("mouth_offset_ms", flat=True).first()
        replaced.update(expires_at=timezone.now() + ROTATION_GRACE)
    key = auth.new_key()
    row = OverlayKey.objects.create(channel=channel, digest=auth.digest(key), hint=key[-4:], mouth_offset_ms=offset)
    record(channel, acting_user, "overlay.rotated", hint=row.hint)
    return auth.overlay_url(channel, key)


@transaction.atomic
def revoke_overlay_keys(channel: Channel, *, acting_user: User | None, keys: list[int] | None = None) -> int:
    """Closes overlay URLs at once (all, or the rows named). Returns how many."""
    living = OverlayKey.objects.filter(channel=channel, revoked_at__isnull=True)
    if keys is not None:
        living = living.filter(pk__in=keys)
    ids = list(living.values_list("pk", flat=True))
    if not ids:
        return 0
    OverlayKey.objects.filter(pk__in=ids).update(revoked_at=timezone.now())
    record(channel, acting_user, "overlay.revoked", count=len(ids))
    after_commit(lambda: push.overlay_control_now(channel, {"t": "revoked", "keys": ids}))
    return len(ids)


@transaction.atomic
def set_stage(
    channel: Channel,
    *,
    acting_user: User | None,
    mouth_offset_ms: int,
    ignored_chatters: list[str],
    ai_badge: str = "",
    idle_seconds: int | None = None,
) -> None:
    """Channel-wide settings of the show. `mouth_offset_ms` is -200..300, `idle_seconds` 0 or 20..600.

    No `ai_badge` and no `idle_seconds` leave them as they are.
    """
    locked = Channel.objects.select_for_update().get(pk=channel.pk)
    values = {
        "mouth_offset_ms": mouth_offset_ms,
        "ignored_chatters": ignored_chatters,
        "ai_badge": ai_badge or locked.ai_badge,
        "idle_seconds": locked.idle_seconds if idle_seconds is None else idle_seconds,
    }
    if all(getattr(locked, name) == value for name, value in values.items()):
        return
    Channel.objects.filter(pk=channel.pk).update(**values)
    record(channel, acting_user, "channel.stage_changed", fields=sorted(values))

    def tell() -> None:
        push.inbox_now(channel, {"t": "command", "name": "reload"})
        push.overlay_control_now(channel, {"t": "config"})

    after_commit(tell)


@transaction.atomic
def set_mouth_offset(channel: Channel, *, acting_user: User | None, key: OverlayKey, offset_ms: int | None) -> None:
    """Where this overlay URL is open the mouth moves so much later; None for the channel's own offset."""
    locked = OverlayKey.objects.select_for_update().get(pk=key.pk, channel=channel)
    if locked.mouth_offset_ms == offset_ms:
        return
    OverlayKey.objects.filter(pk=locked.pk).update(mouth_offset_ms=offset_ms)
    record(channel, acting_user, "overlay.mouth_offset_changed", hint=locked.hint, offset_ms=offset_ms)

    def tell() -> None:
        push.overlay_control_now(channel, {"t": "config"})
        push.dashboard_now(channel, {"t": "overlay"})

    after_commit(tell)
