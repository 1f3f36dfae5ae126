"""Sign-in without Twitch: as the demo broadcaster, on one's own machine only."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from channels_app.demo_people import demo_broadcaster

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


def local_sign_in_allowed(request: HttpRequest) -> bool:
    """No Twitch keys, a site of this machine only, and a request that was not passed on by a proxy."""
    env = settings.ENV
    if env.has_twitch or not env.is_loopback:
        return False
    host, _port = split_domain_port(request.get_host())
    return host.strip("[]") in LOOPBACK_NAMES and comes_from_here(request)


def comes_from_here(request: HttpRequest) -> bool:
    """Whether this machine itself asks, and not somebody behind a proxy of its."""
    if any(request.META.get(name) for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


@never_cache
@require_POST
def local_sign_in(request: HttpRequest) -> HttpResponse:
    """Signs in as the demo broadcaster. 404 wherever that is not allowed."""
    if not local_sign_in_allowed(request):
        raise Http404
    login(request, demo_broadcaster().broadcaster, backend="django.contrib.auth.backends.ModelBackend")
    return redirect(settings.LOGIN_REDIRECT_URL)
