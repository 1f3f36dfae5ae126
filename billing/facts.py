"""What Stripe says, as plain values of ours, and how they are read out of its objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

MADE_BY = "aigirl"
"""Metadata key by which our products, prices and portal settings are found again."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What an event says of itself, and whom it is about."""

    stripe_id: str
    type: str
    made_at: datetime
    livemode: bool
    api_version: str
    account: str
    customer_id: str
    charge_id: str


@dataclass(frozen=True, slots=True)
class SubscriptionFacts:
    """A subscription at Stripe, under the names of our row."""

    stripe_id: str
    item_id: str
    lookup_key: str
    sold_as: str
    """Plan that the price itself names: it stays when another price takes the lookup key over."""
    status: str
    paused: bool
    begun_at: datetime
    period_start: datetime
    period_end: datetime
    trial_end: datetime | None
    cancel_at: datetime | None
    ended_at: datetime | None
    past_due_since: datetime | None


@dataclass(frozen=True, slots=True)
class ReversalFacts:
    """A refund or a dispute at Stripe, under the names of our row."""

    stripe_id: str
    kind: str
    status: str
    amount: int
    currency: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """All that decides about a customer."""

    is_deleted: bool
    subscriptions: tuple[SubscriptionFacts, ...] = ()
    reversals: tuple[ReversalFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class ListedPrice:
    """A price at Stripe. `amount` in minor units."""

    stripe_id: str
    lookup_key: str
    product: str
    amount: int
    currency: str
    interval: str


def hint_of(event: Mapping[str, Any]) -> Hint:
    """Raises KeyError, TypeError or AttributeError for what is no event."""
    about = event["data"]["object"]
    customer = about.get("customer") or ""
    return Hint(
        stripe_id=str(event["id"])[:80],
        type=str(event["type"])[:80],
        made_at=moment(event["created"]),
        livemode=bool(event["livemode"]),
        api_version=str(event.get("api_version") or ""),
        account=str(event.get("account") or ""),
        customer_id=str(about["id"] if about.get("object") == "customer" else id_of(customer))[:64],
        charge_id=str(about["id"] if about.get("object") == "charge" else id_of(about.get("charge") or ""))[:64],
    )


def subscription_facts(found: Any, past_due_since: datetime | None) -> SubscriptionFacts:
    """`past_due_since` is when the oldest invoice that is still open was due."""
    # The period stands on the line; `items` is an attribute of Stripe's object and not a method of a dict.
    line = found.items.data[0]
    paused = getattr(found, "pause_collection", None)
    return SubscriptionFacts(
        stripe_id=found.id,
        item_id=line.id,
        lookup_key=line.price.lookup_key or "",
        sold_as=line.price.metadata.to_dict().get(MADE_BY, ""),
        status=found.status,
        paused=paused is not None and paused.behavior == "void",
        begun_at=moment(found.start_date),
        period_start=moment(line.current_period_start),
        period_end=moment(line.current_period_end),
        trial_end=_maybe(found.trial_end),
        cancel_at=_maybe(found.cancel_at or (line.current_period_end if found.cancel_at_period_end else None)),
        ended_at=_maybe(found.ended_at),
        past_due_since=past_due_since,
    )


def reversal_facts(kind: str, found: Any) -> ReversalFacts:
    return ReversalFacts(found.id, kind, found.status or "", found.amount, found.currency, moment(found.created))


def listed_price(found: Any) -> ListedPrice:
    interval = found.recurring.interval if found.recurring else ""
    return ListedPrice(
        found.id, found.lookup_key, id_of(found.product), found.unit_amount or 0, found.currency, str(interval)
    )


def id_of(found: Any) -> str:
    """Of an object that may have been sent whole, or as its id."""
    if isinstance(found, Mapping):
        return str(found["id"])
    return str(getattr(found, "id", found) or "")


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _maybe(seconds: int | None) -> datetime | None:
    return None if seconds is None else moment(seconds)
