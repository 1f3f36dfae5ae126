"""The dashboard's WebSocket: tells members what their channel is doing. Nothing is changed through it."""

from __future__ import annotations

import time
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from channels_app import push
from channels_app.dashboard.state import present
from channels_app.membership import powers_of
from channels_app.models import Channel, User
from channels_app.powers import Power
from channels_app.queries import channel_for

CLOSE_UNKNOWN = 4404
CLOSE_TOO_MANY = 4429
MESSAGES_PER_SECOND = 2.0
MESSAGE_BURST = 20.0
"""The page only ever asks for the present state anew."""


class DashboardConsumer(AsyncJsonWebsocketConsumer):
    """One open dashboard of one member."""

    channel: Channel | None = None
    user_id: int = 0
    moderates: bool = False
    """Sees what chatters wrote and what she has not said yet."""
    tokens: float = MESSAGE_BURST
    refilled_at: float = 0.0

    async def connect(self) -> None:
        self.refilled_at = time.monotonic()
        await self.accept()
        user = self.scope.get("user")
        public_id = self.scope["url_route"]["kwargs"]["public_id"]
        self.channel, powers = await database_sync_to_async(_channel_of)(user, public_id)
        if self.channel is None:
            # After accepting: a refused handshake would hide the code from the page.
            await self.close(code=CLOSE_UNKNOWN)
            return
        self.user_id, self.moderates = user.pk, Power.MODERATE in powers
        # Joined before the state is read: a change in between is told twice, not lost.
        await self.channel_layer.group_add(push.dashboard_group(public_id), self.channel_name)
        await self._tell_state()
        await self._ask_for_queue()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """However it ends, also by a page that goes away while something is sent to it, the group is left."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._leave()

    async def _leave(self) -> None:
        if self.channel is not None:
            await self.channel_layer.group_discard(push.dashboard_group(self.channel.public_id), self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **_kwargs: Any) -> None:
        now = time.monotonic()
        self.tokens = min(MESSAGE_BURST, self.tokens + (now - self.refilled_at) * MESSAGES_PER_SECOND) - 1
        self.refilled_at = now
        if self.tokens < 0:
            await self.close(code=CLOSE_TOO_MANY)
        elif self.channel is not None:
            # What she is doing is the run's to tell, and it does when it is asked for the queue.
            await self._tell_state(overlay_only=True)
            await self._ask_for_queue()

    async def dashboard_message(self, message: dict[str, Any]) -> None:
        """Word from the house or the run, handed on as it is."""
        body = message["body"]
        if body["t"] in {"member_removed", "powers_changed", "signed_out"}:
            if body["user"] == self.user_id:
                await self.close(code=CLOSE_UNKNOWN)
            return
        if body["t"] == "overlay":
            await self._tell_state(overlay_only=True)
            return
        if body["t"] in {"queue", "decided"} and not self.moderates:
            return
        await self.send_json(body)

    async def _ask_for_queue(self) -> None:
        """Who waits is in the run's memory alone; it tells all dashboards, for as long as one of them asks."""
        if self.channel is not None:
            await push.inbox(self.channel.public_id, {"t": "queue"})

    async def _tell_state(self, *, overlay_only: bool = False) -> None:
        """The present state; about the overlays alone where her own state is the run's to tell."""
        if self.channel is None:
            return
        await self.channel.arefresh_from_db()
        state = await database_sync_to_async(present)(self.channel)
        if overlay_only:
            del state["state"]
        await self.send_json(state)


def _channel_of(user: Any, public_id: str) -> tuple[Channel | None, frozenset[str]]:
    """The member's channel and powers."""
    if not isinstance(user, User):
        return None, frozenset()
    try:
        channel = channel_for(user, public_id)
    except Channel.DoesNotExist:
        return None, frozenset()
    return channel, powers_of(user, channel)
