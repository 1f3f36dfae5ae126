"""The page that puts her into OBS: the steps, what the connected overlays tell, the test, the offsets."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from channels_app import actions, queries
from channels_app.dashboard import state
from channels_app.dashboard.access import member_page, power_page
from channels_app.dashboard.findings import findings
from channels_app.dashboard.forms import MouthOffsetForm
from channels_app.dashboard.pages import base_context
from channels_app.models import Channel, OverlayPresence, User
from channels_app.models.access import MOST_OFFSET_MS
from channels_app.powers import Power


@require_safe
@ensure_csrf_cookie
@member_page
def obs(request: HttpRequest, channel: Channel) -> HttpResponse:
    return render(request, "channels_app/obs.html", _context(request, channel))


@require_safe
@member_page
def live(request: HttpRequest, channel: Channel) -> HttpResponse:
    """The changing parts of the page alone, for its script to swap in."""
    return render(request, "channels_app/obs_live.html", _context(request, channel))


@require_POST
@power_page(Power.SHOW)
def save_mouth_offset(request: HttpRequest, channel: Channel) -> HttpResponse:
    assert isinstance(request.user, User)
    form = MouthOffsetForm(request.POST, channel=channel)
    if form.is_valid():
        key, offset = form.cleaned_data["key"], form.cleaned_data["mouth_offset_ms"]
        actions.set_mouth_offset(channel, acting_user=request.user, key=key, offset_ms=offset)
        messages.success(request, _("Saved."))
    else:
        messages.error(request, _("That was not saved. The overlay's URL may be closed by now."))
    return redirect("obs", public_id=channel.public_id)


def _context(request: HttpRequest, channel: Channel) -> dict[str, Any]:
    base = base_context(request, channel)
    # The preview of the dashboard says nothing about OBS.
    connected = queries.connected_overlays(channel).filter(is_preview=False).select_related("key")
    pages = [_page(channel, page) for page in connected.order_by("connected_at")]
    return base | {
        "page": "obs",
        "pages": pages,
        "offsets": _offsets(channel, pages),
        "keys": queries.living_keys(channel),
        "default_offset": channel.mouth_offset_ms,
        "most_offset": MOST_OFFSET_MS,
    }


def _page(channel: Channel, page: OverlayPresence) -> dict[str, Any]:
    """One connected overlay as the template shows it."""
    row = state.overlay_row(channel, page)
    found = findings(page, owns_sound=row["owns_sound"])
    troubles = sum(each.status != "ok" for each in found)
    return row | {"id": page.pk, "key": page.key, "findings": found, "troubles": troubles}


def _offsets(channel: Channel, pages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One slider for each URL that is open: pages with the same URL share it."""
    found = {}
    for page in pages:
        key = page["key"]
        found[key.pk] = {
            "key": key,
            "label": page["label"],
            "offset": channel.mouth_offset_ms if key.mouth_offset_ms is None else key.mouth_offset_ms,
            "is_own": key.mouth_offset_ms is not None,
        }
    return list(found.values())
