"""The door of the URLs that do one thing. Short plain answers: a Stream Deck shows them, a chat program posts them."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from channels_app.actions import Refused
from channels_app.api import action_urls
from channels_app.limits import MINUTE, within

WRONG_A_MINUTE = 20
"""Of one address."""


@csrf_exempt
@require_http_methods(["GET", "POST"])
def action_url(request: HttpRequest, key: str, action: str) -> HttpResponse:
    """POST, or GET where its maker wanted that: does it. No session: the key in the address is the right to.

    A GET is answered with 200 also where it cannot be done now, since chat programs show nothing else.
    """
    response = _answer(request, key, action)
    response["Content-Type"] = "text/plain; charset=utf-8"
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


def _answer(request: HttpRequest, key: str, action: str) -> HttpResponse:
    try:
        row = action_urls.found(key, action)
    except action_urls.UnknownURLError:
        if not within("wrong-action-url", request.META.get("REMOTE_ADDR", ""), WRONG_A_MINUTE, MINUTE):
            return _slow_down()
        return HttpResponse(_("There is no such URL, or it was closed."), status=404)
    by_get = request.method == "GET"
    if by_get and (not row.by_get or "prefetch" in request.headers.get("Sec-Purpose", "")):
        return HttpResponse(_("This URL takes POST alone."), status=405, headers={"Allow": "POST"})
    try:
        return HttpResponse(action_urls.use(row, action, _given(request)))
    except action_urls.TooOftenError:
        return _slow_down()
    except Refused as refused:
        return HttpResponse(str(refused), status=200 if by_get else 409)


def _given(request: HttpRequest) -> dict[str, Any]:
    """What was sent along: in the address, as a form, or as JSON."""
    given: dict[str, Any] = request.POST.dict()
    if request.content_type == "application/json":
        try:
            sent = json.loads(request.body)
        except (ValueError, RecursionError):
            sent = None
        given = sent if isinstance(sent, dict) else {}
    return given | {name: value for name, value in request.GET.items() if value}


def _slow_down() -> HttpResponse:
    return HttpResponse(_("Too often. Wait a minute."), status=429, headers={"Retry-After": str(MINUTE)})
