"""What becomes of an event that was kept: whom it is about is synced, and it is done."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from billing import gateway, sync
from billing.models import Customer, StripeEvent

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 300
"""With a sweep each five minutes: about a day."""
PATIENCE = timedelta(minutes=1)
"""A worker has so long to take an event before the sweep does."""


def look_into(event_pk: int, *, now: datetime | None = None) -> None:
    """Safe to repeat. What Stripe could not answer is left for the sweep."""
    event = StripeEvent.objects.filter(pk=event_pk, state=StripeEvent.State.RECEIVED).first()
    if event is None:
        return
    try:
        stripe_id = event.customer_id or (gateway.customer_of_charge(event.charge_id) if event.charge_id else "")
        customer = Customer.objects.filter(stripe_id=stripe_id).first() if stripe_id else None
        if customer is None:
            _end([event.pk], StripeEvent.State.IGNORED)
            return
        # Stripe tells several things at once. Those that stand here before it is asked are in what it answers.
        waiting = StripeEvent.objects.filter(customer_id=stripe_id, state=StripeEvent.State.RECEIVED)
        covered = [event.pk, *waiting.values_list("pk", flat=True)]
        if sync.sync_customer(customer.pk, now=now):
            _end(covered, StripeEvent.State.DONE)
    except gateway.StripeProblem as problem:
        is_over = not problem.retryable or event.attempts + 1 >= MOST_ATTEMPTS
        log.error("the event %s could not be looked into: %s", event.stripe_id, problem)
        StripeEvent.objects.filter(pk=event.pk).update(
            attempts=F("attempts") + 1,
            problem=str(problem)[:300],
            state=StripeEvent.State.FAILED if is_over else StripeEvent.State.RECEIVED,
        )


def look_into_all(*, now: datetime) -> int:
    """Those that no worker took, or that failed for a while, the oldest first. Returns how many."""
    waiting = StripeEvent.objects.filter(state=StripeEvent.State.RECEIVED, received_at__lt=now - PATIENCE)
    found = list(waiting.order_by("received_at").values_list("pk", flat=True)[:500])
    for pk in found:
        look_into(pk, now=now)
    return len(found)


def _end(keys: list[int], state: StripeEvent.State) -> None:
    StripeEvent.objects.filter(pk__in=keys).update(
        state=state, attempts=F("attempts") + 1, problem="", done_at=timezone.now()
    )
