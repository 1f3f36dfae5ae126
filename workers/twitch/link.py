"""The conduit's sockets, kept alive. TwitchIO connects and reads; when anything is wrong the client is replaced whole.

TwitchIO's own healing is switched off: it has ways to lose sockets without a word, to keep two for one shard, and to
retry for ever behind a client that was closed. One mechanism heals everything: a new client takes the shards over, then
the old one goes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable
from datetime import datetime
from typing import Any

import twitchio
from django.db import DatabaseError
from twitchio.eventsub import websockets
from twitchio.eventsub.websockets import Websocket
from twitchio.http import Route

from channels_app.twitch.helix import Helix, TwitchError
from workers.fleet.runtime import in_db
from workers.twitch import rows
from workers.twitch.pace import Pace

log = logging.getLogger(__name__)

OnEvent = Callable[[Any], None]

SHARDS = 2
"""Of each gateway: the second takes over when one fails."""


def point_twitchio_at(env: Any) -> None:
    """TwitchIO has no setting for other hosts; these three names are read at each request."""
    Route.BASE = f"{env.TWITCH_API_URL}/"
    Route.ID_BASE = f"{env.TWITCH_AUTH_URL.removesuffix('/oauth2')}/"
    websockets.WSS = env.TWITCH_EVENTSUB_URL


class Client(twitchio.AutoClient):
    """An AutoClient that hands events over in order, at once, and asks to be replaced instead of healing itself."""

    def __init__(self, on_event: OnEvent, pace: Pace, **options: Any) -> None:
        super().__init__(subscriptions=[], fetch_client_user=False, **options)
        self.broken = asyncio.Event()
        self._on_event = on_event
        self._connect_seconds = pace.connect

    def dispatch(self, event: str, payload: Any | None = None) -> None:
        # The library starts a task for each event, which keeps no order; here nothing is awaited.
        if event == "websocket_closed":
            self.broken.set()
        elif isinstance(payload, twitchio.models.eventsub_.BaseEvent | twitchio.models.eventsub_.SubscriptionRevoked):
            self._on_event(payload)
        else:
            super().dispatch(event, payload)

    async def _associate_flow(self, websocket: Websocket) -> None:
        # The library would try to connect for ever, also after the client was closed.
        try:
            async with asyncio.timeout(self._connect_seconds):
                await super()._associate_flow(websocket)
        except Exception as error:
            websocket._failed = True
            await websocket.close(reassociate=False)
            log.info("a conduit socket did not open (%s)", type(error).__name__)

    async def open(self, app_token: str) -> None:
        """Connects all shards. Raises whatever the library raises."""
        await self.login(token=app_token, load_tokens=False, save_tokens=False)
        if self._background_check_task is not None:
            self._background_check_task.cancel()

    def fault(self, silence: float) -> str:
        """What is wrong with the sockets, "" when all is well."""
        sockets = list(self.conduit_info.websockets.values())
        if len(sockets) < SHARDS or not all(socket.connected for socket in sockets):
            return "a socket is closed"
        now = datetime.now()  # noqa: DTZ005 (the library's own clock)
        for socket in sockets:
            if socket._last_keepalive is None or (now - socket._last_keepalive).total_seconds() > silence:
                return f"a socket was silent for {silence:.0f} s"
        return ""

    def sessions(self) -> dict[str, str]:
        """EventSub session by shard, as we believe it."""
        return {shard: str(socket.session_id) for shard, socket in self.conduit_info.websockets.items()}


class Link:
    """Keeps the sockets of one gateway connected: its own shards of the conduit that all gateways share.

    Gateway 0 leads: it makes the conduit and gives it as many shards as there are gateways; the others wait for that.
    `conduit_id` is "" until the first connection.
    """

    def __init__(self, env: Any, helix: Helix, on_event: OnEvent, pace: Pace, *, number: int = 0) -> None:
        self.conduit_id = ""
        self.connections = 0
        self._env, self._helix, self._on_event, self._pace = env, helix, on_event, pace
        self._leads = number == 0
        self._shards = list(range(number * SHARDS, (number + 1) * SHARDS))

    async def keep(self) -> None:
        """Until cancelled."""
        point_twitchio_at(self._env)
        clients: list[Client] = []
        pause = self._pace.retry
        loop = asyncio.get_running_loop()
        try:
            while True:
                began = loop.time()
                try:
                    clients.append(await self._connect())
                except Exception as error:
                    # Its text may hold an address with our secret in it.
                    why = str(error) if isinstance(error, TwitchError) else type(error).__name__
                    log.warning("Twitch's EventSub is not reached, next try in %.0f s: %s", pause, why)
                else:
                    log.info("connected to conduit %s", self.conduit_id)
                    if len(clients) > 1:
                        await asyncio.sleep(self._pace.overlap)
                        await _close(clients.pop(0))
                    why = await self._fault_of(clients[-1])
                    log.warning("the EventSub connection is replaced: %s", why)
                    if loop.time() - began > self._pace.longest_retry:
                        pause = self._pace.retry
                        continue
                await asyncio.sleep(pause * random.uniform(0.8, 1.2))
                pause = min(self._pace.longest_retry, pause * 2)
        finally:
            await asyncio.gather(*(_close(client) for client in clients))

    async def _connect(self) -> Client:
        conduit_id = await (self._kept_conduit() if self._leads else self._widened_conduit())
        client = Client(
            self._on_event,
            self._pace,
            client_id=self._env.TWITCH_CLIENT_ID,
            client_secret=self._env.TWITCH_CLIENT_SECRET.get_secret_value(),
            conduit_id=conduit_id,
            shard_ids=self._shards,
        )
        try:
            await client.open(await asyncio.to_thread(self._helix.app_token))
        except BaseException:
            await _close(client)
            raise
        self.conduit_id = conduit_id
        self.connections += 1
        return client

    async def _kept_conduit(self) -> str:
        """The conduit used before, else the first there is, else a new one; with a place for every gateway."""
        before, wanted = await in_db(rows.conduit), self._env.GATEWAYS * SHARDS
        found = sorted(await asyncio.to_thread(self._helix.conduits), key=lambda each: (each.id != before, each.id))
        if len(found) > 1:
            log.warning("this application has %d conduits; %s is used", len(found), found[0].id)
        conduit = found[0] if found else await asyncio.to_thread(self._helix.create_conduit, wanted)
        if conduit.shard_count != wanted:
            await asyncio.to_thread(self._helix.scale_conduit, conduit.id, wanted)
        await in_db(rows.use_conduit, conduit.id)
        return conduit.id

    async def _widened_conduit(self) -> str:
        """The conduit that gateway 0 uses, as soon as it has our shards."""
        chosen = await in_db(rows.conduit)
        conduits = await asyncio.to_thread(self._helix.conduits)
        there = next((each for each in conduits if each.id == chosen), None)
        if there is None or there.shard_count <= self._shards[-1]:
            raise TwitchError("gateway/0 has made no place for this one yet", retryable=True)
        return there.id

    async def _fault_of(self, client: Client) -> str:
        """Returns what went wrong, as soon as something did."""
        checked = 0.0
        loop = asyncio.get_running_loop()
        while True:
            if loop.time() - checked >= self._pace.reconcile:
                checked = loop.time()
                if fault := await self._stolen(client):
                    return fault
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pace.watch):
                    await client.broken.wait()
                return "a socket was closed"
            if fault := client.fault(self._pace.silence):
                return fault

    async def _stolen(self, client: Client) -> str:
        """Whether Twitch sends our shards to other sockets than ours, or all gateways have another conduit now."""
        try:
            there = await asyncio.to_thread(self._helix.shard_sessions, self.conduit_id)
            chosen = await in_db(rows.conduit)
        except TwitchError as error:
            return "the conduit is gone" if error.status == 404 else ""
        except DatabaseError:
            return ""
        if chosen != self.conduit_id:
            return "another conduit is in use"
        ours = client.sessions()
        return "" if all(there.get(shard) == session for shard, session in ours.items()) else "a shard is not ours"


async def _close(client: Client) -> None:
    """Closes all its sockets. Whatever the library raises here is of no more interest."""
    try:
        async with asyncio.timeout(2):
            await client.close(save_tokens=False)
    except Exception as error:
        log.info("the old EventSub client did not close cleanly (%s)", type(error).__name__)
