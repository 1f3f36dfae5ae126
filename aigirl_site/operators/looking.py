"""An operator sees a channel's pages as its broadcaster does, to help. Nothing can be changed that way."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aigirl_site.operators.second_factor import is_proven
from channels_app import actions
from channels_app.models import Channel, User

LONGEST = 30 * 60
"""Seconds after which the operator is herself again."""
KEY = "operator_looks"
SAFE = ("GET", "HEAD", "OPTIONS")
NOT_SHOWN = ("download_export",)
"""What hands the broadcaster's data out, and says in the log that the broadcaster took it."""


class LookingOn:
    """Puts the broadcaster in the operator's place on all pages but the operators' own, and lets no change through."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.operators = settings.OPERATORS_URL

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Who has no session is not asked for one: what is public stays the same for everybody.
        look = request.session.get(KEY) if settings.SESSION_COOKIE_NAME in request.COOKIES else None
        if look is None or request.path.startswith(self.operators) or request.path == reverse("operator_look_end"):
            return self.get_response(request)
        channel = _looked_at(request, look)
        if channel is None:
            del request.session[KEY]
            return self.get_response(request)
        if request.method not in SAFE or not _is_of(request, channel):
            return render(request, "operators/only_looking.html", {"looked_at": channel}, status=403)
        request.looked_at = channel  # type: ignore[attr-defined]
        request.user = channel.broadcaster
        return self.get_response(request)


def _looked_at(request: HttpRequest, look: dict[str, object]) -> Channel | None:
    """The channel, as long as the operator may still look."""
    if not _may(request) or float(str(look["until"])) < time.time():
        return None
    return Channel.objects.filter(public_id=look["channel"]).select_related("broadcaster").first()


def _is_of(request: HttpRequest, channel: Channel) -> bool:
    """Whether the page belongs to no other channel of the broadcaster's, and hands nothing out."""
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return True
    return match.url_name not in NOT_SHOWN and match.kwargs.get("public_id", channel.public_id) == channel.public_id


def _may(request: HttpRequest) -> bool:
    user = request.user
    return (
        isinstance(user, User)
        and user.is_active
        and user.is_staff
        and user.has_perm("channels_app.change_channel")
        and is_proven(user)
    )


@require_POST
def look(request: HttpRequest, public_id: str) -> HttpResponse:
    """Begins it for one channel; the channel's audit log says who looks, and why."""
    if not _may(request):
        raise PermissionDenied
    channel = get_object_or_404(Channel, public_id=public_id)
    reason = " ".join(request.POST.get("reason", "").split())[:200]
    if not reason:
        messages.error(request, _("Say why: the broadcaster can read it in the audit log."))
        return redirect("admin:channels_app_channel_change", channel.pk)
    assert isinstance(request.user, User)
    actions.record(channel, request.user, "operator.looked", reason=reason)
    request.session[KEY] = {"channel": channel.public_id, "until": time.time() + LONGEST}
    return redirect("channel", public_id=channel.public_id)


@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """The operator is herself again."""
    look = request.session.pop(KEY, None)
    channel = Channel.objects.filter(public_id=look["channel"]).first() if look else None
    if channel is None:
        return redirect("landing")
    return redirect("admin:channels_app_channel_change", channel.pk)
