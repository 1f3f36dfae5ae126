"""The page of a channel's figures, and the same as files."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from billing.analytics.days import Day, days_of
from billing.analytics.figures import Figures, joined, merged
from channels_app import tips
from channels_app.dashboard.access import power_page
from channels_app.dashboard.pages import base_context
from channels_app.dashboard.state import FIRST_SOUND, stage_labels
from channels_app.models import Channel
from channels_app.powers import Power

PERIODS = (7, 30, 90)
"""Days that can be looked at together."""
STREAMS_SHOWN = 30
COLUMNS = (
    "replies", "heard", "refused", "failed", "people", "first_sound_p50_ms", "first_sound_p95_ms", "cost_usd",
    "cost_per_reply_usd", "bits_usd", "subs_usd_estimated", "tips_usd_estimated", "tips",
)  # fmt: skip


@require_safe
@power_page(Power.COSTS)
def analytics(request: HttpRequest, channel: Channel) -> HttpResponse:
    """`days`: 7, 30 or 90, the present one included."""
    period = _period(request)
    found = _days(channel, period)
    total = merged(stretch for _day, stretches in found for stretch in stretches)
    streams = joined(stretches for _day, stretches in found)[::-1]
    about = {
        "page": "analytics",
        "period": period,
        "periods": PERIODS,
        "total": _shown(total),
        "stages": _stages(total),
        "streams": [_shown(stream) for stream in streams[:STREAMS_SHOWN]],
        "more_streams": max(0, len(streams) - STREAMS_SHOWN),
        "days": [{"day": day, **_shown(merged(stretches))} for day, stretches in reversed(found)],
        "chart": _chart(found),
        "tips_from": tips.WORTH_FROM,
    }
    return render(request, "billing/analytics.html", base_context(request, channel) | about)


@require_safe
@power_page(Power.COSTS)
def analytics_file(request: HttpRequest, channel: Channel, what: str) -> HttpResponse:
    """CSV of the same period: `what` is days or streams."""
    period = _period(request)
    found = _days(channel, period)
    if what == "days":
        heads = ["day"]
        rows: Iterable[list[str]] = ([day.isoformat(), *_line(merged(stretches))] for day, stretches in found)
    elif what == "streams":
        heads = ["begin", "end"]
        streams = joined(stretches for _day, stretches in found)
        rows = ([_iso(stream.begin), _iso(stream.end), *_line(stream)] for stream in streams)
    else:
        raise Http404
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{channel.login}-{what}-{period}.csv"'
    writer = csv.writer(response)
    writer.writerow([*heads, *COLUMNS])
    writer.writerows(rows)
    return response


def _period(request: HttpRequest) -> int:
    asked = request.GET.get("days", "")
    return int(asked) if asked in {str(days) for days in PERIODS} else PERIODS[1]


def _days(channel: Channel, period: int) -> list[Day]:
    now = timezone.now()
    return days_of(channel, now.date() - timedelta(days=period - 1), now.date(), now=now)


def _shown(figures: Figures) -> dict[str, Any]:
    """Figures as the page shows them; money in dollars."""
    begin, end = figures.begin, figures.end
    per_reply = figures.cost_per_reply_micros
    return {
        "begin": begin,
        "minutes": round((end - begin).total_seconds() / 60) if begin and end else 0,
        "replies": figures.replies,
        "heard": figures.heard,
        "refused": figures.outcomes["refused"],
        "failed": figures.outcomes["failed"],
        "people": len(figures.people),
        "first_p50": figures.share_of(FIRST_SOUND, 50),
        "first_p95": figures.share_of(FIRST_SOUND, 95),
        "cost": figures.cost_micros / 1e6,
        "other_cost": figures.micros["other"] / 1e6,
        "per_reply": None if per_reply is None else per_reply / 1e6,
        "exact": figures.exact,
        "bits": figures.micros["bits"] / 1e6,
        "subs": figures.micros["subs"] / 1e6,
        "tips": figures.micros["tips"] / 1e6,
        "tips_given": _given(figures),
        "is_about": bool(figures.micros["subs"] or set(figures.tips) - {"USD"}),
        "income": figures.income_micros / 1e6,
    }


def _given(figures: Figures) -> list[str]:
    """Tips as they were given, the currency most given first."""
    found = sorted(figures.tips.items(), key=lambda row: tips.worth_cents(row[1], row[0]), reverse=True)
    return [f"{micros / tips.MICROS:.2f} {currency}" for currency, micros in found]


def _stages(total: Figures) -> list[dict[str, Any]]:
    """Each stage's usual and slow time, with the width of its bar in per cent of the slowest."""
    names = [*stage_labels().items(), (FIRST_SOUND, _("all of it, to the first sound"))]
    found = [
        (name, label, total.share_of(name, 50) or 0, total.share_of(name, 95) or 0)
        for name, label in names
        if total.times.get(name)
    ]
    most = max((slow for *_rest, slow in found), default=0) or 1
    return [
        {
            "css": name.replace("_", "-"),
            "label": label,
            "p50": usual,
            "p95": slow,
            "usual": round(100 * usual / most, 1),
            "slow": round(100 * slow / most, 1),
        }
        for name, label, usual, slow in found
    ]


def _chart(found: Sequence[Day]) -> dict[str, Any]:
    """What the page's script draws, day by day; dates as unix seconds at noon."""
    days = [merged(stretches) for _day, stretches in found]
    return {
        "days": [_noon(day) for day, _stretches in found],
        "heard": [day.heard for day in days],
        "unheard": [day.replies - day.heard for day in days],
        "people": [len(day.people) for day in days],
        "p50": [day.share_of(FIRST_SOUND, 50) for day in days],
        "p95": [day.share_of(FIRST_SOUND, 95) for day in days],
        "cost": [round(day.cost_micros / 1e6, 4) for day in days],
        "income": [round(day.income_micros / 1e6, 2) for day in days],
    }


def _noon(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, 12, tzinfo=timezone.get_default_timezone()).timestamp())


def _line(figures: Figures) -> list[str]:
    """The columns of a file."""
    shown = _shown(figures)
    names = ("replies", "heard", "refused", "failed", "people", "first_p50", "first_p95")
    return [
        *("" if shown[name] is None else str(shown[name]) for name in names),
        f"{shown['cost']:.6f}",
        "" if shown["per_reply"] is None else f"{shown['per_reply']:.6f}",
        f"{shown['bits']:.2f}",
        f"{shown['subs']:.2f}",
        f"{shown['tips']:.2f}",
        "; ".join(shown["tips_given"]),
    ]


def _iso(at: datetime | None) -> str:
    return "" if at is None else at.isoformat(timespec="seconds")
