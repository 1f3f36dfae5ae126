"""The second lock on the operators' door: a code from their phone, each time they sign in."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable

import django_otp
import qrcode
import qrcode.image.svg
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from channels_app.models import User

RECOVERY_CODES = 8
OPEN = ("admin:login", "admin:logout", "second_factor")
"""What needs no code yet."""


def is_proven(user: object) -> bool:
    """Whether an operator has shown a code in this session, or none is asked for on this site."""
    return not settings.SECOND_FACTOR or bool(getattr(user, "is_verified", lambda: False)())


class SecondFactorDoor:
    """Sends operators without a code to where they give one, before any of their pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.inside = settings.OPERATORS_URL

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asks = request.path.startswith(self.inside) and request.path not in map(reverse, OPEN)
        if asks and isinstance(request.user, User) and request.user.is_staff and not is_proven(request.user):
            return redirect_to_login(request.get_full_path(), reverse("second_factor"))
        return self.get_response(request)


@never_cache
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Asks for a code; who has no phone set up yet does that first, and is shown recovery codes once."""
    user = request.user
    if not isinstance(user, User) or not user.is_staff:
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))
    confirmed = TOTPDevice.objects.filter(user=user, confirmed=True).exists()
    if request.method == "GET":
        return _page(request, user, confirmed)
    code = "".join(request.POST.get("code", "").split())
    if confirmed:
        device = django_otp.match_token(user, code)
        if device is None:
            return _page(request, user, confirmed, wrong=True)
        django_otp.login(request, device)
        return redirect(_next(request))
    fresh = _unconfirmed(user)
    if not fresh.verify_token(code):
        return _page(request, user, confirmed, wrong=True)
    fresh.confirmed = True
    fresh.save(update_fields=["confirmed"])
    django_otp.login(request, fresh)
    about = {"codes": _recovery_codes(user), "next": _next(request), "title": _("Recovery codes")}
    return render(request, "operators/recovery.html", about)


def _page(request: HttpRequest, user: User, confirmed: bool, *, wrong: bool = False) -> HttpResponse:
    about = {"confirmed": confirmed, "wrong": wrong, "next": _next(request), "title": _("Second factor")}
    if not confirmed:
        device = _unconfirmed(user)
        about |= {"picture": _picture(device.config_url), "secret": _grouped(device)}
    return render(request, "operators/second_factor.html", about, status=400 if wrong else 200)


def _unconfirmed(user: User) -> TOTPDevice:
    device, _made = TOTPDevice.objects.get_or_create(user=user, confirmed=False, defaults={"name": "phone"})
    return device


def _recovery_codes(user: User) -> list[str]:
    """New ones; those from before are void."""
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="recovery codes")
    codes = [StaticToken.random_token() for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes


def _picture(url: str) -> SafeString:
    """The address an authenticator reads, as a drawing."""
    drawn = io.BytesIO()
    qrcode.make(url, image_factory=qrcode.image.svg.SvgPathImage, box_size=12).save(drawn)
    drawing = drawn.getvalue().decode()
    return mark_safe(drawing[drawing.index("<svg") :])  # noqa: S308 (made here, of numbers)


def _grouped(device: TOTPDevice) -> str:
    """The secret for typing: base 32, four letters at a time."""
    secret = base64.b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return reverse("admin:index")
