"""How much a channel may spend and use: the site's ceilings, the owner's, and the plan's quota."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings

from billing.models import Budget
from channels_app.entitlements import Entitlements, entitlements_of
from channels_app.models import Channel

MICROS = 1_000_000
"""Of a dollar."""


@dataclass(frozen=True, slots=True)
class Limits:
    """None: without limit. Money is millionths of a US dollar."""

    site_hour: int | None = None
    """On the platform's money that the channel spends in an hour."""
    site_day: int | None = None
    owner_hour: int | None = None
    """On all that the channel spends in an hour, its own providers included."""
    owner_day: int | None = None
    house_day: int | None = None
    """On the platform's money that all channels spend in a day."""
    replies: int | None = None
    characters: int | None = None
    live_seconds: int | None = None
    period: datetime | None = None
    """When the plan's period began; None: not looked up."""


def limits_of(channel: Channel, budget: Budget, now: datetime) -> Limits:
    """`budget`: where the owner's ceilings stand."""
    env, plan = settings.ENV, entitlements_of(channel)
    return Limits(
        site_hour=micros(env.CHANNEL_HOURLY_CEILING),
        site_day=micros(env.CHANNEL_DAILY_CEILING),
        owner_hour=budget.hourly_ceiling_micros,
        owner_day=budget.daily_ceiling_micros,
        house_day=micros(env.SITE_DAILY_CEILING),
        replies=plan.replies,
        characters=plan.characters,
        live_seconds=plan.live_seconds,
        period=period_of(plan, now),
    )


def micros(dollars: float | None) -> int | None:
    """A ceiling in the environment; 0 or none: there is none."""
    return round(dollars * MICROS) if dollars else None


def hour_of(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def day_of(now: datetime) -> datetime:
    return hour_of(now).replace(hour=0)


def period_of(plan: Entitlements, now: datetime) -> datetime:
    """When the plan's present period began: with the calendar month (UTC) where it names none, or one yet to come."""
    if plan.period_start:
        began = datetime.fromisoformat(plan.period_start)
        began = began if began.tzinfo else began.replace(tzinfo=UTC)
        if began <= now:
            return began
    return day_of(now).replace(day=1)


def next_month(now: datetime) -> datetime:
    """When the calendar month after this one begins (UTC)."""
    return (day_of(now).replace(day=1) + timedelta(days=32)).replace(day=1)
