"""The dashboard's set-up check: each group of findings with its mends, and a button to look again."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from channels_app.dashboard.access import member_page
from channels_app.dashboard.pages import base_context
from channels_app.models import Channel
from workers.checks.everything import all_well, check_all
from workers.checks.finding import GROUPS, Finding, Status

OPERATORS = ("machine", "services")
"""Groups that are nobody else's business on a site many channels share."""
PAUSE = 10
"""Seconds between two checks of a channel: each asks the providers, which costs a little."""


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def check_setup(request: HttpRequest, channel: Channel) -> HttpResponse:
    """A visit shows what will be looked at; pressing the button looks."""
    context = base_context(request, channel) | {"page": "check"}
    if request.method == "POST":
        if _too_soon(channel):
            messages.info(request, _("That was checked a moment ago. Try again in a few seconds."))
        else:
            context |= _result(check_all(channel), sees_all=_sees_all(request))
    return render(request, "workers/check.html", context)


def _sees_all(request: HttpRequest) -> bool:
    """On one's own machine everybody is the operator."""
    return bool(settings.ENV.is_loopback or getattr(request.user, "is_staff", False))


def _result(findings: list[Finding], *, sees_all: bool) -> dict[str, Any]:
    shown = [finding for finding in findings if sees_all or finding.group not in OPERATORS]
    groups = [
        {"title": GROUPS[group], "findings": list(members)}
        for group, members in groupby(shown, key=lambda finding: finding.group)
    ]
    hidden = [finding for finding in findings if finding not in shown]
    return {
        "groups": groups,
        "well": all_well(findings),
        "faults": sum(finding.status is Status.FAULT for finding in shown),
        "warnings": sum(finding.status is Status.WARN for finding in shown),
        "service_fault": not all_well(hidden),
    }


def _too_soon(channel: Channel) -> bool:
    try:
        return not cache.add(f"check:{channel.pk}", 1, PAUSE)
    except Exception:
        return False  # Redis is away: that is what the check will tell
