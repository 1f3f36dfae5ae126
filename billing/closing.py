"""Nobody pays for nothing: payments of a channel that is being deleted end, and with the channel goes its customer."""

from __future__ import annotations

import logging
from typing import Any

from django.utils import timezone

from billing import gateway, sync
from billing.models import ClosedCustomer, Customer, StripeRequest, Subscription

log = logging.getLogger(__name__)


def end_payments(customer_pk: int) -> None:
    """The channel is being deleted: its subscriptions are not paid for again, and nothing can be paid any more.

    Who takes the deletion back goes on with the plan in Stripe's portal. The sweep comes back to what failed.
    """
    customer = Customer.objects.filter(
        pk=customer_pk, channel__erase_after__isnull=False, stripe_id__isnull=False
    ).first()
    if customer is None:
        return
    checkouts = StripeRequest.objects.filter(
        customer=customer, kind=StripeRequest.Kind.CHECKOUT, closed_at__isnull=True
    )
    living = Subscription.objects.filter(customer=customer, status__in=Subscription.LIVING, cancel_at__isnull=True)
    if not checkouts.exists() and not living.exists():
        return
    try:
        for request in checkouts:
            if request.stripe_id:
                gateway.expire_checkout(request.stripe_id, key=f"expire-{request.pk}")
        # One that was paid meanwhile has become a subscription.
        sync.sync_customer(customer.pk, now=timezone.now())
        for subscription in living:
            # Another key each hour: who takes the deletion back and the plan up, and deletes again, means it again.
            key = f"end-{subscription.stripe_id}-{timezone.now():%Y%m%d%H}"
            gateway.end_subscription(subscription.stripe_id, key=key)
        if living.exists():
            sync.sync_customer(customer.pk, now=timezone.now())
    except gateway.StripeProblem as problem:
        log.error("a channel that is being deleted is still paid for: %s", problem)
        return
    checkouts.update(closed_at=timezone.now())


def end_all_payments(**_when: Any) -> None:
    for pk in Customer.objects.filter(channel__erase_after__isnull=False).values_list("pk", flat=True):
        end_payments(pk)


def close(closed_pk: int) -> None:
    """Ends what the customer pays for, at once. The sweep comes back to what failed."""
    closed = ClosedCustomer.objects.filter(pk=closed_pk).first()
    if closed is None:
        return
    try:
        gateway.delete_customer(closed.stripe_id)
    except gateway.StripeProblem as problem:
        ClosedCustomer.objects.filter(pk=closed_pk).update(problem=str(problem)[:300])
        log.error("a customer at Stripe is still open: %s", problem)
        return
    closed.delete()


def close_all(**_when: Any) -> None:
    for pk in ClosedCustomer.objects.values_list("pk", flat=True):
        close(pk)
