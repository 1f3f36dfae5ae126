"""What a channel may use, worked out from what is known of it. Pure: no row, no clock, no Stripe."""

from __future__ import annotations

import calendar
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from billing.plans import FREE, Plan, plan_named
from channels_app.entitlements import UNLIMITED, Entitlements

GRACE = timedelta(days=7)
"""How long a plan goes on after a payment failed."""
PAYING = ("trialing", "active")


@dataclass(frozen=True, slots=True)
class SubscriptionState:
    """Of a subscription, what decides. Times are aware."""

    plan: str
    status: str
    """Stripe's word."""
    period_start: datetime
    past_due_since: datetime | None = None
    """When the oldest unpaid invoice became due."""
    paused: bool = False
    """Payments are paused because the service is (`pause_collection` "void")."""


@dataclass(frozen=True, slots=True)
class Credit:
    """What operators add to the amounts of one period."""

    live_seconds: int = 0
    replies: int = 0
    characters: int = 0


@dataclass(frozen=True, slots=True)
class Override:
    """What an operator decided. An empty plan leaves the plan alone; no end: until it is taken back."""

    plan: str = ""
    until: datetime | None = None
    credit: Credit = Credit()


def entitlements_at(
    now: datetime,
    *,
    sells: bool,
    subscription: SubscriptionState | None = None,
    overrides: tuple[Override, ...] = (),
    money_taken_back: bool = False,
) -> Entitlements:
    """The limits at this time. `sells` is whether the site sells plans at all; `money_taken_back`, a dispute stands.

    Of several overrides the last one that names a plan decides; their credits add up.
    """
    if not sells:
        return UNLIMITED
    living = [each for each in overrides if each.until is None or now < each.until]
    plan = FREE
    period_start: datetime | None = None
    if subscription is not None and not money_taken_back and is_good(subscription, now):
        plan = plan_named(subscription.plan) or FREE
        period_start = month_from(subscription.period_start, now)
    for override in living:
        plan = plan_named(override.plan) or plan
    return _with_credit(plan, [override.credit for override in living], period_start)


def is_good(subscription: SubscriptionState, now: datetime) -> bool:
    """Whether the subscription gives its plan now: paid for, tried out, or within the grace after a failed payment."""
    if subscription.paused:
        return False
    if subscription.status in PAYING:
        return True
    end = grace_end(subscription)
    return end is not None and now < end


def grace_end(subscription: SubscriptionState) -> datetime | None:
    """When a plan whose payment failed falls to the free one; None where nothing is overdue."""
    if subscription.status != "past_due" or subscription.past_due_since is None:
        return None
    return subscription.past_due_since + GRACE


def month_from(anchor: datetime, now: datetime) -> datetime:
    """When the month that runs now began, where months are counted from the anchor; the anchor itself before it.

    A month that is too short for the anchor's day begins on its last day.
    """
    if now <= anchor:
        return anchor
    months = (now.year - anchor.year) * 12 + now.month - anchor.month
    begun = _months_later(anchor, months)
    return begun if begun <= now else _months_later(anchor, months - 1)


def _months_later(anchor: datetime, months: int) -> datetime:
    year, month = divmod(anchor.month - 1 + months, 12)
    year, month = anchor.year + year, month + 1
    return anchor.replace(year=year, month=month, day=min(anchor.day, calendar.monthrange(year, month)[1]))


def _with_credit(plan: Plan, given: list[Credit], period_start: datetime | None) -> Entitlements:
    limits = plan.limits
    for name in ("live_seconds", "replies", "characters"):
        amount = getattr(limits, name)
        if amount is not None:
            limits = replace(limits, **{name: amount + sum(getattr(credit, name) for credit in given)})
    return replace(limits, period_start=period_start.isoformat() if period_start else None)
