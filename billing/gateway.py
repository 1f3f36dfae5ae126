"""The only door to Stripe. What comes in are plain values of ours; nobody else sees an object of Stripe's.

Retries happen here alone, in Stripe's client; every POST carries the idempotency key it is given.
"""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings

from billing.facts import (
    MADE_BY,
    CustomerFacts,
    Hint,
    ListedPrice,
    ReversalFacts,
    SubscriptionFacts,
    hint_of,
    id_of,
    listed_price,
    moment,
    reversal_facts,
    subscription_facts,
)
from billing.plans import Interval

if TYPE_CHECKING:
    import stripe

TIMEOUT = (3.0, 10.0)
"""Seconds to connect, and to wait for an answer."""
RETRIES = 2
SIGNATURE_LIFE = 300
"""Seconds after which a signed webhook is stale."""
PAGE = 100

# Stripe's client takes half a second to load. It is imported where it is used: most processes never ask Stripe.


class StripeProblem(Exception):
    """Stripe could not be asked, or refused. `retryable`: the same may work in a while."""

    def __init__(self, message: str, *, retryable: bool, code: str = "") -> None:
        super().__init__(message)
        self.retryable = retryable
        self.code = code


class NotFromStripeError(Exception):
    """A webhook without a signature of Stripe's, or no event at all. The message is for the log."""


def is_live() -> bool:
    """Whether the key moves real money."""
    return "_live_" in settings.ENV.STRIPE_SECRET_KEY.get_secret_value()


def pages() -> tuple[str, ...]:
    """Origins of the pages at Stripe that people are sent to."""
    if type(settings.ENV).model_fields["STRIPE_API_URL"].default == settings.ENV.STRIPE_API_URL:
        return ("https://checkout.stripe.com", "https://billing.stripe.com")
    return (settings.ENV.STRIPE_API_URL,)


# Webhooks


def read_event(body: bytes, signature: str) -> Hint:
    """The event in a webhook. Raises NotFromStripeError where the signature is wrong or stale, or it is no event."""
    import stripe

    secret = settings.ENV.STRIPE_WEBHOOK_SECRET.get_secret_value()
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, SIGNATURE_LIFE)
        return hint_of(json.loads(body))
    except stripe.SignatureVerificationError:
        raise NotFromStripeError("the signature does not fit") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise NotFromStripeError("it is no event") from None


def fits_client(api_version: str) -> bool:
    """Whether an event of this version of Stripe's API speaks the language this client reads."""
    import stripe

    return api_version.rpartition(".")[2] == stripe.api_version.rpartition(".")[2]


# What stands there


def facts_of(customer_id: str) -> CustomerFacts:
    """Everything that decides about this customer, as it is now."""
    with _asking():
        client = _client()
        customer: Any = client.v1.customers.retrieve(customer_id)
        if getattr(customer, "deleted", False):
            return CustomerFacts(is_deleted=True)
        found = client.v1.subscriptions.list({"customer": customer_id, "status": "all", "limit": PAGE})
        charges = client.v1.charges.list({"customer": customer_id, "limit": PAGE})
        return CustomerFacts(
            is_deleted=False,
            subscriptions=tuple(_subscription(each) for each in found.auto_paging_iter()),
            reversals=tuple(fact for charge in charges.data for fact in _reversals_of(charge)),
        )


def subscriptions(ended_since: datetime) -> Iterator[tuple[str, SubscriptionFacts]]:
    """(customer, subscription) of everything at Stripe that has not ended, and of what has but was made since then."""
    ended: Any = {"status": "ended", "created": {"gte": int(ended_since.timestamp())}, "limit": PAGE}
    with _asking():
        client = _client()
        living: Any = {"limit": PAGE}
        for asked in (living, ended):
            for each in client.v1.subscriptions.list(asked).auto_paging_iter():
                yield id_of(each.customer), _subscription(each)


def reversals_since(since: datetime) -> Iterator[tuple[str, ReversalFacts]]:
    """(charge, refund or dispute) of everything made since then."""
    about: Any = {"created": {"gte": int(since.timestamp())}, "limit": PAGE}
    with _asking():
        client = _client()
        for refund in client.v1.refunds.list(about).auto_paging_iter():
            yield id_of(refund.charge), reversal_facts("refund", refund)
        for dispute in client.v1.disputes.list(about).auto_paging_iter():
            yield id_of(dispute.charge), reversal_facts("dispute", dispute)


def customer_of_charge(charge_id: str) -> str:
    """Stripe's id of who made this payment; "" where nobody is named."""
    with _asking():
        return id_of(_client().v1.charges.retrieve(charge_id).customer)


def prices(lookup_keys: Sequence[str]) -> dict[str, ListedPrice]:
    """Those of our prices that are on sale at Stripe, by their lookup key."""
    with _asking():
        found = _client().v1.prices.list({"lookup_keys": list(lookup_keys), "active": True, "limit": PAGE})
        return {price.lookup_key: price for price in map(listed_price, found.data)}


def _reversals_of(charge: Any) -> Iterator[ReversalFacts]:
    if charge.amount_refunded:
        yield from (reversal_facts("refund", each) for each in _client().v1.refunds.list({"charge": charge.id}).data)
    if charge.disputed:
        yield from (reversal_facts("dispute", each) for each in _client().v1.disputes.list({"charge": charge.id}).data)


def _subscription(found: Any) -> SubscriptionFacts:
    return subscription_facts(found, _past_due_since(found.id) if found.status == "past_due" else None)


def _past_due_since(subscription_id: str) -> datetime | None:
    """When the oldest invoice that is still open was due: a newer one begins no new grace."""
    invoices = _client().v1.invoices.list({"subscription": subscription_id, "status": "open", "limit": PAGE}).data
    due = [invoice.status_transitions.finalized_at or invoice.created for invoice in invoices]
    return moment(min(due)) if due else None


# What is asked for


def create_customer(*, key: str, name: str, email: str, channel: str) -> str:
    """Stripe's id of a new customer; the same for the same key."""
    about: dict[str, Any] = {"name": name, "metadata": {"channel": channel, "site": settings.SITE_URL}}
    if email:
        about["email"] = email
    with _asking():
        return _client().v1.customers.create(about, {"idempotency_key": key}).id  # type: ignore[arg-type]


def delete_customer(customer_id: str) -> None:
    """Ends whatever the customer pays for and forgets who it is. Repeatable."""
    try:
        with _asking():
            _client().v1.customers.delete(customer_id)
    except StripeProblem as problem:
        if problem.code != "resource_missing":
            raise


def end_subscription(subscription_id: str, *, key: str) -> None:
    """It goes on until the time that is paid for is over, and is not paid for again. Repeatable."""
    try:
        with _asking():
            _client().v1.subscriptions.update(subscription_id, {"cancel_at_period_end": True}, {"idempotency_key": key})
    except StripeProblem as problem:
        if problem.retryable:
            raise


def create_checkout(
    *, key: str, customer_id: str, price_id: str, trial_days: int, back: str, done: str, channel: str
) -> tuple[str, str]:
    """(id, URL) of the page at Stripe where this price is subscribed to. 0 trial days: no trial."""
    data: dict[str, Any] = {"metadata": {"channel": channel, "site": settings.SITE_URL}}
    if trial_days:
        data |= {
            "trial_period_days": trial_days,
            "trial_settings": {"end_behavior": {"missing_payment_method": "cancel"}},
        }
    about: dict[str, Any] = {
        "mode": "subscription",
        "customer": customer_id,
        "client_reference_id": channel,
        "line_items": [{"price": price_id, "quantity": 1}],
        "subscription_data": data,
        "payment_method_collection": "if_required" if trial_days else "always",
        "allow_promotion_codes": True,
        "locale": "auto",
        "success_url": done,
        "cancel_url": back,
    }
    if settings.ENV.STRIPE_TAX:
        about |= {
            "automatic_tax": {"enabled": True},
            "tax_id_collection": {"enabled": True},
            "customer_update": {"address": "auto", "name": "auto"},
            "billing_address_collection": "required",
        }
    with _asking():
        made = _client().v1.checkout.sessions.create(about, {"idempotency_key": key})  # type: ignore[arg-type]
        return made.id, made.url or ""


def expire_checkout(session_id: str, *, key: str) -> bool:
    """Closes a checkout page. False where it was paid, or is closed already."""
    try:
        with _asking():
            _client().v1.checkout.sessions.expire(session_id, {}, {"idempotency_key": key})
    except StripeProblem as problem:
        if problem.retryable:
            raise
        return False
    return True


def create_portal(*, key: str, customer_id: str, back: str, flow: Mapping[str, Any] | None = None) -> str:
    """URL of the customer's pages at Stripe; with a `flow`, of the one page of them it names."""
    about: dict[str, Any] = {"customer": customer_id, "return_url": back}
    with _asking():
        if configuration := _portal_configuration():
            about["configuration"] = configuration
        if flow:
            about["flow_data"] = {
                **flow,
                "after_completion": {"type": "redirect", "redirect": {"return_url": back}},
            }
        return _client().v1.billing_portal.sessions.create(about, {"idempotency_key": key}).url  # type: ignore[arg-type]


def _portal_configuration() -> str:
    """The settings of the portal that `stripe_catalogue` made; "" where Stripe's own are to be used."""
    found = _client().v1.billing_portal.configurations.list({"active": True, "limit": PAGE}).data
    return next((each.id for each in found if (each.metadata or {}) and MADE_BY in each.metadata.to_dict()), "")  # type: ignore[union-attr]


# The catalogue


def products() -> dict[str, str]:
    """Our products at Stripe: plan -> id."""
    with _asking():
        found = _client().v1.products.list({"active": True, "limit": PAGE}).auto_paging_iter()
        return {each.metadata.to_dict()[MADE_BY]: each.id for each in found if MADE_BY in each.metadata.to_dict()}


def create_product(*, plan: str, name: str, key: str) -> str:
    with _asking():
        about: Any = {"name": name, "metadata": {MADE_BY: plan}, "tax_code": "txcd_10103000"}
        return _client().v1.products.create(about, {"idempotency_key": key}).id


def create_price(
    *, plan: str, product: str, lookup_key: str, amount: int, currency: str, interval: Interval, key: str
) -> str:
    """A price under this lookup key, which is taken from whatever price had it before."""
    about: Any = {
        "product": product,
        "lookup_key": lookup_key,
        "transfer_lookup_key": True,
        "unit_amount": amount,
        "currency": currency,
        "recurring": {"interval": interval},
        "tax_behavior": "exclusive",
        "metadata": {MADE_BY: plan},
    }
    with _asking():
        return _client().v1.prices.create(about, {"idempotency_key": key}).id


def configure_portal(offers: Mapping[str, Sequence[str]]) -> None:
    """Settings of the portal in which these prices (product -> prices) may be changed between. Made, or kept up."""
    features: Any = {
        "invoice_history": {"enabled": True},
        "payment_method_update": {"enabled": True},
        "customer_update": {"enabled": True, "allowed_updates": ["email", "address", "tax_id", "name"]},
        "subscription_cancel": {"enabled": True, "mode": "at_period_end", "proration_behavior": "none"},
        "subscription_update": {
            "enabled": True,
            "default_allowed_updates": ["price", "promotion_code"],
            "proration_behavior": "always_invoice",
            "products": [{"product": product, "prices": list(found)} for product, found in offers.items()],
        },
    }
    with _asking():
        configurations = _client().v1.billing_portal.configurations
        if present := _portal_configuration():
            # The same as last time must still be done: somebody may have changed it at Stripe since.
            configurations.update(present, {"features": features}, {"idempotency_key": str(uuid.uuid4())})
            return
        about: Any = {"features": features, "metadata": {MADE_BY: "portal"}}
        configurations.create(about, {"idempotency_key": str(uuid.uuid4())})


# How it is asked


@contextlib.contextmanager
def _asking() -> Iterator[None]:
    """Errors of Stripe's client come out as a StripeProblem, which holds nothing but kind, code and request."""
    import stripe

    try:
        yield
    except stripe.StripeError as error:
        status = error.http_status
        retryable = isinstance(error, stripe.APIConnectionError) or status in {409, 429} or (status or 0) >= 500
        code = str(error.code or "")
        about = " ".join(part for part in (type(error).__name__, code, error.request_id or "") if part)
        raise StripeProblem(about, retryable=retryable, code=code) from None


def _client() -> stripe.StripeClient:
    if not settings.ENV.has_stripe:
        raise StripeProblem("this site has no key for Stripe", retryable=False)
    return _client_for(settings.ENV.STRIPE_SECRET_KEY.get_secret_value(), settings.ENV.STRIPE_API_URL)


@lru_cache(maxsize=4)
def _client_for(key: str, url: str) -> stripe.StripeClient:
    import stripe

    # What its calls cost in time is nobody's business.
    stripe.enable_telemetry = False
    return stripe.StripeClient(
        key,
        base_addresses={"api": url},
        max_network_retries=RETRIES,
        http_client=stripe.RequestsClient(timeout=TIMEOUT),
    )
