"""What billing does and answers when something happens in the rooms below. Nothing here may need Stripe's client, which
is slow to load."""

from __future__ import annotations

from typing import Any

from celery import current_app
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from billing import granting, ledger
from billing.models import ClosedCustomer, Customer
from billing.quota import used_by
from channels_app.actions import after_commit
from channels_app.entitlements import entitlements_of
from channels_app.models import Channel


def grant_to_newcomer(channel: Channel, **_kwargs: Any) -> None:
    """A channel somebody enters has its plan; nothing is written where nothing is sold."""
    if settings.ENV.has_stripe and not channel.entitlements:
        granting.grant(channel, now=timezone.now())
        channel.refresh_from_db(fields=["entitlements"])


def refuse_used_up(channel: Channel, **_kwargs: Any) -> str:
    """Why the channel cannot start now; empty where it can."""
    most = entitlements_of(channel).live_seconds
    if most is None or used_by(channel).live_seconds < most:
        return ""
    hours = most // 3600
    return _("The %(hours)s live hours of your plan are used up for this month.") % {"hours": hours}


def end_with_channel(channel: Channel, **_kwargs: Any) -> None:
    """The channel is being deleted. Sent again when it goes."""
    ledger.release_all(channel)
    customer = Customer.objects.filter(channel=channel, stripe_id__isnull=False).first()
    if customer is None:
        return
    number = customer.pk
    after_commit(lambda: current_app.send_task("end_payments", (number,), queue="live", expires=120))


def close_at_stripe(instance: Customer, **_kwargs: Any) -> None:
    """Before a customer's row goes: that nobody pays for a channel that is gone outlives it."""
    if instance.stripe_id is None:
        return
    closed, _made = ClosedCustomer.objects.get_or_create(
        stripe_id=instance.stripe_id, defaults={"asked_at": timezone.now()}
    )
    after_commit(lambda: current_app.send_task("close_stripe_customer", (closed.pk,), queue="live", expires=120))
