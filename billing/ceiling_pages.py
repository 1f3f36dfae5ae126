"""The page on what she may spend: every limit as it stands, and the owner's own ceilings."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing import saving
from billing.budget import Line, standing
from billing.ceiling_form import CeilingForm
from billing.limits import MICROS
from billing.models import Budget
from billing.notices import limits, steps, until
from channels_app.dashboard.access import owner_page
from channels_app.dashboard.pages import base_context
from channels_app.models import Channel, DesiredState, User

AMOUNTS = ("replies", "characters")


@require_http_methods(["GET", "HEAD", "POST"])
@owner_page
def ceilings(request: HttpRequest, channel: Channel) -> HttpResponse:
    assert isinstance(request.user, User)
    budget = Budget.objects.filter(channel=channel).first()
    form = CeilingForm(request.POST) if request.method == "POST" else CeilingForm.of(budget)
    if request.method == "POST" and form.is_valid():
        saving.set_ceilings(channel, acting_user=request.user, **form.values())
        messages.success(request, _("Saved."))
        return redirect("ceilings", public_id=channel.public_id)
    live = channel.desired_state == DesiredState.RUNNING
    context = base_context(request, channel) | {
        "page": "ceilings",
        "form": form,
        "limits": [_row(line) for line in standing(channel, timezone.now()).lines if line.name != "house_day"],
        "step": steps().get(budget.step, "") if budget and live else "",
        "until": until(budget.step_ends) if budget and budget.step and live else "",
    }
    return render(request, "billing/ceilings.html", context, status=400 if form.errors else 200)


def _row(line: Line) -> dict[str, Any]:
    """A limit as the page shows it."""
    share = line.used / line.limit if line.limit else 1.0
    return {
        "title": limits()[line.name],
        "percent": min(100, int(100 * share)),
        "used": _amount(line.name, line.used),
        "limit": _amount(line.name, line.limit),
        "until": until(line.ends),
        "state": "bad" if share >= 1 else "warn" if share >= 0.8 else "",
    }


def _amount(name: str, value: int) -> str:
    if name in AMOUNTS:
        return str(number_format(value, force_grouping=True))
    if name == "live_seconds":
        return _("{hours} h {minutes} min").format(hours=value // 3600, minutes=value % 3600 // 60)
    return _("${amount}").format(amount=number_format(round(value / MICROS, 2), 2))
