"""Closes the customers at Stripe whose channel is gone, so that nobody pays for nothing."""

from __future__ import annotations

import logging
from typing import Any

from billing import gateway
from billing.models import ClosedCustomer

log = logging.getLogger(__name__)


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
