"""The counters beside the ledger: made from its sums, moved by conditional updates, never below nothing.

Everybody locks in the same order, so that nobody waits for each other: reservation, channel's budget, the house's day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Sum, Value, When

from billing.limits import day_of, hour_of, period_of
from billing.models import Budget, HouseDay, Reservation, UsageRecord
from channels_app.entitlements import entitlements_of
from channels_app.models import Channel


@dataclass(frozen=True, slots=True)
class Spent:
    """What one record adds to the counters."""

    at: datetime
    micros: int
    own_micros: int
    replies: int
    characters: int
    live_seconds: int

    @classmethod
    def of(cls, record: UsageRecord) -> Spent:
        return cls(
            record.at,
            record.cost_micros,
            record.own_micros,
            record.replies,
            record.provider_characters,
            record.live_seconds,
        )


def ensure(channel: Channel, now: datetime, period: datetime | None = None, *, known: Budget | None = None) -> Budget:
    """The channel's counters for the present hour, day and period. What is new among these is counted from the
    ledger. `period`: when the plan's began; `known`: its row as it was read just now. Both are looked up without."""
    period = period or _period(channel, now)
    budget = known or Budget.objects.filter(channel=channel).first()
    if budget is None:
        budget, _made = Budget.objects.get_or_create(channel=channel, defaults=_counted(channel, now, period))
    return _turned(budget, channel, now, period)


def _period(channel: Channel, now: datetime) -> datetime:
    entitlements = Channel.objects.values_list("entitlements", flat=True).get(pk=channel.pk)
    return period_of(entitlements_of(Channel(entitlements=entitlements)), now)


def _turned(budget: Budget, channel: Channel, now: datetime, period: datetime) -> Budget:
    """The counters after the hour, the day or the period has changed. A clock that goes back changes nothing."""
    if hour_of(now) <= budget.hour and day_of(now) <= budget.day and period == budget.period:
        return budget
    with transaction.atomic():
        budget = Budget.objects.select_for_update().get(pk=budget.pk)
        for name, value in _counted(channel, max(now, budget.hour), period).items():
            setattr(budget, name, value)
        budget.save(update_fields=COUNTED)
    return budget


COUNTED = [
    "hour", "hour_micros", "hour_own_micros", "day", "day_micros", "day_own_micros", "period", "period_replies",
    "period_characters", "period_live_seconds",
]  # fmt: skip


def _counted(channel: Channel, now: datetime, period: datetime) -> dict[str, Any]:
    """The ledger's sums within the present hour, day and period."""
    rows = UsageRecord.objects.filter(channel=channel)
    hour, day = hour_of(now), day_of(now)
    of_hour = rows.filter(at__gte=hour).aggregate(all=Sum("cost_micros", default=0), own=Sum("own_micros", default=0))
    of_day = rows.filter(at__gte=day).aggregate(all=Sum("cost_micros", default=0), own=Sum("own_micros", default=0))
    of_period = rows.filter(at__gte=period).aggregate(
        replies=Sum("replies", default=0),
        characters=Sum("provider_characters", default=0),
        live=Sum("live_seconds", default=0),
    )
    values = (
        hour, of_hour["all"], of_hour["own"], day, of_day["all"], of_day["own"], period, of_period["replies"],
        of_period["characters"], of_period["live"],
    )  # fmt: skip
    return dict(zip(COUNTED, values, strict=True))


def house_day(day: datetime) -> HouseDay:
    """What all channels spent on this day; a day nobody asked for yet is counted from the ledger."""
    return HouseDay.objects.filter(day=day).first() or _made_house_day(day)[0]


def _made_house_day(day: datetime) -> tuple[HouseDay, bool]:
    rows = UsageRecord.objects.filter(at__gte=day, at__lt=day + timedelta(days=1))
    sums = rows.aggregate(micros=Sum(F("cost_micros") - F("own_micros"), default=0))
    return HouseDay.objects.get_or_create(day=day, defaults={"micros": sums["micros"]})


def take_back(channel: Channel, key: str) -> Reservation | None:
    """Takes the reservation away and hands it over to whoever took it; None to everybody else."""
    row = Reservation.objects.filter(channel=channel, key=key).first()
    if row is None:
        return None
    taken, _by_model = Reservation.objects.filter(pk=row.pk).delete()
    return row if taken else None


def count(channel: Channel, *, spent: Spent | None = None, held: Reservation | None = None) -> None:
    """Adds what was spent, which stands in the ledger already, and gives back what was held."""
    changes: dict[str, Any] = {}
    if held is not None:
        for name in ("micros", "own_micros", "replies", "characters"):
            changes[f"held_{name}"] = F(f"held_{name}") - getattr(held, name)
    if spent is not None:
        changes |= _added(spent)
    mine = Budget.objects.filter(channel=channel)
    if changes and not mine.update(**changes) and spent is not None:
        # Counters made by us hold the record; made by somebody at the same time they may not have seen it.
        counted = _counted(channel, spent.at, _period(channel, spent.at))
        _budget, made = Budget.objects.get_or_create(channel=channel, defaults=counted)
        if not made:
            mine.update(**changes)
    _count_house(spent, held)


def _count_house(spent: Spent | None, held: Reservation | None) -> None:
    """The same for the platform's part, on each day it belongs to; mostly that is one."""
    days: dict[datetime, dict[str, Any]] = {}
    if held is not None and (back := held.micros - held.own_micros):
        days.setdefault(held.day, {})["held_micros"] = F("held_micros") - back
    if spent is not None and (more := spent.micros - spent.own_micros):
        days.setdefault(day_of(spent.at), {})["micros"] = F("micros") + more
    for day, changes in sorted(days.items()):
        rows = HouseDay.objects.filter(day=day)
        if not rows.update(**changes) and not _made_house_day(day)[1]:
            rows.update(**changes)


def _added(spent: Spent) -> dict[str, Any]:
    """Each amount, in the windows the record lies in."""
    amounts = {
        "hour": {"micros": spent.micros, "own_micros": spent.own_micros},
        "day": {"micros": spent.micros, "own_micros": spent.own_micros},
        "period": {
            "replies": spent.replies,
            "characters": spent.characters,
            "live_seconds": spent.live_seconds,
        },
    }
    return {
        f"{window}_{name}": F(f"{window}_{name}")
        + Case(When(**{f"{window}__lte": spent.at}, then=Value(amount)), default=Value(0))
        for window, added in amounts.items()
        for name, amount in added.items()
        if amount
    }


def expired(now: datetime, most: int) -> list[tuple[Channel, str]]:
    rows = Reservation.objects.filter(expires_at__lte=now).order_by("expires_at")[:most]
    return [(Channel(pk=channel), key) for channel, key in rows.values_list("channel_id", "key")]


def held_keys(channel: Channel) -> list[str]:
    return list(Reservation.objects.filter(channel=channel).values_list("key", flat=True))
