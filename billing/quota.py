"""How much of its plan a channel has used in the present period, read from the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, Sum
from django.utils import timezone

from billing.models import UsageRecord
from channels_app.entitlements import entitlements_of
from channels_app.models import Channel


@dataclass(frozen=True, slots=True)
class Used:
    """Since the period began."""

    live_seconds: int
    replies: int
    characters: int
    since: datetime


def used_by(channel: Channel, *, now: datetime | None = None) -> Used:
    """What stands in the ledger for the period the channel's entitlements name, else for the calendar month (UTC)."""
    now = now or timezone.now()
    begun = entitlements_of(channel).period_start
    since = datetime.fromisoformat(begun) if begun else now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    found = UsageRecord.objects.filter(channel=channel, at__gte=since, at__lte=now).aggregate(
        replies=Count("pk", filter=Q(kind=UsageRecord.Kind.REPLY)), characters=Sum("characters", default=0)
    )
    return Used(0, found["replies"], found["characters"], since)
