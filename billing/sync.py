"""Brings a customer's rows to what stands at Stripe. Whatever the reason, all of it is asked for anew, so that events
may come twice, late, in any order or not at all.

One at a time works on a customer. It is marked on the row and not by a lock that lasts: SQLite has one write lock for
the whole site, which must not wait for Stripe.
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from billing import gateway, granting, telling, trials
from billing.facts import CustomerFacts, ReversalFacts, SubscriptionFacts
from billing.models import Customer, Reversal, StripeRequest, Subscription
from billing.plans import plan_named, plan_of_price
from channels_app.actions import after_commit, record

log = logging.getLogger(__name__)

CLAIM = timedelta(seconds=120)
"""Who asks Stripe has so long; who died at it holds up the others no longer."""
ROUNDS = 5


def sync_customer(customer_pk: int, *, now: datetime | None = None) -> bool:
    """Asks Stripe about the customer and writes down what it says. Raises StripeProblem.

    False where somebody else is at it, who then does it once more: what made us come is not lost.
    """
    if not Customer.objects.filter(pk=customer_pk, stripe_id__isnull=False).update(wanted=F("wanted") + 1):
        return True
    mark = _claim(customer_pk)
    if mark is None:
        return False
    try:
        for _round in range(ROUNDS):
            if _once(customer_pk, mark, now or timezone.now()):
                return True
    finally:
        Customer.objects.filter(pk=customer_pk, syncing_until=mark).update(syncing_until=None)
    return True


def _claim(customer_pk: int) -> datetime | None:
    """The mark of who may ask Stripe about this customer now; None where somebody does."""
    present = timezone.now()
    mark = present + CLAIM
    free = Q(syncing_until__isnull=True) | Q(syncing_until__lt=present)
    return mark if Customer.objects.filter(free, pk=customer_pk).update(syncing_until=mark) else None


def _once(customer_pk: int, mark: datetime, now: datetime) -> bool:
    """One round. Whether nothing more was wanted meanwhile, or the claim is lost: then another has taken over."""
    customer = Customer.objects.filter(pk=customer_pk, syncing_until=mark).first()
    if customer is None or customer.stripe_id is None:
        return True
    facts = gateway.facts_of(customer.stripe_id)
    with transaction.atomic():
        locked = Customer.objects.select_for_update().filter(pk=customer_pk, syncing_until=mark).first()
        if locked is None:
            return True
        apply(locked, facts, now=now)
        done = Customer.objects.filter(pk=customer_pk, wanted=customer.wanted).update(syncing_until=None)
    return bool(done)


def apply(customer: Customer, facts: CustomerFacts, *, now: datetime) -> None:
    """Makes the customer's rows those facts. Repeatable; in a transaction that holds the row."""
    changed: list[str] = []
    if facts.is_deleted:
        living = Subscription.objects.filter(customer=customer, ended_at__isnull=True)
        changed += living.values_list("stripe_id", flat=True)
        living.update(status=Subscription.Status.CANCELED, ended_at=now, past_due_since=None, cancel_at=None)
        # Asked for again, it must be another one.
        customer.stripe_id, customer.key = None, uuid.uuid4()
    else:
        changed += _subscriptions(customer, facts.subscriptions)
        changed += _reversals(customer, facts.reversals)
    if any(fact.trial_end for fact in facts.subscriptions):
        trials.use(customer.channel, now=now)
    if facts.is_deleted or any(fact.status in Subscription.LIVING for fact in facts.subscriptions):
        StripeRequest.objects.filter(
            customer=customer, kind=StripeRequest.Kind.CHECKOUT, closed_at__isnull=True
        ).update(closed_at=now)
    customer.synced_at = now
    customer.save(update_fields=["stripe_id", "key", "synced_at"])
    if changed:
        record(customer.channel, None, "billing.synced", changed=sorted(changed))
    granting.grant(customer.channel, now=now)


def _subscriptions(customer: Customer, facts: tuple[SubscriptionFacts, ...]) -> list[str]:
    """Stripe's ids of those that changed."""
    present = {row.stripe_id: row for row in Subscription.objects.filter(customer=customer)}
    changed = [stripe_id for stripe_id in present if stripe_id not in {fact.stripe_id for fact in facts}]
    Subscription.objects.filter(customer=customer, stripe_id__in=changed).delete()
    for fact in facts:
        values = values_of(fact)
        if _write(present.get(fact.stripe_id) or Subscription(customer=customer, stripe_id=fact.stripe_id), values):
            changed.append(fact.stripe_id)
    return changed


def values_of(fact: SubscriptionFacts) -> dict[str, Any]:
    """The fields of our row."""
    plan = plan_of_price(fact.lookup_key) or plan_named(fact.sold_as)
    values = asdict(fact) | {"plan": plan.name if plan else ""}
    for name in ("stripe_id", "sold_as"):
        values.pop(name)
    return values


def _reversals(customer: Customer, facts: tuple[ReversalFacts, ...]) -> list[str]:
    """Stripe's ids of those that changed. What is no longer among the latest payments stays."""
    present = {row.stripe_id: row for row in Reversal.objects.filter(customer=customer)}
    changed = []
    for fact in facts:
        values = asdict(fact)
        row = present.get(values.pop("stripe_id")) or Reversal(customer=customer, stripe_id=fact.stripe_id)
        is_new = row.pk is None
        if _write(row, values):
            changed.append(fact.stripe_id)
            log.warning("%s %s is %s", fact.kind, fact.stripe_id, fact.status)
        if is_new:
            after_commit(lambda pk=row.pk: telling.reversal_is_here(pk))  # type: ignore[misc]
    return changed


def _write(row: Subscription | Reversal, values: dict[str, Any]) -> bool:
    """Whether the row is new or other than it was."""
    if row.pk is not None and all(getattr(row, name) == value for name, value in values.items()):
        return False
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    return True
