"""The way to everything after the first payment: the customer's pages at Stripe (card, invoices, change, cancel)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from billing import gateway
from billing.checkout import address, refusal
from billing.models import Customer, StripeRequest, Subscription
from billing.plans import price_of
from channels_app.actions import Refused, record
from channels_app.models import Channel, User

CARD, CANCEL = "card", "cancel"


def enter(channel: Channel, *, acting_user: User, wish: str = "", now: datetime | None = None) -> str:
    """URL of the portal; of the one page where the `wish` is fulfilled: a card, a cancellation, or another price (its
    lookup key). Raises Refused where there is nothing to see, or Stripe cannot be asked now."""
    customer = Customer.objects.filter(channel=channel, stripe_id__isnull=False).first()
    if customer is None:
        raise Refused(_("There is nothing to manage yet. Choose a plan first."))
    try:
        flow = _flow(customer, wish)
        asked = StripeRequest.objects.create(
            customer=customer, kind=StripeRequest.Kind.PORTAL, subject=wish, asked_at=now or timezone.now()
        )
        url = gateway.create_portal(
            key=str(asked.pk), customer_id=str(customer.stripe_id), back=address("billing_return", channel), flow=flow
        )
    except gateway.StripeProblem as problem:
        raise refusal(problem) from None
    record(channel, acting_user, "billing.portal", wish=wish)
    return url


def _flow(customer: Customer, wish: str) -> dict[str, Any] | None:
    """The page of the portal as Stripe names it; None for its first page. Raises StripeProblem."""
    if not wish:
        return None
    if wish == CARD:
        return {"type": "payment_method_update"}
    subscription = (
        Subscription.objects.filter(customer=customer, status__in=Subscription.LIVING).order_by("-begun_at").first()
    )
    if subscription is None:
        raise Refused(_("There is no subscription to change. Choose a plan first."))
    if wish == CANCEL:
        return {
            "type": "subscription_cancel",
            "subscription_cancel": {"subscription": subscription.stripe_id},
        }
    listed = gateway.prices([wish]).get(wish) if price_of(wish) else None
    if listed is None:
        raise Refused(_("This plan is not for sale yet. Please write to support."))
    item = {"id": subscription.item_id, "price": listed.stripe_id, "quantity": 1}
    return {
        "type": "subscription_update_confirm",
        "subscription_update_confirm": {"subscription": subscription.stripe_id, "items": [item]},
    }
