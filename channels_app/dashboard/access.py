"""Who may open which page of a channel. For strangers a channel does not exist."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase

from channels_app import queries
from channels_app.models import Channel, Membership, User

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, Channel, P], HttpResponseBase]


class Asked(HttpRequest):
    """A request after `member_page`: somebody is signed in and has a role in the channel."""

    user: User
    role: str


def member_page(page: Page[P]) -> Callable[..., HttpResponseBase]:
    """Turns `public_id` into the member's channel; 404 for strangers, the sign-in page for nobody."""
    return _guarded(page, {Membership.Role.OWNER, Membership.Role.MODERATOR})


def owner_page(page: Page[P]) -> Callable[..., HttpResponseBase]:
    """Like `member_page`; moderators are refused with 403."""
    return _guarded(page, {Membership.Role.OWNER})


def _guarded(page: Page[P], roles: set[Membership.Role]) -> Callable[..., HttpResponseBase]:
    @wraps(page)
    def guarded(request: HttpRequest, public_id: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = request.user
        if not isinstance(user, User):
            return redirect_to_login(request.get_full_path())
        channel, role = channel_and_role(user, public_id)
        if role not in roles:
            raise PermissionDenied
        request.role = role  # type: ignore[attr-defined]
        response = page(request, channel, *args, **kwargs)
        if hasattr(response, "headers"):
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    # The guard tests read this: every view says who may open it.
    guarded.access = sorted(roles)  # type: ignore[attr-defined]
    return guarded


def channel_and_role(user: User, public_id: str) -> tuple[Channel, str]:
    """The member's channel and role. Raises Http404 for strangers."""
    try:
        channel = queries.channel_for(user, public_id)
    except Channel.DoesNotExist:
        raise Http404 from None
    return channel, queries.role_in(user, channel)
