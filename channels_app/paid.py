"""What somebody paid for, from its arrival to the moment it was spoken or refused with a reason.

Every change is one conditional UPDATE, so of two runs only one answers and nothing is answered twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from channels_app.models import Channel, PaidEvent, Turn

OPEN = (PaidEvent.State.WAITING, PaidEvent.State.CLAIMED)


def store(
    channel: Channel, event: Mapping[str, Any], *, redemption_id: str = "", reward_id: str = ""
) -> dict[str, Any]:
    """A row for the event's plain values, one for each event id however often it comes; the values with `paid_id`."""
    row, _made = PaidEvent.objects.get_or_create(
        channel=channel,
        event_id=event["id"],
        defaults={
            "kind": event["kind"],
            "payload": dict(event),
            "redemption_id": redemption_id,
            "reward_id": reward_id,
        },
    )
    return {**event, "paid_id": row.pk}


def pending(channel: Channel, fence: int) -> QuerySet[PaidEvent]:
    """What a run with this fence must answer, oldest first. What an older run was heard to say counts as spoken."""
    older = PaidEvent.objects.filter(channel=channel, state=PaidEvent.State.CLAIMED, fence__lt=fence)
    older.filter(_heard()).update(state=PaidEvent.State.SPOKEN, done_at=timezone.now())
    return PaidEvent.objects.filter(Q(channel=channel) & _free_for(fence)).order_by("received_at", "pk")


def claim(paid_id: int, fence: int, turn: Turn) -> bool:
    """Takes the event for this turn. False when it is done, or held by a run that may still speak it."""
    mine = Q(state=PaidEvent.State.CLAIMED, fence=fence, turn=turn)
    taken = PaidEvent.objects.filter(Q(pk=paid_id) & (_free_for(fence) | mine))
    return taken.update(state=PaidEvent.State.CLAIMED, fence=fence, turn=turn) == 1


def mark_spoken(paid_id: int) -> bool:
    """Done: it was heard. False when it was done before."""
    changed = PaidEvent.objects.filter(pk=paid_id, state__in=OPEN)
    return changed.update(state=PaidEvent.State.SPOKEN, done_at=timezone.now()) == 1


def refuse(paid_id: int, reason: str) -> bool:
    """Done without being spoken, and why. False when it was done before."""
    return _refuse(PaidEvent.objects.filter(pk=paid_id, state__in=OPEN), reason) == 1


def refuse_message(channel: Channel, event_id: str, reason: str) -> int:
    """A moderator deleted the message before any run took it: it shall not come back. Returns how many rows."""
    waiting = PaidEvent.objects.filter(channel=channel, state=PaidEvent.State.WAITING)
    return _refuse(waiting.filter(event_id=event_id), reason)


def refuse_chatter(channel: Channel, chatter_id: str, reason: str) -> int:
    """The same for everything of a chatter who was timed out or banned."""
    waiting = PaidEvent.objects.filter(channel=channel, state=PaidEvent.State.WAITING)
    return _refuse(waiting.filter(payload__chatter__id=chatter_id), reason)


def _refuse(rows: QuerySet[PaidEvent], reason: str) -> int:
    if not reason:
        raise ValueError("A paid event is refused with a reason.")
    return rows.update(state=PaidEvent.State.REFUSED, reason=reason[:200], done_at=timezone.now())


def _heard() -> Exists:
    return Exists(Turn.objects.filter(pk=OuterRef("turn_id"), heard_at__isnull=False))


def _free_for(fence: int) -> Q:
    # No join: PostgreSQL checks these very conditions again when it had to wait for another run's claim.
    left_behind = Q(state=PaidEvent.State.CLAIMED, fence__lt=fence) & ~Q(_heard())
    return Q(state=PaidEvent.State.WAITING) | left_behind
