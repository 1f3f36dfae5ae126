"""Celery's entry points of billing. A message is a hint to look; what is to be done stands in the rows."""

from __future__ import annotations

import logging
from collections.abc import Callable

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from billing import closing, dunning, events, granting, reconcile, telling
from channels_app.limits import alone

log = logging.getLogger(__name__)

SWEEP_SECONDS = 300
LONGEST_SWEEP = 1800
"""Seconds; who died at it holds up the others no longer."""


@shared_task(name="apply_stripe_event")
def apply_stripe_event(event_pk: int) -> None:
    """Stripe told us something: look what it is."""
    events.look_into(event_pk)


@shared_task(name="end_payments")
def end_payments(customer_pk: int) -> None:
    """A channel is being deleted, and shall not be paid for again."""
    closing.end_payments(customer_pk)


@shared_task(name="close_stripe_customer")
def close_stripe_customer(closed_pk: int) -> None:
    """A channel is gone, and nobody shall pay for it any more."""
    closing.close(closed_pk)


@shared_task(name="sweep_billing")
def sweep_billing() -> None:
    """Each five minutes: what was left over is taken up, and what ends by itself is ended."""
    with alone("sweep_billing", LONGEST_SWEEP) as mine:
        if mine:
            sweep()


def sweep() -> None:
    """Each part by itself: one that fails holds up no other."""
    now = timezone.now()
    parts: list[Callable[..., object]] = [granting.grant_all]
    if settings.ENV.has_stripe:
        parts = [
            events.look_into_all,
            *parts,
            dunning.remind_all,
            closing.end_all_payments,
            closing.close_all,
            telling.tell_untold,
        ]
        if reconcile.is_due(now):
            parts += [reconcile.reconcile, reconcile.forget_old]
    for part in parts:
        try:
            part(now=now)
        except Exception:
            log.exception("the sweep of billing failed in %s", part.__name__)
