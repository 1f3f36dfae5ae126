"""The counters beside the ledger: made from its sums, moved by conditional updates, never below nothing.

Everybody locks in the same order, so that nobody waits for each other: reservation, channel's budget, the house's day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
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


def ensure(channel: Channel, now: datetime) -> Budget:
    """The channel's counters for the present hour, day and period. What is new among these is counted from the
    ledger."""
    house_day(day_of(now))
    budget = Budget.objects.filter(channel=channel).first()
    if budget is None:
        # Whether the plan's period began elsewhere stands on the whole channel.
        period = _period(channel, now)
        budget, _made = Budget.objects.get_or_create(channel=channel, defaults=_counted(channel, now, period))
    return _turned(budget, channel, now)


def _period(channel: Channel, now: datetime) -> datetime:
    entitlements = Channel.objects.values_list("entitlements", flat=True).get(pk=channel.pk)
    return period_of(entitlements_of(Channel(entitlements=entitlements)), now)


def _turned(budget: Budget, channel: Channel, now: datetime) -> Budget:
    """The counters after the hour, the day or the period has changed. A clock that goes back changes nothing."""
    period = _period(channel, now)
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
    found = HouseDay.objects.filter(day=day).first()
    if found is not None:
        return found
    rows = UsageRecord.objects.filter(at__gte=day).aggregate(micros=Sum(F("cost_micros") - F("own_micros"), default=0))
    made, _new = HouseDay.objects.get_or_create(day=day, defaults={"micros": rows["micros"]})
    return made


def take_back(channel: Channel, key: str) -> Reservation | None:
    """Takes the reservation away and hands it over to whoever took it; None to everybody else."""
    row = Reservation.objects.filter(channel=channel, key=key).first()
    if row is None:
        return None
    taken, _by_model = Reservation.objects.filter(pk=row.pk).delete()
    return row if taken else None


def count(channel: Channel, *, spent: Spent | None = None, held: Reservation | None = None) -> None:
    """Adds what was spent, and gives back what was held: one update of the budget and one for each day of the house."""
    changes: dict[str, Any] = {}
    if held is not None:
        for name in ("micros", "own_micros", "replies", "characters"):
            changes[f"held_{name}"] = F(f"held_{name}") - getattr(held, name)
    if spent is not None:
        changes |= _added(spent)
    if changes:
        Budget.objects.filter(channel=channel).update(**changes)
    if spent is not None and spent.micros > spent.own_micros:
        row = HouseDay.objects.filter(day=day_of(spent.at))
        row.update(micros=F("micros") + spent.micros - spent.own_micros)
    if held is not None and held.micros > held.own_micros:
        row = HouseDay.objects.filter(day=held.day)
        row.update(held_micros=F("held_micros") - (held.micros - held.own_micros))


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
