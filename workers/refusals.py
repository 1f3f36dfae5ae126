"""What endpoints refused, kept for all workers: who learned it tells the others, across restarts."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import DatabaseError
from django.utils import timezone

from workers.brain.capabilities import Refusal
from workers.models import RefusedField

log = logging.getLogger(__name__)

LIFE = timedelta(days=30)
"""After so long an endpoint is asked again: servers learn too."""


def known() -> list[Refusal]:
    """All that counts, in the order in which it was learned."""
    rows = RefusedField.objects.filter(refused_at__gt=timezone.now() - LIFE).order_by("pk")
    return [Refusal(row.place, row.model, row.field) for row in rows]


def keep(refusal: Refusal) -> None:
    """Once, however many workers learn it. Without a database this process alone knows it."""
    try:
        RefusedField.objects.get_or_create(place=refusal.place, model=refusal.model[:120], field=refusal.field[:40])
    except DatabaseError as error:
        log.warning("that %s refuses %s is not kept (%s)", refusal.model, refusal.field, type(error).__name__)


def forget_old() -> int:
    """Returns how many."""
    gone, _by_model = RefusedField.objects.filter(refused_at__lte=timezone.now() - LIFE).delete()
    return gone
