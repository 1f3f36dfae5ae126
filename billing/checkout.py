"""The way to a first payment: a page at Stripe where a price is subscribed to."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from billing import gateway, granting, sync, trials
from billing.models import Customer, StripeRequest, Subscription
from billing.plans import Plan, Price
from channels_app.actions import Refused, record
from channels_app.models import Channel, User

log = logging.getLogger(__name__)

REUSED = timedelta(hours=20)
"""A page at Stripe is open for 24 hours; whoever presses the button again meanwhile gets the same one."""


def begin(
    channel: Channel, plan: Plan, price: Price, *, acting_user: User, language: str, now: datetime | None = None
) -> str:
    """URL of the page at Stripe. Raises Refused where the channel pays already, or Stripe cannot be asked now."""
    now = now or timezone.now()
    try:
        customer = customer_at_stripe(channel, language=language, now=now)
        _refuse_second(customer, now)
        listed = gateway.prices([price.lookup_key]).get(price.lookup_key)
        if listed is None:
            log.error("the price %s is not at Stripe: run manage.py stripe_catalogue", price.lookup_key)
            raise Refused(_("This plan is not for sale yet. Please write to support."))
        asked, others = _request(customer, price, plan, now)
        for other in others:
            _close(other, now)
        if not asked.url:
            asked.stripe_id, asked.url = gateway.create_checkout(
                key=str(asked.pk),
                customer_id=str(customer.stripe_id),
                price_id=listed.stripe_id,
                trial_days=plan.trial_days if asked.with_trial else 0,
                back=address("billing", channel),
                done=address("billing_return", channel) + "?session={CHECKOUT_SESSION_ID}",
                channel=channel.public_id,
            )
            asked.save(update_fields=["stripe_id", "url"])
            record(channel, acting_user, "billing.checkout", price=price.lookup_key)
    except gateway.StripeProblem as problem:
        raise refusal(problem) from None
    return asked.url


def customer_at_stripe(channel: Channel, *, language: str, now: datetime) -> Customer:
    """The channel's customer as it is at Stripe, made there where there is none. Raises StripeProblem."""
    customer, _made = Customer.objects.get_or_create(channel=channel, defaults={"language": language})
    Customer.objects.filter(pk=customer.pk).update(language=language)
    # What stands here may be old: a payment whose webhook is late must not be asked for twice.
    sync.sync_customer(customer.pk, now=now)
    customer.refresh_from_db()
    if customer.stripe_id is None:
        stripe_id = gateway.create_customer(
            key=f"customer-{customer.key}",
            name=channel.display_name,
            email=channel.broadcaster.email,
            channel=channel.public_id,
        )
        Customer.objects.filter(pk=customer.pk, stripe_id__isnull=True).update(stripe_id=stripe_id)
        customer.refresh_from_db()
    return customer


def address(name: str, channel: Channel) -> str:
    """A page of ours as Stripe must know it."""
    return settings.SITE_URL + reverse(name, args=[channel.public_id])


def refusal(problem: gateway.StripeProblem) -> Refused:
    """What a person is told when Stripe could not be asked."""
    log.error("Stripe could not be asked: %s", problem)
    return Refused(_("The payment service did not answer. Nothing was charged. Try again in a minute."))


def _refuse_second(customer: Customer, now: datetime) -> None:
    subscriptions = list(Subscription.objects.filter(customer=customer, status__in=Subscription.LIVING))
    if granting.money_taken_back(customer.reversals.all(), granting.deciding(subscriptions, now)):
        raise Refused(_("A payment of this channel is disputed. Please write to support before you subscribe again."))
    # One that never got its first payment may be tried again.
    if any(each.status != Subscription.Status.INCOMPLETE for each in subscriptions):
        raise Refused(_("This channel has a subscription already. Change it instead of making a second one."))


@transaction.atomic
def _request(customer: Customer, price: Price, plan: Plan, now: datetime) -> tuple[StripeRequest, list[StripeRequest]]:
    """The request for this price, the same for whoever asks twice, and the open ones for others."""
    # Two clicks at once must find one row, and so one idempotency key.
    Customer.objects.select_for_update().get(pk=customer.pk)
    kind = StripeRequest.Kind.CHECKOUT
    with_trial = plan.trial_days > 0 and not trials.was_used(customer.channel)
    open_ones = list(
        StripeRequest.objects.filter(customer=customer, kind=kind, closed_at__isnull=True).order_by("asked_at")
    )
    found = [
        each
        for each in open_ones
        if each.subject == price.lookup_key and each.with_trial == with_trial and each.asked_at > now - REUSED
    ]
    asked = (
        found[0]
        if found
        else StripeRequest.objects.create(
            customer=customer, kind=kind, subject=price.lookup_key, with_trial=with_trial, asked_at=now
        )
    )
    return asked, [each for each in open_ones if each.pk != asked.pk]


def _close(request: StripeRequest, now: datetime) -> None:
    """Two open pages would be two subscriptions. Raises Refused where that page was paid on meanwhile."""
    may_be_open = request.stripe_id and request.asked_at > now - timedelta(hours=24)
    if may_be_open and not gateway.expire_checkout(request.stripe_id, key=f"expire-{request.pk}"):
        sync.sync_customer(request.customer_id, now=now)
        _refuse_second(request.customer, now)
    StripeRequest.objects.filter(pk=request.pk).update(closed_at=now)
