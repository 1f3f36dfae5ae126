"""Nightly: compares everything that lives at Stripe with what stands here, writes down what differs, and heals it."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from billing import gateway, sync, telling
from billing.models import Customer, Reconciliation, Reversal, StripeEvent, StripeRequest, Subscription

log = logging.getLogger(__name__)

EVERY = timedelta(hours=24)
REVERSALS_LOOK_BACK = timedelta(days=180)
"""A dispute may be opened and decided long after the payment; banks give up before this."""
ENDED_LOOK_BACK = timedelta(days=60)
"""What ended, and was known here before, is missed among the living; only what nobody ever heard of is looked for."""
KEPT = timedelta(days=90)
"""Events that are done, requests and old comparisons."""


def is_due(now: datetime) -> bool:
    return not Reconciliation.objects.filter(begun_at__gt=now - EVERY).exists()


def reconcile(*, now: datetime) -> Reconciliation:
    """The comparison, healed as far as Stripe answers. What stays different is a fault, and the row says so."""
    row = Reconciliation.objects.create(begun_at=now)
    try:
        found = [*_differences(row)]
        row.differences = [{key: _plain(value) for key, value in each.items() if key != "customer"} for each in found]
        for customer_pk in {each["customer"] for each in found if each["customer"]}:
            row.healed += sync.sync_customer(customer_pk, now=now)
    except gateway.StripeProblem as problem:
        row.problem = str(problem)[:300]
        log.error("the comparison with Stripe broke off: %s", problem)
    row.ended_at = now
    row.save()
    telling.reconciliation_is_here(row)
    return row


def forget_old(*, now: datetime) -> None:
    """What nobody asks for after three months."""
    StripeEvent.objects.filter(received_at__lt=now - KEPT).exclude(state=StripeEvent.State.FAILED).delete()
    StripeRequest.objects.filter(asked_at__lt=now - KEPT).delete()
    Reconciliation.objects.filter(begun_at__lt=now - KEPT).delete()


def _differences(row: Reconciliation) -> Iterator[dict[str, Any]]:
    """Each {"what", "id", "field", "here", "stripe", "customer"}; `customer` is our row's, None where there is none."""
    ours = dict(Customer.objects.filter(stripe_id__isnull=False).values_list("stripe_id", "pk"))
    here = {each.stripe_id: each for each in Subscription.objects.all()}
    seen: Counter[str] = Counter()
    for customer_id, fact in gateway.subscriptions(row.begun_at - ENDED_LOOK_BACK):
        values = sync.values_of(fact)
        customer = ours.get(customer_id)
        is_living = fact.status in Subscription.LIVING
        if customer is None and not (values["plan"] and is_living):
            continue  # something else that is sold from the same account, or of who is gone
        row.compared += 1
        about = {"what": "subscription", "id": fact.stripe_id, "customer": customer}
        seen[customer_id] += is_living and fact.status != Subscription.Status.INCOMPLETE
        if seen[customer_id] > 1 and is_living:
            yield about | {"field": "a second one", "here": "", "stripe": fact.status}
        yield from _compared(about, here.pop(fact.stripe_id, None), values)
    for left in here.values():
        if left.status in Subscription.LIVING:
            about = {"what": "subscription", "id": left.stripe_id, "customer": left.customer_id}
            yield about | {"field": "status", "here": left.status, "stripe": "ended"}
    yield from _differing_reversals(row, ours)


def _differing_reversals(row: Reconciliation, ours: dict[str | None, int]) -> Iterator[dict[str, Any]]:
    here = {each.stripe_id: each for each in Reversal.objects.all()}
    for charge_id, fact in gateway.reversals_since(row.begun_at - REVERSALS_LOOK_BACK):
        known = here.get(fact.stripe_id)
        customer = known.customer_id if known else ours.get(gateway.customer_of_charge(charge_id))
        if customer is None:
            continue
        row.compared += 1
        values = asdict(fact)
        values.pop("stripe_id")
        yield from _compared({"what": fact.kind, "id": fact.stripe_id, "customer": customer}, known, values)


def _compared(
    about: dict[str, Any], known: Subscription | Reversal | None, values: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    if known is None:
        yield about | {"field": "all of it", "here": "", "stripe": values["status"]}
        return
    for name, value in values.items():
        if getattr(known, name) != value:
            yield about | {"field": name, "here": getattr(known, name), "stripe": value}


def _plain(value: Any) -> Any:
    """As it can stand in JSON."""
    return value.isoformat() if isinstance(value, datetime) else value
