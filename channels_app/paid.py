"""What somebody paid for, from its arrival to the moment it was spoken or refused with a reason.

Every change is one conditional UPDATE, so of two runs only one answers and nothing is answered twice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from channels_app.models import Channel, ChannelReward, PaidEvent, Turn

OPEN = (PaidEvent.State.WAITING, PaidEvent.State.CLAIMED)


def store(
    channel: Channel, event: Mapping[str, Any], *, redemption_id: str = "", reward_id: str = ""
) -> dict[str, Any]:
    """A row for the event's plain values, one for each event id however often it comes; the values with `paid_id`."""
    if reward_id and ChannelReward.objects.filter(channel=channel, twitch_id=reward_id).exists():
        event = {**event, "own_reward": True}
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


def channels_with_open(channel_pks: Collection[int]) -> set[int]:
    """Those of the channels where something paid is not done: it waits, or somebody answers it."""
    rows = PaidEvent.objects.filter(channel_id__in=channel_pks, state__in=OPEN)
    return set(rows.values_list("channel_id", flat=True))


def claim(paid_id: int, fence: int, turn: Turn) -> bool:
    """Takes the event for this turn. False when it is done, or held by a run that may still speak it."""
    mine = Q(state=PaidEvent.State.CLAIMED, fence=fence, turn=turn)
    taken = PaidEvent.objects.filter(Q(pk=paid_id) & (_free_for(fence) | mine))
    return taken.update(state=PaidEvent.State.CLAIMED, fence=fence, turn=turn) == 1


def mark_spoken(paid_id: int) -> bool:
    """Done: it was heard. False when it was done before."""
    changed = PaidEvent.objects.filter(pk=paid_id, state__in=OPEN)
    return changed.update(state=PaidEvent.State.SPOKEN, done_at=timezone.now()) == 1


def release(paid_id: int, fence: int) -> bool:
    """Nobody heard the answer of the run with this fence: the event waits again. False when it is no longer its own."""
    mine = PaidEvent.objects.filter(~Q(_heard()), pk=paid_id, state=PaidEvent.State.CLAIMED, fence=fence)
    return mine.update(state=PaidEvent.State.WAITING, turn=None) == 1


def refuse(paid_id: int, fence: int, reason: str) -> bool:
    """The run with this fence will not speak it, and why. False when it is done, or another run's to answer."""
    mine = Q(state=PaidEvent.State.CLAIMED, fence=fence)
    return _refuse(PaidEvent.objects.filter(Q(pk=paid_id) & (_free_for(fence) | mine)), reason) == 1


def refuse_message(channel: Channel, event_id: str, reason: str) -> int:
    """A moderator deleted the message before it was heard: no run shall answer it. Returns how many rows.

    One that a run has claimed is refused as well: that run may be on its way out, and the next must not take it up.
    """
    return _refuse(PaidEvent.objects.filter(channel=channel, state__in=OPEN, event_id=event_id), reason)


def refuse_waiting(channel: Channel, event_id: str, reason: str) -> int:
    """The same for one that no run has begun to answer."""
    waiting = PaidEvent.objects.filter(channel=channel, state=PaidEvent.State.WAITING, event_id=event_id)
    return _refuse(waiting, reason)


def refuse_chatter(channel: Channel, chatter_id: str, reason: str) -> int:
    """The same for everything of a chatter who was timed out or banned."""
    return _refuse(PaidEvent.objects.filter(channel=channel, state__in=OPEN, payload__chatter__id=chatter_id), reason)


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
