"""The EventSub WebSocket of the Twitch on loopback: welcome, keepalive, notification, reconnect, revocation."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import WSMsgType, web

from tests.fakes.twitch_world import Socket, Subscription, World

Frame = dict[str, Any]


def frame(kind: str, payload: Frame, *, age: float = 0.0, **metadata: str) -> Frame:
    at = datetime.now(UTC) - timedelta(seconds=age)
    head = {"message_id": secrets.token_hex(12), "message_type": kind, "message_timestamp": at.isoformat()}
    return {"metadata": head | metadata, "payload": payload}


class EventSub:
    """Sends what subscriptions ask for. A frame nobody could take is kept in `lost`: Twitch replays nothing."""

    def __init__(self, world: World, *, keepalive: float, grace: float) -> None:
        self.world = world
        self.keepalive = keepalive
        self.grace = grace
        self.refusing = False
        self.same_session_on_reconnect = False
        self.opened = 0
        self.url = ""
        self.through = ""
        """Shard that everything goes to as long as it works: Twitch promises of no channel which one it takes."""
        self.sent: list[tuple[Subscription, Frame]] = []
        self.lost: list[Frame] = []

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/ws", self.accept)]

    async def accept(self, request: web.Request) -> web.StreamResponse:
        if self.refusing:
            return web.Response(status=503)
        ws = web.WebSocketResponse(autoping=True)
        await ws.prepare(request)
        before = request.query.get("id", "")
        session = before if before and self.same_session_on_reconnect else secrets.token_urlsafe(12)
        socket = Socket(session, ws, request.transport)
        self._take_over(before, socket)
        self.opened += 1
        seconds = int(request.query.get("keepalive_timeout_seconds") or 10)
        await self._put(socket, frame("session_welcome", {"session": self._session(socket, seconds)}))
        tasks = [asyncio.create_task(self._keep_alive(socket)), asyncio.create_task(self._close_unused(socket))]
        try:
            async for message in ws:
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    await ws.close(code=4001, message=b"client sent inbound traffic")
        finally:
            for task in tasks:
                task.cancel()
            if self.world.sockets.get(session) is socket:
                self.world.session_lost(session)
        return ws

    def _take_over(self, before: str, socket: Socket) -> None:
        self.world.sockets[socket.id] = socket
        for conduit in self.world.conduits.values():
            for shard in conduit.shards:
                if before and shard.session_id == before:
                    shard.session_id, shard.status = socket.id, "enabled"
        for subscription in self.world.subscriptions.values():
            if before and subscription.transport.get("session_id") == before:
                subscription.transport["session_id"] = socket.id

    def _session(self, socket: Socket, seconds: int | None, *, status: str = "connected", url: str = "") -> Frame:
        return {
            "id": socket.id, "status": status, "connected_at": datetime.now(UTC).isoformat(),
            "keepalive_timeout_seconds": seconds, "reconnect_url": url or None, "recovery_url": None,
        }  # fmt: skip

    async def _keep_alive(self, socket: Socket) -> None:
        while True:
            await asyncio.sleep(self.keepalive)
            await self._put(socket, frame("session_keepalive", {}))

    async def _close_unused(self, socket: Socket) -> None:
        await asyncio.sleep(self.grace)
        shards = [s.session_id for c in self.world.conduits.values() for s in c.shards]
        own = [s.transport.get("session_id") for s in self.world.subscriptions.values()]
        if socket.id not in shards and socket.id not in own:
            await socket.ws.close(code=4003, message=b"connection unused")

    async def _put(self, socket: Socket, message: Frame) -> bool:
        if socket.silent:
            return False
        try:
            await socket.ws.send_str(json.dumps(message))
        except (ConnectionError, RuntimeError):
            return False
        return True

    async def notify(self, kind: str, channel_id: str, event: Frame, *, age: float = 0.0) -> int:
        """Tells every subscription of this type and channel; how many frames really left."""
        left = 0
        for subscription in self.world.subscriptions.of(channel_id):
            if subscription.type == kind and subscription.status == "enabled":
                body = {"subscription": subscription.as_data(), "event": event}
                message = frame(
                    "notification", body, age=age, subscription_type=kind, subscription_version=subscription.version
                )
                self.sent.append((subscription, message))
                left += await self.deliver(subscription, message)
        return left

    async def deliver(self, subscription: Subscription, message: Frame) -> bool:
        socket = self._socket_for(subscription)
        if socket is not None and await self._put(socket, message):
            return True
        self.lost.append(message)
        return False

    def _socket_for(self, subscription: Subscription) -> Socket | None:
        if subscription.transport["method"] == "websocket":
            return self.world.sockets.get(subscription.transport["session_id"])
        conduit = self.world.conduits.get(subscription.transport["conduit_id"])
        shards = [s for s in (conduit.shards if conduit else []) if s.status == "enabled"]
        if not shards:
            return None
        told = [s for s in shards if s.id == self.through]
        # A channel stays on one shard, as its events stay in order.
        chosen = told[0] if told else shards[zlib.crc32(subscription.channel_id.encode()) % len(shards)]
        return self.world.sockets.get(chosen.session_id)

    async def revoke(self, subscription: Subscription, reason: str) -> None:
        subscription.status = reason
        message = frame(
            "revocation",
            {"subscription": subscription.as_data()},
            subscription_type=subscription.type,
            subscription_version=subscription.version,
        )
        await self.deliver(subscription, message)
        self.world.subscriptions.remove(subscription.id)

    async def drop(self, *, code: int | None = None) -> int:
        """Ends every open socket: without a code the TCP connection breaks."""
        sockets = list(self.world.sockets.values())
        for socket in sockets:
            self.world.session_lost(socket.id)
            if code is not None:
                with contextlib.suppress(ConnectionError, RuntimeError):
                    await asyncio.wait_for(socket.ws.close(code=code), 2)
            elif socket.transport is not None:
                socket.transport.abort()
        return len(sockets)

    async def ask_to_reconnect(self, *, url: str = "") -> None:
        """`session_reconnect` on every socket; the old ones stay open as Twitch keeps them."""
        for socket in list(self.world.sockets.values()):
            target = url or f"{self.url}?id={socket.id}"
            session = self._session(socket, None, status="reconnecting", url=target)
            await self._put(socket, frame("session_reconnect", {"session": session}))
