"""What a channel has used of its plan in the present period, by the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum
from django.utils import timezone

from billing.limits import period_of
from billing.models import Budget, UsageRecord
from channels_app.entitlements import entitlements_of
from channels_app.models import Channel


@dataclass(frozen=True, slots=True)
class Used:
    """Amounts since the period began. They may be above the plan's: what was paid for is answered in any case."""

    live_seconds: int
    replies: int
    characters: int
    """Spoken by a voice that the platform pays for."""
    since: datetime


def used_by(channel: Channel, *, now: datetime | None = None) -> Used:
    """What counts against the plan: live time with an overlay connected, replies that were heard, characters."""
    since = period_of(entitlements_of(channel), now or timezone.now())
    sums = UsageRecord.objects.filter(channel=channel, at__gte=since).aggregate(
        live_seconds=Sum("live_seconds", default=0),
        replies=Sum("replies", default=0),
        characters=Sum("provider_characters", default=0),
    )
    return Used(**sums, since=since)


def used_lately(channel: Channel, *, now: datetime | None = None) -> Used:
    """The same from the counters beside the ledger: cheap, for pages that ask all the time."""
    now = now or timezone.now()
    since = period_of(entitlements_of(channel), now)
    budget = Budget.objects.filter(channel=channel, period=since).first()
    if budget is None:
        return used_by(channel, now=now)
    return Used(budget.period_live_seconds, budget.period_replies, budget.period_characters, since)
