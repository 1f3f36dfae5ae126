"""What a channel used, day by day, read from the ledger."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Sum
from django.db.models.functions import TruncDate

from billing.models import UsageRecord
from channels_app.models import Channel

SUMMED = (
    "replies", "prompt_tokens", "cached_tokens", "completion_tokens", "characters", "provider_characters", "speech_ms",
    "live_seconds", "cost_micros", "own_micros",
)  # fmt: skip


def by_day(channel: Channel, since: date, until: date) -> list[dict[str, Any]]:
    """One row a day (UTC) and currency on which something was used, from `since` to `until`, that day too."""
    rows = UsageRecord.objects.filter(
        channel=channel,
        at__gte=datetime.combine(since, time.min, UTC),
        at__lt=datetime.combine(until, time.min, UTC) + timedelta(days=1),
    )
    sums = {name: Sum(name) for name in SUMMED}
    # Named otherwise than the fields, which the sums would hide.
    days = rows.annotate(date=TruncDate("at", tzinfo=UTC)).values("date", "currency")
    found = days.annotate(**{f"sum_{name}": made for name, made in sums.items()})
    rows_of_days: list[dict[str, Any]] = [dict(row) for row in found.order_by("date", "currency")]
    return [{name.removeprefix("sum_"): value for name, value in row.items()} for row in rows_of_days]


def totals(days: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same summed up, one row a currency."""
    currencies = sorted({row["currency"] for row in days})
    return [
        {
            "currency": currency,
            **{name: sum(row[name] for row in days if row["currency"] == currency) for name in SUMMED},
        }
        for currency in currencies
    ]
