"""Endpoints beyond what the dashboard's own scripts ask for: channels, settings, the queue, one turn, a text to say."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from channels_app import actions, queries, tips
from channels_app.api import action_urls, live_queue, shapes
from channels_app.api.base import ChannelAPI, Conflict, OurAPI
from channels_app.api.schema import described
from channels_app.api.scopes import Scope
from channels_app.models import ApiToken, User


class ChannelsAPI(OurAPI):
    """A token sees the one channel it was made for."""

    scope = Scope.CHANNEL_READ

    @described("Your channels", "channel", gives=shapes.ChannelList)
    def get(self, request: Request) -> Response:
        self.ask_token(request)
        assert isinstance(request.user, User)
        rows = queries.channels_of(request.user)
        if isinstance(request.auth, ApiToken):
            rows = rows.filter(pk=request.auth.membership.channel_id)
        found = [shapes.channel_shape(row, queries.role_in(request.user, row)) for row in rows]
        return Response({"results": found})


class OneChannelAPI(ChannelAPI):
    """What may be changed here is what every member may change on the settings page."""

    scope = {"GET": Scope.CHANNEL_READ, "PATCH": Scope.CHANNEL_WRITE}

    @described("One channel", "channel", gives=shapes.ChannelShape)
    def get(self, request: Request, public_id: str) -> Response:
        return Response(self._shape())

    @described(
        "Change settings of the show", "channel",
        takes=shapes.ChannelShape(partial=True), gives=shapes.ChannelShape,
    )  # fmt: skip
    def patch(self, request: Request, public_id: str) -> Response:
        sent = shapes.ChannelShape(data=request.data, partial=True)
        sent.is_valid(raise_exception=True)
        now: dict[str, Any] = {
            name: getattr(self.channel, name)
            for name in ("mouth_offset_ms", "ai_badge", "idle_seconds", "ignored_chatters")
        }
        actions.set_stage(self.channel, acting_user=self.person, **(now | sent.validated_data))
        self.channel.refresh_from_db()
        return Response(self._shape())

    def _shape(self) -> dict[str, Any]:
        return shapes.channel_shape(self.channel, self.role)


class SayAPI(ChannelAPI):
    """She says the text word for word, if the safety rules let it pass. 409 while she is not live, or is silenced."""

    scope = Scope.CHAT_SAY

    @described("Have her say a text", "live", takes=shapes.Words, gives=shapes.EventId, status=202, fails=[409])
    def post(self, request: Request, public_id: str) -> Response:
        sent = shapes.Words(data=request.data)
        sent.is_valid(raise_exception=True)
        try:
            event = action_urls.say(self.channel, acting_user=self.person, text=sent.validated_data["text"])
        except actions.Refused as refused:
            raise Conflict(str(refused)) from None
        return Response({"event": event}, status=status.HTTP_202_ACCEPTED)


class TipsAPI(ChannelAPI):
    """Money that somebody gave outside of Twitch. It is stored before anything else, counts as income, and she
    thanks for it as for a cheer. Told again with the same `id` it is the same tip."""

    scope = Scope.TIPS_WRITE

    @described("Tell her of a tip", "live", takes=shapes.TipShape, gives=shapes.EventId, status=202)
    def post(self, request: Request, public_id: str) -> Response:
        sent = shapes.TipShape(data=request.data)
        sent.is_valid(raise_exception=True)
        try:
            tip = tips.read(sent.validated_data)
        except tips.WrongTipError as wrong:
            raise ValidationError({wrong.field: [str(wrong)]}) from None
        event = tips.take(self.channel, tip, acting_user=self.person)
        return Response({"event": event}, status=status.HTTP_202_ACCEPTED)


class QueueAPI(ChannelAPI):
    """Her run is asked, and answers within a second. While she is not live everything is empty."""

    scope = Scope.TURNS_READ

    @described("Who waits for her", "queue", gives=shapes.Queue)
    def get(self, request: Request, public_id: str) -> Response:
        return Response(live_queue.ask(self.channel))


class TurnAPI(ChannelAPI):
    """What chatters wrote is forgotten within a day; the rest of a turn stays."""

    scope = Scope.TURNS_READ

    @described("One turn", "turns", gives=shapes.TurnSerializer)
    def get(self, request: Request, public_id: str, turn_id: uuid.UUID) -> Response:
        turn = queries.turn_of(self.channel, turn_id)
        if turn is None:
            raise Http404
        return Response(shapes.TurnSerializer(turn, context={"view": self}).data)
