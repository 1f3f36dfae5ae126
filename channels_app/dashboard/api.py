"""The JSON API under /api/v1/c/<public_id>/. Errors are {"code", "message"}; strangers get 404."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from channels_app import actions, queries, talk
from channels_app.dashboard.access import channel_and_role
from channels_app.dashboard.commands import COMMANDS
from channels_app.dashboard.forms import MouthOffsetForm, QueueForm, TalkForm
from channels_app.dashboard.state import present
from channels_app.models import Channel, Membership, Turn, User


def answer_for(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every error as {"code", "message"} and, for wrong fields, {"fields": {name: [message]}}."""
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    if isinstance(error, exceptions.ValidationError):
        body = {"code": "invalid", "message": _("Some fields are wrong."), "fields": error.detail}
        return Response(body, status=error.status_code)
    if not isinstance(error, exceptions.APIException):
        return None
    wait = getattr(error, "wait", None)
    headers = {"Retry-After": str(int(wait))} if wait else None
    more = {"url": error.url} if isinstance(error, PlanReached) else {}
    return Response(
        {"code": error.default_code, "message": str(error.detail)} | more, status=error.status_code, headers=headers
    )


class Conflict(exceptions.APIException):
    """Not possible in the channel's present state."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "refused"


class PlanReached(Conflict):
    """The channel's plan does not allow it; `url` is the page of the plans."""

    default_code = "plan_limit"

    def __init__(self, channel: Channel, limit: actions.PlanLimit) -> None:
        super().__init__(str(limit))
        self.url = reverse("billing", args=[channel.public_id])


class ChannelAPI(APIView):
    """Finds the member's channel before anything else."""

    permission_classes = (IsAuthenticated,)
    owner_only = False
    channel: Channel
    person: User

    def get_exception_handler(self) -> Callable[..., Response | None]:
        return answer_for

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        assert isinstance(request.user, User)
        self.person = request.user
        self.channel, role = channel_and_role(request.user, kwargs["public_id"])
        if self.owner_only and role != Membership.Role.OWNER:
            raise exceptions.PermissionDenied(_("Only the broadcaster may do this."))


def fields_of(request: Request) -> dict[str, Any]:
    """Whatever is no JSON object or form has no fields, and each missing one is named."""
    return request.data if isinstance(request.data, dict) else {}


def cleaned(form: forms.Form) -> dict[str, Any]:
    """The form's values. Raises ValidationError with what is wrong, field by field."""
    if not form.is_valid():
        raise exceptions.ValidationError(
            {name: [str(error) for error in errors] for name, errors in form.errors.items()}
        )
    values: dict[str, Any] = form.cleaned_data
    return values


class StateAPI(ChannelAPI):
    """GET: the channel as it is now."""

    def get(self, request: Request, public_id: str) -> Response:
        return Response(present(self.channel))


class HushAPI(ChannelAPI):
    """POST skip, panic, calm, test, end-test: the state afterwards. 409 when it is refused."""

    def post(self, request: Request, public_id: str, name: str) -> Response:
        try:
            COMMANDS[name](self.channel, acting_user=self.person)
        except actions.PlanLimit as limit:
            raise PlanReached(self.channel, limit) from None
        except actions.Refused as refused:
            raise Conflict(str(refused)) from None
        self.channel.refresh_from_db()
        return Response(present(self.channel))


class RunAPI(HushAPI):
    """POST start, stop: the state afterwards. 409 when it is refused."""

    owner_only = True


class DropWaitingAPI(ChannelAPI):
    """POST {event}: {event}. Who waits is told over the dashboard's socket. 409 when she is not live."""

    action: Callable[..., None] = staticmethod(actions.drop_waiting)

    def post(self, request: Request, public_id: str) -> Response:
        event = cleaned(QueueForm(fields_of(request)))["event"]
        try:
            self.action(self.channel, acting_user=self.person, event=event)
        except actions.Refused as refused:
            raise Conflict(str(refused)) from None
        return Response({"event": event}, status=status.HTTP_202_ACCEPTED)


class AnswerNextAPI(DropWaitingAPI):
    """POST {event}: {event}. The same, to have it answered before everything else."""

    action = staticmethod(actions.answer_next)


class TalkAPI(ChannelAPI):
    """POST {name, text, kind, amount}: {event}. The line goes into the inbox as if a chatter had written it."""

    def post(self, request: Request, public_id: str) -> Response:
        values = cleaned(TalkForm(fields_of(request), channel=self.channel))
        event = talk.say_as(self.channel, values["name"], values["text"], values["kind"], values["amount"] or 0)
        return Response({"event": event}, status=status.HTTP_202_ACCEPTED)


class OverlayURLAPI(ChannelAPI):
    """POST: {url}, shown this once; older ones work ten minutes longer. DELETE: closes all, {revoked: count}."""

    owner_only = True

    def post(self, request: Request, public_id: str) -> Response:
        url = actions.new_overlay_url(self.channel, acting_user=self.person)
        return Response({"url": url}, status=status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})

    def delete(self, request: Request, public_id: str) -> Response:
        return Response({"revoked": actions.revoke_overlay_keys(self.channel, acting_user=self.person)})


class MouthOffsetAPI(ChannelAPI):
    """POST {key, mouth_offset_ms}: the same. Without a number that overlay URL has the channel's offset again."""

    def post(self, request: Request, public_id: str) -> Response:
        values = cleaned(MouthOffsetForm(fields_of(request), channel=self.channel))
        key, offset = values["key"], values["mouth_offset_ms"]
        actions.set_mouth_offset(self.channel, acting_user=self.person, key=key, offset_ms=offset)
        return Response({"key": key.pk, "mouth_offset_ms": offset})


class TurnSerializer(serializers.ModelSerializer[Turn]):
    class Meta:
        model = Turn
        fields = (
            "id", "persona_name", "trigger", "chatter_name", "asked", "said", "heard", "outcome", "reason", "verdict",
            "evidence", "timings_ms", "brain", "voice", "voice_stood_in", "prompt_tokens", "completion_tokens",
            "characters", "cost_micros", "cost_exact", "created_at", "heard_at", "ended_at",
        )  # fmt: skip


class NewestFirst(CursorPagination):
    page_size = 25
    page_size_query_param = "page_size"
    max_page_size = 100
    ordering = "-created_at"


class TurnsAPI(ChannelAPI, ListAPIView[Turn]):
    """GET: turns, newest first; {next, previous, results}."""

    serializer_class = TurnSerializer
    pagination_class = NewestFirst

    def get_queryset(self) -> Any:
        return queries.turns_shown(self.channel)
