"""What is sold: the plans as data. A price is tied to the one at Stripe by its `lookup_key`, and by nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from django.utils.translation import pgettext_lazy

from channels_app.entitlements import BUILT_IN, OWN, Entitlements

Interval = Literal["month", "year"]
INTERVALS: tuple[Interval, ...] = ("month", "year")
HOUR = 3600


@dataclass(frozen=True, slots=True)
class Price:
    """What a plan costs. `amount` is in minor units (cents)."""

    lookup_key: str
    interval: Interval
    amount: int
    currency: str = "usd"


@dataclass(frozen=True, slots=True)
class Plan:
    """`limits` count within a month, also where a year is paid for."""

    name: str
    title: Any
    """Lazily translated."""
    limits: Entitlements
    prices: tuple[Price, ...] = ()
    trial_days: int = 0
    product: str = field(default="")
    """What Stripe's invoices call it."""

    def price(self, interval: Interval) -> Price:
        return next(price for price in self.prices if price.interval == interval)

    @property
    def yearly_saving(self) -> int:
        """Percent that a year paid at once is cheaper than twelve months; 0 where nothing is sold."""
        if not self.prices:
            return 0
        return round(100 - self.price("year").amount * 100 / (self.price("month").amount * 12))


FREE = Plan(
    name="free",
    title=pgettext_lazy("plan", "Free"),
    limits=Entitlements(
        plan="free",
        live_seconds=10 * HOUR,
        replies=600,
        characters=0,
        voices=(BUILT_IN, OWN),
        avatar_kinds=("svg",),
        channels=1,
        moderators=1,
        history_days=7,
    ),
)
CREATOR = Plan(
    name="creator",
    title=pgettext_lazy("plan", "Creator"),
    product="AI Girl Creator",
    limits=Entitlements(
        plan="creator",
        live_seconds=120 * HOUR,
        replies=12_000,
        characters=600_000,
        avatar_kinds=("svg", "png"),
        channels=1,
        moderators=5,
        history_days=90,
    ),
    prices=(Price("aigirl_creator_month", "month", 1200), Price("aigirl_creator_year", "year", 12_000)),
    trial_days=7,
)
STUDIO = Plan(
    name="studio",
    title=pgettext_lazy("plan", "Studio"),
    product="AI Girl Studio",
    limits=Entitlements(
        plan="studio",
        live_seconds=400 * HOUR,
        replies=50_000,
        characters=2_500_000,
        channels=3,
        history_days=365,
    ),
    prices=(Price("aigirl_studio_month", "month", 2900), Price("aigirl_studio_year", "year", 29_000)),
    trial_days=7,
)
CATALOGUE = (FREE, CREATOR, STUDIO)
"""From the least to the most."""
PAID = tuple(plan for plan in CATALOGUE if plan.prices)


def plan_named(name: str) -> Plan | None:
    return next((plan for plan in CATALOGUE if plan.name == name), None)


def plan_of_price(lookup_key: str) -> Plan | None:
    """The plan that this price buys; None for a price that is not ours."""
    return next((plan for plan in CATALOGUE for price in plan.prices if price.lookup_key == lookup_key), None)


def price_of(lookup_key: str) -> Price | None:
    return next((price for plan in CATALOGUE for price in plan.prices if price.lookup_key == lookup_key), None)


def rank(name: str) -> int:
    """Place in the catalogue; -1 for a plan that is no more."""
    return next((place for place, plan in enumerate(CATALOGUE) if plan.name == name), -1)
