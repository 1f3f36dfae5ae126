"""Where members make, see and revoke what their programs come in with: tokens and action URLs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from channels_app.actions import Refused
from channels_app.api import action_urls, tokens
from channels_app.api.scopes import Scope
from channels_app.dashboard.access import member_page
from channels_app.dashboard.access_form import ActionURLForm, TokenForm
from channels_app.dashboard.pages import base_context
from channels_app.models import Channel, User


@require_safe
@member_page
def access(request: HttpRequest, channel: Channel) -> HttpResponse:
    return _page(request, channel)


@require_POST
@member_page
def new_token(request: HttpRequest, channel: Channel) -> HttpResponse:
    """Shows the page with the new token. No redirect: the token is nowhere but in this answer."""
    assert isinstance(request.user, User)
    form = TokenForm(request.POST, powers=_powers(request))
    if form.is_valid():
        values = form.cleaned_data
        try:
            _row, plain = tokens.new_token(
                channel, acting_user=request.user, name=values["name"], wanted=values["scopes"], days=values["days"]
            )
            return _page(request, channel, new_token=plain)
        except Refused as refused:
            form.add_error(None, str(refused))
    return _page(request, channel, token_form=form)


@require_POST
@member_page
def revoke_token(request: HttpRequest, channel: Channel, token_id: int) -> HttpResponse:
    assert isinstance(request.user, User)
    if not tokens.revoke_token(channel, acting_user=request.user, token_id=token_id):
        raise Http404
    messages.success(request, _("The token is revoked. Whatever used it is shut out now."))
    return redirect("api_access", public_id=channel.public_id)


@require_POST
@member_page
def new_url(request: HttpRequest, channel: Channel) -> HttpResponse:
    """Shows the page with the new URL. No redirect: the URL is nowhere but in this answer."""
    assert isinstance(request.user, User)
    form = ActionURLForm(request.POST, powers=_powers(request))
    if form.is_valid():
        values = form.cleaned_data
        try:
            row, url = action_urls.new_action_url(
                channel,
                acting_user=request.user,
                name=values["name"],
                wanted=values["actions"],
                text=values["text"],
                by_get=values["by_get"],
            )
            return _page(request, channel, new_urls=[f"{url}/{action}" for action in row.actions])
        except Refused as refused:
            form.add_error(None, str(refused))
    return _page(request, channel, url_form=form)


@require_POST
@member_page
def revoke_url(request: HttpRequest, channel: Channel, url_id: int) -> HttpResponse:
    assert isinstance(request.user, User)
    if not action_urls.revoke_action_url(channel, acting_user=request.user, url_id=url_id):
        raise Http404
    messages.success(request, _("The URL is closed."))
    return redirect("api_access", public_id=channel.public_id)


def _powers(request: HttpRequest) -> frozenset[str]:
    return frozenset(request.powers)  # type: ignore[attr-defined]


def _page(
    request: HttpRequest,
    channel: Channel,
    *,
    token_form: TokenForm | None = None,
    url_form: ActionURLForm | None = None,
    new_token: str = "",
    new_urls: list[str] | None = None,
) -> HttpResponse:
    assert isinstance(request.user, User)
    context: dict[str, Any] = base_context(request, channel) | {
        "page": "programs",
        "token_form": token_form or TokenForm(powers=_powers(request)),
        "url_form": url_form or ActionURLForm(powers=_powers(request)),
        "new_token": new_token,
        "new_urls": new_urls or [],
        "tokens": [
            {"row": row, "may": _labels(row.scopes), "over": bool(row.expires_at and row.expires_at <= timezone.now())}
            for row in tokens.shown_to(channel, request.user)
        ],
        "urls": [
            {"row": row, "does": [action_urls.ACTIONS[name] for name in row.actions]}
            for row in action_urls.shown_to(channel, request.user)
        ],
    }
    response = render(request, "channels_app/api_access.html", context, status=400 if token_form or url_form else 200)
    response["Cache-Control"] = "no-store"
    return response


def _labels(scopes: list[str]) -> list[str]:
    return [str(scope.label) for scope in Scope if scope.value in scopes]
