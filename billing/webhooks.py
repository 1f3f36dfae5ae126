"""Where Stripe tells what happened. An event is checked, kept once and answered at once; a task looks into it."""

from __future__ import annotations

import logging

from celery import current_app
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing import gateway
from billing.facts import Hint
from billing.models import StripeEvent
from channels_app.actions import after_commit

log = logging.getLogger(__name__)

MOST_BYTES = 256 * 1024
EVENTS = (
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.refunded",
    "checkout.session.completed",
    "checkout.session.expired",
    "customer.deleted",
    "customer.subscription.created",
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.resumed",
    "customer.subscription.updated",
    "invoice.paid",
    "invoice.payment_action_required",
    "invoice.payment_failed",
    "invoice.voided",
    "refund.failed",
    "refund.updated",
)
"""What the webhook endpoint at Stripe is set up to send."""
TASK_LIFE = 120
"""Seconds in which a worker must take the task; the sweep finds what was not taken."""


@csrf_exempt
@require_POST
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """400 for what is not from Stripe or not for this site, 413 for what is too long, 200 for everything else."""
    told = request.headers.get("Content-Length", "")
    # What says that it is long is not read at all.
    if (told.isdecimal() and int(told) > MOST_BYTES) or len(request.body) > MOST_BYTES:
        return HttpResponse(status=413)
    try:
        hint = gateway.read_event(request.body, request.headers.get("Stripe-Signature", ""))
    except gateway.NotFromStripeError as problem:
        log.warning("a webhook was refused: %s", problem)
        return HttpResponse(status=400)
    if wrong := _not_for_us(hint):
        log.error("the event %s was refused: %s", hint.stripe_id, wrong)
        return HttpResponse(status=400)
    if hint.type in EVENTS:
        keep(hint)
    return HttpResponse()


def _not_for_us(hint: Hint) -> str:
    """Why an event that is Stripe's cannot be ours; empty where it can."""
    if hint.livemode != gateway.is_live():
        return "it is from the other mode than STRIPE_SECRET_KEY (test or live)"
    if hint.account:
        return "it is about a connected account, and this site has none"
    if not gateway.fits_client(hint.api_version):
        return f"its API version is {hint.api_version}: make the webhook endpoint anew (docs/billing.md)"
    return ""


@transaction.atomic
def keep(hint: Hint) -> bool:
    """Keeps the event and sends a worker to look, once for each id. Returns whether it was new."""
    event, is_new = StripeEvent.objects.get_or_create(
        stripe_id=hint.stripe_id,
        defaults={
            "type": hint.type,
            "customer_id": hint.customer_id,
            "charge_id": hint.charge_id,
            "made_at": hint.made_at,
            "received_at": timezone.now(),
        },
    )
    if is_new:
        after_commit(lambda: send(event))
    return is_new


def send(event: StripeEvent) -> None:
    # On live workers: Stripe may be slow, and must delay no tick.
    current_app.send_task("apply_stripe_event", (event.pk,), queue="live", expires=TASK_LIFE)
