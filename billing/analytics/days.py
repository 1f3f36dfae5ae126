"""The days of a channel from its turns, its ledger and what was paid to it. A day that is over is worked out once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.core.cache import cache

from billing.analytics.figures import BIT_CENTS, SUB_CENTS, Amount, Figures, Reply, stretches
from billing.models import UsageRecord
from channels_app import tips
from channels_app.dashboard.state import stage_times
from channels_app.models import Channel, PaidEvent, Turn

Day = tuple[date, Sequence[Figures]]
"""A day in UTC and its stretches, see `figures.stretches`."""
KEPT_SECONDS = 30 * 24 * 3600
SETTLED = timedelta(hours=1)
"""So long after midnight nothing is written about the day before any more."""


def days_of(channel: Channel, first: date, last: date, *, now: datetime) -> list[Day]:
    """Every day from `first` to `last`, both included."""
    asked = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    names = {_name(channel, day): day for day in asked if _is_over(day, now)}
    known: dict[str, Sequence[Figures]] = cache.get_many(names)
    fresh: dict[str, Sequence[Figures]] = {}
    found: list[Day] = []
    for day in asked:
        name = _name(channel, day)
        figures = known.get(name)
        if figures is None:
            figures = _worked_out(channel, day)
            if name in names:
                fresh[name] = figures
        found.append((day, figures))
    if fresh:
        cache.set_many(fresh, KEPT_SECONDS)
    return found


def _is_over(day: date, now: datetime) -> bool:
    return _midnight(day + timedelta(days=1)) + SETTLED <= now


def _name(channel: Channel, day: date) -> str:
    return f"analytics-2:{channel.public_id}:{day.isoformat()}"


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _worked_out(channel: Channel, day: date) -> list[Figures]:
    begin, end = _midnight(day), _midnight(day + timedelta(days=1))
    amounts = [*_costs(channel, begin, end), *_income(channel, begin, end)]
    return stretches(_replies(channel, begin, end), amounts)


def _replies(channel: Channel, begin: datetime, end: datetime) -> Iterator[Reply]:
    turns = Turn.objects.filter(channel=channel, created_at__gte=begin, created_at__lt=end).order_by("created_at")
    for at, person, outcome, timings in turns.values_list("created_at", "person", "outcome", "timings_ms"):
        yield Reply(at, person, outcome, stage_times(timings))


def _costs(channel: Channel, begin: datetime, end: datetime) -> Iterator[Amount]:
    records = UsageRecord.objects.filter(channel=channel, at__gte=begin, at__lt=end)
    for at, micros, kind, exact in records.values_list("at", "cost_micros", "kind", "exact"):
        yield Amount(at, micros, "reply" if kind == UsageRecord.Kind.REPLY else "other", exact)


def _income(channel: Channel, begin: datetime, end: datetime) -> Iterator[Amount]:
    events = PaidEvent.objects.filter(channel=channel, received_at__gte=begin, received_at__lt=end)
    # What was typed on the dashboard, or only tried out, brought in nothing.
    events = events.exclude(event_id__startswith=tips.TRIAL)
    for at, kind, payload in events.values_list("received_at", "kind", "payload"):
        if kind == tips.KIND and (given := _given(payload)) is not None:
            currency, micros = given
            yield Amount(at, round(tips.worth_cents(micros, currency) * 10_000), "tips", given=given)
        elif (amount := income_of(kind, payload)) is not None:
            yield Amount(at, amount[0] * 10_000, amount[1], exact=amount[1] == "bits")


def _given(payload: dict[str, Any]) -> tuple[str, int] | None:
    """Currency of a tip, and millionths of it."""
    tip = payload.get("tip") or {}
    return (str(tip["currency"]), int(tip["micros"])) if {"currency", "micros"} <= set(tip) else None


def income_of(kind: str, payload: dict[str, Any]) -> tuple[int, str] | None:
    """What an event on Twitch brings its broadcaster: US cents, and of what. None for what is paid in points."""
    number = payload.get("amount")
    count = number if isinstance(number, int) else 0
    if kind == "cheer":
        return count * BIT_CENTS, "bits"
    if kind in ("sub", "gift"):
        tier = str(payload.get("title", ""))[-1:]
        return SUB_CENTS.get(tier, SUB_CENTS["1"]) * (count if kind == "gift" else 1), "subs"
    return None
