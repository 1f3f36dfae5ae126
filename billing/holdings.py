"""This room's entries in the register of personal data."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext_lazy as _

from billing.models import UsageRecord
from channels_app.holdings import HOUSE, MINE
from channels_app.models import Channel
from channels_app.privacy import Holding, Keeping, register

BOOKS_LIFE = timedelta(days=3653)
"""Ten years: the longest that bookkeeping has to be kept in the countries we know of."""


def enter() -> None:
    """Once, when Django starts."""
    register(
        Holding(
            UsageRecord,
            _("what was used, and what it cost"),
            MINE,
            columns=(
                "kind", "prompt_tokens", "completion_tokens", "characters", "cost_micros", "currency", "exact",
                "priced", "at",
            ),
            withheld={"key": HOUSE},
            keeping=Keeping(monthly_sums, "bookkeeping: what was used and cost, as sums of a month", BOOKS_LIFE),
        )
    )  # fmt: skip


def monthly_sums(channel: Channel) -> list[dict[str, Any]]:
    """What a channel used, by month, kind and currency: sums that tell of nobody."""
    rows = (
        UsageRecord.objects.filter(channel=channel)
        .annotate(month=TruncMonth("at"))
        .values("month", "kind", "currency")
        .annotate(
            count=Count("pk"),
            prompt_tokens=Sum("prompt_tokens"),
            completion_tokens=Sum("completion_tokens"),
            characters=Sum("characters"),
            cost_micros=Sum("cost_micros"),
        )
        .order_by("month", "kind", "currency")
    )
    return [dict(row) | {"month": f"{row['month']:%Y-%m}"} for row in rows]
