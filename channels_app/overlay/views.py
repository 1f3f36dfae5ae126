"""The overlay page itself."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from channels_app.middleware import CUSTOM_CSS_POLICY
from channels_app.models import Channel
from channels_app.templatetags.vite import build_id


@require_GET
def overlay(request: HttpRequest, public_id: str) -> HttpResponse:
    """The show and nothing else. Who may see it is decided on the socket: the key never reaches this view."""
    channel = get_object_or_404(Channel, public_id=public_id)
    response = render(
        request,
        "channels_app/overlay.html",
        {"channel": channel, "build": build_id(), "preview": request.GET.get("preview") == "1"},
    )
    response["Cache-Control"] = "no-store"
    response["Content-Security-Policy"] = CUSTOM_CSS_POLICY
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response
