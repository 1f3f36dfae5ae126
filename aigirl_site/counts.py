"""What the operators' page and the figures for Prometheus both count."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, QuerySet, Sum

from billing.limits import day_of
from billing.models import Budget, UsageRecord
from channels_app.models import Channel, DesiredState
from workers.fleet.lease import owned
from workers.models import Run


def wanted_channels() -> QuerySet[Channel]:
    """Those that shall be live."""
    return Channel.objects.filter(desired_state=DesiredState.RUNNING, suspended_at__isnull=True)


def live_channels() -> int:
    """Channels that a living worker carries out."""
    return Run.objects.filter(owned(), kind=Run.Kind.CHANNEL).count()


def failing_runs() -> int:
    """Runs that ended too soon and are tried again."""
    return Run.objects.filter(failures__gt=0).count()


def spent_today(now: datetime) -> float:
    """US dollars of all channels since midnight UTC, what they pay to providers of their own among them."""
    spent: int = UsageRecord.objects.filter(at__gte=day_of(now)).aggregate(all=Sum("cost_micros", default=0))["all"]
    return spent / 1e6


def saving_channels() -> dict[str, int]:
    """Live channels on a step of saving, by step."""
    savers = Budget.objects.exclude(step="").filter(channel__desired_state=DesiredState.RUNNING).order_by()
    return dict(savers.values_list("step").annotate(count=Count("pk")))
