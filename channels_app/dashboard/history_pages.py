"""The page on which a channel's turns are looked through."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from channels_app.dashboard import state
from channels_app.dashboard.access import power_page
from channels_app.dashboard.history import HistoryForm, found
from channels_app.dashboard.pages import base_context, turn_rows
from channels_app.models import Channel, Turn
from channels_app.powers import Power

SHOWN = 40


@require_safe
@power_page(Power.HISTORY)
def history(request: HttpRequest, channel: Channel) -> HttpResponse:
    """`q`, `outcome`, `since` and `until` look for turns; `before` (ISO 8601) goes on behind the page before."""
    form = HistoryForm(request.GET)
    turns: list[Turn] = []
    if form.is_valid():
        before = _moment(request.GET.get("before", ""))
        turns = found(channel, form.cleaned_data, before=before, count=SHOWN)
    shown = turns[:SHOWN]
    older = ""
    if len(turns) > SHOWN:
        kept = {name: request.GET[name] for name in form.fields if request.GET.get(name)}
        older = "?" + urlencode(kept | {"before": shown[-1].created_at.isoformat()})
    base = base_context(request, channel)
    about = {
        "page": "history",
        "form": form,
        "turns": turn_rows(shown, base["may"]),
        "older": older,
        "stage_labels": state.stage_labels(),
        "is_search": form.is_used,
        "is_first": "before" not in request.GET,
    }
    return render(request, "channels_app/history.html", base | about)


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
