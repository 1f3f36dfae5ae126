"""The guard's settings, and the one page that is open to whoever has its address: the panic URL."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from channels_app import panic_urls
from channels_app.dashboard import settings_actions
from channels_app.dashboard.access import owner_page
from channels_app.dashboard.guard_form import GuardForm
from channels_app.dashboard.settings_pages import saved, settings_with
from channels_app.models import Channel, User


@require_POST
@owner_page
def save_guard(request: HttpRequest, channel: Channel) -> HttpResponse:
    assert isinstance(request.user, User)
    form = GuardForm(request.POST)
    if not form.is_valid():
        return settings_with(request, channel, guard=form)
    settings_actions.set_guard(channel, acting_user=request.user, **form.cleaned_data)
    return saved(request, channel)


@require_POST
@owner_page
def new_panic_url(request: HttpRequest, channel: Channel) -> HttpResponse:
    """Shows the page with the new URL. No redirect: the URL is nowhere but in this answer."""
    assert isinstance(request.user, User)
    url = panic_urls.new_panic_url(channel, acting_user=request.user)
    return settings_with(request, channel, panic_url=url)


@require_POST
@owner_page
def revoke_panic_url(request: HttpRequest, channel: Channel) -> HttpResponse:
    assert isinstance(request.user, User)
    closed = panic_urls.revoke_panic_url(channel, acting_user=request.user)
    messages.success(request, _("The panic URL is closed.") if closed else _("There was no panic URL."))
    return redirect(reverse("settings", args=[channel.public_id]) + "#guard")


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def panic_url(request: HttpRequest, public_id: str, key: str) -> HttpResponse:
    """GET: a page with one button, since previews of links open addresses too. POST, by any client: silence.

    No session and no token of a form: the key in the address is the right to do this, and to do nothing else.
    """
    response = _silence(request, public_id, key) if request.method == "POST" else _ask(request, public_id, key)
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


def _ask(request: HttpRequest, public_id: str, key: str) -> HttpResponse:
    channel = panic_urls.opens(public_id, key)
    if channel is None:
        raise Http404
    return render(request, "channels_app/panic.html", {"name": channel.shown_name, "silent": channel.panic_since})


def _silence(request: HttpRequest, public_id: str, key: str) -> HttpResponse:
    try:
        latched = panic_urls.silence(public_id, key)
    except panic_urls.UnknownKeyError:
        raise Http404 from None
    except panic_urls.TooOftenError:
        return JsonResponse({"code": "throttled"}, status=429, headers={"Retry-After": "1"})
    if request.accepts("text/html") and "text/html" in request.headers.get("Accept", ""):
        return render(request, "channels_app/panic.html", {"name": "", "silent": True})
    return JsonResponse({"panic": True, "latched": latched}, status=200 if latched else 202)
