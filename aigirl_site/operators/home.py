"""The figures on the operators' home page: what is live now, what fails, what it costs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncHour
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from aigirl_site import counts
from aigirl_site.operators import fleet
from billing.models import StripeEvent
from channels_app.models import Channel, DesiredState, PaidEvent, Turn, TwitchCredential

LATELY = timedelta(hours=1)
CHART_HOURS = 24
STUCK = timedelta(minutes=10)
"""A paid event that waits longer needs somebody's eye."""


def home(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Adds `figures`, `fleet` and `hours` to the context of the home page."""
    now = timezone.now()
    return (
        context
        | fleet.part(now)
        | {
            "figures": figures(now),
            "hours": hours(now),
            "hours_title": _("Turns"),
        }
    )


def figures(now: datetime) -> list[dict[str, Any]]:
    """label, value, help, link and whether it asks for attention (`is_bad`)."""
    wanted, running = counts.wanted_channels().count(), counts.live_channels()
    turns = Turn.objects.filter(created_at__gt=now - LATELY).aggregate(
        all=Count("pk"),
        failed=Count("pk", filter=Q(outcome=Turn.Outcome.FAILED)),
        refused=Count("pk", filter=Q(outcome=Turn.Outcome.REFUSED)),
    )
    ill = counts.failing_runs()
    stuck = PaidEvent.objects.filter(
        state__in=[PaidEvent.State.WAITING, PaidEvent.State.CLAIMED],
        received_at__lt=now - STUCK,
        channel__desired_state=DesiredState.RUNNING,
    ).count()
    lost = StripeEvent.objects.filter(
        Q(state=StripeEvent.State.FAILED) | Q(state=StripeEvent.State.RECEIVED, received_at__lt=now - STUCK)
    ).count()
    steps = counts.saving_channels()
    saving, full = sum(steps.values()), steps.get("paid", 0)
    away = TwitchCredential.objects.filter(state=TwitchCredential.State.RECONNECT).count()
    suspended = Channel.objects.filter(suspended_at__isnull=False).count()
    channels, turn_list = reverse("admin:channels_app_channel_changelist"), "admin:channels_app_turn_changelist"
    return [
        {
            "label": _("Live channels"),
            "value": running,
            "help": _("%(wanted)s wanted") % {"wanted": wanted},
            "link": f"{channels}?desired_state__exact=running",
            "is_bad": running < wanted,
        },
        {
            "label": _("Turns in the last hour"),
            "value": turns["all"],
            "help": _("%(refused)s refused by the safety rules") % {"refused": turns["refused"]},
            "link": reverse(turn_list),
            "is_bad": False,
        },
        {
            "label": _("Failed in the last hour"),
            "value": f"{100 * turns['failed'] / turns['all']:.1f} %" if turns["all"] else "–",
            "help": _("%(failed)s turns") % {"failed": turns["failed"]},
            "link": reverse(turn_list) + "?outcome__exact=failed",
            "is_bad": turns["failed"] * 20 > turns["all"] > 0,
        },
        {
            "label": _("Runs that fail to start"),
            "value": ill,
            "help": _("each is tried again by itself"),
            "link": reverse("admin:workers_run_changelist"),
            "is_bad": ill > 0,
        },
        {
            "label": _("Spent today"),
            "value": f"${counts.spent_today(now):.2f}",
            "help": _("by all channels, since midnight UTC"),
            "link": reverse("admin:billing_usagerecord_changelist"),
            "is_bad": False,
        },
        {
            "label": _("Paid and unanswered"),
            "value": stuck,
            "help": _("on live channels, for more than ten minutes"),
            "link": reverse("admin:channels_app_paidevent_changelist") + "?state__exact=waiting",
            "is_bad": stuck > 0,
        },
        {
            "label": _("Webhooks that failed"),
            "value": lost,
            "help": _("of Stripe, or not looked into for ten minutes"),
            "link": reverse("admin:billing_stripeevent_changelist") + "?state__exact=failed",
            "is_bad": lost > 0,
        },
        {
            "label": _("Channels that save"),
            "value": saving,
            "help": _("%(full)s of them at a limit") % {"full": full},
            "link": reverse("admin:billing_budget_changelist"),
            "is_bad": False,
        },
        {
            "label": _("Twitch sign-ins to renew"),
            "value": away,
            "help": _("their broadcasters were told"),
            "link": reverse("admin:channels_app_twitchcredential_changelist") + "?state__exact=reconnect",
            "is_bad": False,
        },
        {
            "label": _("Suspended channels"),
            "value": suspended,
            "help": "",
            "link": f"{channels}?suspended_at__isempty=0",
            "is_bad": False,
        },
    ]


def hours(now: datetime) -> list[dict[str, Any]]:
    """Turns and money hour by hour, the oldest first, with bar heights in per cent of the busiest hour."""
    first = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=CHART_HOURS - 1)
    counted: dict[datetime, dict[str, Any]] = {
        row["hour"]: dict(row)
        for row in Turn.objects.filter(created_at__gte=first)
        .order_by()
        .annotate(hour=TruncHour("created_at"))
        .values("hour")
        .annotate(
            all=Count("pk"), failed=Count("pk", filter=Q(outcome=Turn.Outcome.FAILED)), cost=Sum(F("cost_micros"))
        )
    }
    rows: list[dict[str, Any]] = [counted.get(first + timedelta(hours=offset), {}) for offset in range(CHART_HOURS)]
    most = max((row.get("all", 0) for row in rows), default=0) or 1
    return [
        {
            "at": first + timedelta(hours=offset),
            "turns": row.get("all", 0),
            "failed": row.get("failed", 0),
            "cost": (row.get("cost") or 0) / 1e6,
            "height": round(100 * row.get("all", 0) / most, 1),
            "failed_height": round(100 * row.get("failed", 0) / most, 1),
            "x": offset * 10,
        }
        for offset, row in enumerate(rows)
    ]
