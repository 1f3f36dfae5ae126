"""What every endpoint of a channel shares: whose it is, who may, and how it says no.

Errors are {"code", "message"}; strangers get 404.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django import forms
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from channels_app import acting
from channels_app.actions import PlanLimit
from channels_app.api.scopes import POWERS, Scope
from channels_app.membership import allows, membership_for, powers_by
from channels_app.models import ApiToken, Channel, User
from channels_app.powers import MEMBER, OWN


def answer_for(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every error as {"code", "message"} and, for wrong fields, {"fields": {name: [message]}}."""
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    if isinstance(error, exceptions.ValidationError):
        body = {"code": "invalid", "message": _("Some fields are wrong."), "fields": error.detail}
        return Response(body, status=error.status_code)
    if not isinstance(error, exceptions.APIException):
        return None
    headers = {}
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(math.ceil(wait))
    if door := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = door
    code = error.get_codes()
    body = {"code": code if isinstance(code, str) else error.default_code, "message": str(error.detail)}
    if isinstance(error, PlanReached):
        body["url"] = error.url
    return Response(body, status=error.status_code, headers=headers)


class Conflict(exceptions.APIException):
    """Not possible in the channel's present state."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "refused"


class PlanReached(Conflict):
    """The channel's plan does not allow it; `url` is the page of the plans."""

    default_code = "plan_limit"

    def __init__(self, channel: Channel, limit: PlanLimit) -> None:
        super().__init__(str(limit))
        self.url = reverse("billing", args=[channel.public_id])


class OurAPI(APIView):
    """An endpoint of ours: errors in one shape, and the audit log knows by what door somebody came."""

    permission_classes: Sequence[type[BasePermission]] = (IsAuthenticated,)
    scope: ClassVar[Scope | dict[str, Scope] | None] = None
    """What a token needs, for every method or for each. None: no token is let in."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with acting.through():
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if isinstance(request.auth, ApiToken):
            acting.came_through(f"token {request.auth}")

    def get_exception_handler(self) -> Callable[..., Response | None]:
        return answer_for

    @classmethod
    def scope_for(cls, method: str) -> Scope | None:
        return cls.scope.get(method) if isinstance(cls.scope, dict) else cls.scope

    def needed_for(self, request: Request) -> Scope | None:
        """The scope of this call: who asks about an endpoint needs what its reader needs."""
        method = str(request.method)
        if isinstance(self.scope, dict) and method in ("HEAD", "OPTIONS"):
            return next(iter(self.scope.values()))
        return self.scope_for(method)

    def ask_token(self, request: Request) -> None:
        """Raises PermissionDenied where the call came with a token that is not good for this."""
        if not isinstance(request.auth, ApiToken):
            return
        needed = self.needed_for(request)
        if needed is None:
            raise exceptions.PermissionDenied(_("Only a person who is signed in may do this."), code="no_tokens")
        if needed not in request.auth.scopes:
            told = _("This token has no scope %(scope)s.") % {"scope": needed.value}
            raise exceptions.PermissionDenied(told, code="scope_missing")


class ChannelAPI(OurAPI):
    """Finds the member's channel before anything else."""

    needs: str = MEMBER
    """The power it asks for besides that of its scope, as `power_page` does of a page."""
    channel: Channel
    person: User
    role: str
    powers: frozenset[str]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        assert isinstance(request.user, User)
        self.person = request.user
        if isinstance(request.auth, ApiToken) and request.auth.membership.channel.public_id != kwargs["public_id"]:
            raise Http404
        membership = membership_for(request.user, kwargs["public_id"])
        if membership is None:
            raise Http404
        self.channel, self.role, self.powers = membership.channel, membership.role, powers_by(membership)
        scope = self.needed_for(request)
        for needs in (self.needs, MEMBER if scope is None else POWERS[scope]):
            if not allows(self.powers, needs):
                raise exceptions.PermissionDenied(
                    _("Only the broadcaster may do this.")
                    if needs == OWN
                    else _("The broadcaster has not given you the power to do this.")
                )
        self.ask_token(request)


class NothingAPI(OurAPI):
    """Whatever stands at no address of the API is told in its own words, and not as a page."""

    permission_classes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise exceptions.NotFound(_("There is nothing at this address. Mind the / at its end."))


class NewestFirst(CursorPagination):
    """{next, previous, results}: follow `next` until it is null."""

    page_size = 25
    page_size_query_param = "page_size"
    max_page_size = 100
    ordering = "-created_at"

    def decode_cursor(self, request: Request) -> Cursor | None:
        cursor = super().decode_cursor(request)
        if cursor is not None and cursor.position is not None and not _is_time(str(cursor.position)):
            raise exceptions.NotFound(self.invalid_cursor_message)
        return cursor


def _is_time(text: str) -> bool:
    try:
        return parse_datetime(text) is not None
    except ValueError:
        return False


def fields_of(request: Request) -> dict[str, Any]:
    """Whatever is no JSON object or form has no fields, and each missing one is named."""
    return request.data if isinstance(request.data, dict) else {}


def cleaned(form: forms.BaseForm) -> dict[str, Any]:
    """The form's values. Raises ValidationError with what is wrong, field by field."""
    if not form.is_valid():
        raise exceptions.ValidationError(
            {name: [str(error) for error in errors] for name, errors in form.errors.items()}
        )
    values: dict[str, Any] = form.cleaned_data
    return values
