"""Endpoints of a channel that the dashboard's own scripts use too: state, commands, queue, overlay URLs, turns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from channels_app import actions, queries, talk
from channels_app.api import shapes
from channels_app.api.base import ChannelAPI, Conflict, NewestFirst, PlanReached, cleaned, fields_of
from channels_app.api.schema import described
from channels_app.api.scopes import Scope
from channels_app.dashboard.commands import COMMANDS
from channels_app.dashboard.forms import MouthOffsetForm, QueueForm, TalkForm
from channels_app.dashboard.state import present
from channels_app.models import Turn
from channels_app.powers import OWN


class StateAPI(ChannelAPI):
    """The channel as it is now."""

    scope = Scope.CHANNEL_READ

    @described("State of the channel", "channel", gives=shapes.ChannelState)
    def get(self, request: Request, public_id: str) -> Response:
        return Response(present(self.channel))


class CommandAPI(ChannelAPI):
    """The answer is the state afterwards."""

    def obey(self, name: str) -> Response:
        """409 when it is refused."""
        try:
            COMMANDS[name](self.channel, acting_user=self.person)
        except actions.PlanLimit as limit:
            raise PlanReached(self.channel, limit) from None
        except actions.Refused as refused:
            raise Conflict(str(refused)) from None
        self.channel.refresh_from_db()
        return Response(present(self.channel))


def command_api(name: str, summary: str, needed: Scope) -> type[CommandAPI]:
    """The endpoint of one command."""

    class OneCommandAPI(CommandAPI):
        __doc__ = CommandAPI.__doc__
        scope = needed

        @described(summary, "live", gives=shapes.ChannelState, fails=[409])
        def post(self, request: Request, public_id: str) -> Response:
            return self.obey(name)

    return OneCommandAPI


COMMAND_APIS = {
    name: command_api(name, summary, needed)
    for name, summary, needed in (
        ("start", "Start her", Scope.CHANNEL_RUN),
        ("stop", "Stop her", Scope.CHANNEL_RUN),
        ("skip", "End what she says", Scope.MODERATE),
        ("panic", "Silence her until it is lifted", Scope.MODERATE),
        ("calm", "Lift the silence", Scope.MODERATE),
        ("test", "Beep and flash on every overlay", Scope.MODERATE),
        ("end-test", "End the beeps", Scope.MODERATE),
    )
}
"""Name in the address -> endpoint."""


class DropWaitingAPI(ChannelAPI):
    """Who waits is told by the queue. 409 when she is not live."""

    scope = Scope.MODERATE
    act: Callable[..., None] = staticmethod(actions.drop_waiting)

    @described(
        "Leave something in the queue unanswered", "queue", takes=shapes.EventId, gives=shapes.EventId,
        status=202, fails=[409],
    )  # fmt: skip
    def post(self, request: Request, public_id: str) -> Response:
        return self.order(request)

    def order(self, request: Request) -> Response:
        event = cleaned(QueueForm(fields_of(request)))["event"]
        try:
            self.act(self.channel, acting_user=self.person, event=event)
        except actions.Refused as refused:
            raise Conflict(str(refused)) from None
        return Response({"event": event}, status=status.HTTP_202_ACCEPTED)


class AnswerNextAPI(DropWaitingAPI):
    """It is answered before everything else. 409 when she is not live."""

    act = staticmethod(actions.answer_next)

    @described(
        "Answer something in the queue next", "queue", takes=shapes.EventId, gives=shapes.EventId,
        status=202, fails=[409],
    )  # fmt: skip
    def post(self, request: Request, public_id: str) -> Response:
        return self.order(request)


class TalkAPI(ChannelAPI):
    """The line goes into the inbox as if a chatter had written it."""

    scope = Scope.CHAT_SAY

    @described("Talk to her as a chatter", "live", takes=shapes.Line, gives=shapes.EventId, status=202)
    def post(self, request: Request, public_id: str) -> Response:
        values = cleaned(TalkForm(fields_of(request), channel=self.channel))
        event = talk.say_as(self.channel, values["name"], values["text"], values["kind"], values["amount"] or 0)
        return Response({"event": event}, status=status.HTTP_202_ACCEPTED)


class OverlayURLAPI(ChannelAPI):
    """The personal URL for OBS. A URL is a secret, so no token makes one."""

    needs = OWN

    @described("Make an overlay URL", "channel", gives=shapes.OverlayURL, status=201)
    def post(self, request: Request, public_id: str) -> Response:
        """Older ones work ten minutes longer."""
        url = actions.new_overlay_url(self.channel, acting_user=self.person)
        return Response({"url": url}, status=status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})

    @described("Close every overlay URL", "channel", gives=shapes.Revoked)
    def delete(self, request: Request, public_id: str) -> Response:
        return Response({"revoked": actions.revoke_overlay_keys(self.channel, acting_user=self.person)})


class MouthOffsetAPI(ChannelAPI):
    """Without a number that overlay URL has the channel's offset again."""

    scope = Scope.CHANNEL_WRITE

    @described("Mouth offset of one overlay URL", "channel", takes=shapes.MouthOffset, gives=shapes.MouthOffset)
    def post(self, request: Request, public_id: str) -> Response:
        values = cleaned(MouthOffsetForm(fields_of(request), channel=self.channel))
        key, offset = values["key"], values["mouth_offset_ms"]
        actions.set_mouth_offset(self.channel, acting_user=self.person, key=key, offset_ms=offset)
        return Response({"key": key.pk, "mouth_offset_ms": offset})


class TurnsAPI(ChannelAPI, ListAPIView[Turn]):
    """Newest first."""

    scope = Scope.TURNS_READ
    serializer_class = shapes.TurnSerializer
    pagination_class = NewestFirst

    @described("Turns", "turns", query=shapes.TurnQuery, gives=shapes.TurnSerializer(many=True))
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> Any:
        asked = shapes.TurnQuery(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        rows = queries.turns_shown(self.channel)
        names = {"outcome": "outcome", "since": "created_at__gte", "until": "created_at__lt"}
        rows = rows.filter(**{lookup: wanted[name] for name, lookup in names.items() if name in wanted})
        if chatter := wanted.get("chatter"):
            rows = rows.filter(queries.with_words(chatter, "chatter_name"))
        if text := wanted.get("text"):
            rows = rows.filter(queries.with_words(text, "asked", "said"))
        return rows
