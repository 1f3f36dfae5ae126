"""Who may open which page of a channel. For strangers a channel does not exist."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from asgiref.sync import sync_to_async
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from channels_app import queries, terms
from channels_app.membership import allows, membership_for, powers_by
from channels_app.models import Channel, User
from channels_app.powers import MEMBER, OWN

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, Channel, P], HttpResponseBase]
AsyncPage = Callable[Concatenate[HttpRequest, Channel, P], Coroutine[Any, Any, HttpResponseBase]]


WITHOUT_AGREEING = frozenset({"privacy", "ask_export", "export_progress", "download_export", "delete_channel"})
"""URL names of pages that do not ask for agreement to the terms first."""


class Asked(HttpRequest):
    """A request after `member_page`: somebody is signed in and has a role in the channel."""

    user: User
    role: str
    powers: frozenset[str]


def member_page(page: Page[P]) -> Callable[..., HttpResponseBase]:
    """Turns `public_id` into the member's channel; 404 for strangers, the sign-in page for nobody."""
    return _guarded(page, MEMBER)


def owner_page(page: Page[P]) -> Callable[..., HttpResponseBase]:
    """Like `member_page`; moderators are refused with 403."""
    return _guarded(page, OWN)


def power_page(power: str) -> Callable[[Page[P]], Callable[..., HttpResponseBase]]:
    """Like `member_page`; members without this power are refused with 403."""

    def decorated(page: Page[P]) -> Callable[..., HttpResponseBase]:
        return _guarded(page, power)

    return decorated


def _guarded(page: Page[P], needs: str) -> Callable[..., HttpResponseBase]:
    @wraps(page)
    def guarded(request: HttpRequest, public_id: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = request.user
        if not isinstance(user, User):
            return redirect_to_login(request.get_full_path())
        membership = membership_for(user, public_id)
        if membership is None:
            if queries.closing_channels_of(user).filter(public_id=public_id).exists():
                return redirect("closing", public_id=public_id)
            raise Http404
        if _has_to_agree(request, user):
            return redirect(f"{reverse('agree')}?{urlencode({'next': request.get_full_path()})}")
        powers = powers_by(membership)
        if not allows(powers, needs):
            raise PermissionDenied
        request.role, request.powers = membership.role, powers  # type: ignore[attr-defined]
        response = page(request, membership.channel, *args, **kwargs)
        if hasattr(response, "headers"):
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    # The guard tests read this: every view says what it asks for.
    guarded.needs = needs  # type: ignore[attr-defined]
    return guarded


def _has_to_agree(request: HttpRequest, user: User) -> bool:
    """An operator who looks through the person's eyes cannot agree for the person."""
    return not hasattr(request, "looked_at") and terms.are_due(user) and not _open_to_who_disagrees(request)


def _open_to_who_disagrees(request: HttpRequest) -> bool:
    """Who does not agree to new terms may still take the data along and go."""
    match = request.resolver_match
    return match is not None and match.url_name in WITHOUT_AGREEING


def async_power_page(power: str) -> Callable[[AsyncPage[P]], Callable[..., Coroutine[Any, Any, HttpResponseBase]]]:
    """The same for coroutines that scripts of a page ask. Nobody is sent elsewhere: 404 for who is not signed in."""

    def decorated(page: AsyncPage[P]) -> Callable[..., Coroutine[Any, Any, HttpResponseBase]]:
        @wraps(page)
        async def guarded(request: HttpRequest, public_id: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            channel = await sync_to_async(_admitted)(request, public_id, power)
            return await page(request, channel, *args, **kwargs)

        guarded.needs = power  # type: ignore[attr-defined]
        return guarded

    return decorated


def _admitted(request: HttpRequest, public_id: str, needs: str) -> Channel:
    # `request.user` and not `auser`: the sign-in with Twitch has no asynchronous way to load its people.
    if not isinstance(request.user, User):
        raise Http404
    membership = membership_for(request.user, public_id)
    if membership is None:
        raise Http404
    if not allows(powers_by(membership), needs):
        raise PermissionDenied
    return membership.channel
