"""How a channel saves, written down where pages find it; and the ceilings its owner chooses."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from billing import counters, ledger
from billing.models import Budget
from channels_app import push
from channels_app.actions import after_commit, record, stop
from channels_app.models import Channel, User


@transaction.atomic
def begin(channel: Channel) -> tuple[str, str, datetime | None]:
    """A new run: what an older one held is given back. Returns the step it saved on, why, and until when."""
    counters.ensure(channel, timezone.now())
    ledger.release_all(channel)
    budget = Budget.objects.get(channel=channel)
    return budget.step, budget.step_why, budget.step_ends


@transaction.atomic
def set_step(channel_pk: int, step: str, why: str, ends: datetime | None) -> None:
    """She saves in another way from now on; "" for not at all. Repeatable."""
    channel = Channel.objects.get(pk=channel_pk)
    counters.ensure(channel, timezone.now())
    others = Budget.objects.filter(channel=channel).exclude(step=step, step_why=why, step_ends=ends)
    if not others.update(step=step, step_why=why, step_ends=ends):
        return
    detail = {"step": step or "nothing", "why": why, "ends": ends.isoformat() if ends else None}
    record(channel, None, "budget.step", **detail)
    after_commit(lambda: push.dashboard_now(channel, {"t": "notice"}))


@transaction.atomic
def end_live(channel: Channel) -> None:
    """The plan's live time is used up: she is stopped, and the reason stands in the journal."""
    stop(channel, acting_user=None)
    record(channel, None, "budget.live_time_over")


@transaction.atomic
def set_ceilings(
    channel: Channel,
    *,
    acting_user: User | None,
    hourly_micros: int | None,
    daily_micros: int | None,
    farewell: str | None = None,
) -> None:
    """The owner's ceilings on all that is spent; None: no more than the site's. No `farewell` leaves it as it is."""
    counters.ensure(channel, timezone.now())
    locked = Budget.objects.select_for_update().get(channel=channel)
    values = {
        "hourly_ceiling_micros": hourly_micros,
        "daily_ceiling_micros": daily_micros,
        "farewell": locked.farewell if farewell is None else farewell,
    }
    if all(getattr(locked, name) == value for name, value in values.items()):
        return
    Budget.objects.filter(pk=locked.pk).update(**values)
    record(channel, acting_user, "budget.ceilings_changed", **values)
    after_commit(lambda: push.inbox_now(channel, {"t": "command", "name": "reload"}))
