"""The chat gateway: what Twitch tells about all running channels goes into their inboxes. One leased run for the site.

It must never know what becomes of an event. What was paid stands in a row before it travels.
"""

from __future__ import annotations

import asyncio
import logging
import time
import zlib
from collections.abc import Callable, Collection, Coroutine
from typing import Any

from django.conf import settings
from django.db import DatabaseError

from channels_app import actions, moderation, paid, push, viewer_rights
from channels_app.chatters import IN_CHAT
from channels_app.models import Channel
from channels_app.twitch import helix as twitch_api
from channels_app.twitch.helix import TwitchError
from workers.fleet.runtime import Lease, in_db, in_db_at_last
from workers.pipeline.values import EventKind
from workers.twitch import decode, subscriptions
from workers.twitch.decode import Arrived, Decoded
from workers.twitch.link import Link, Pace
from workers.twitch.once import REMEMBERED, Seen, Twins
from workers.twitch.subscriptions import Key, Reached, Wish

log = logging.getLogger(__name__)

LANES = 8
"""Events of one channel stay in order in one lane; a slow database holds up an eighth of the channels at most."""
LANE_FULL = 5_000
"""Events that wait in a lane before chat lines are dropped. What was paid is never dropped."""
LEASE_LOOK = 0.5
FLUSH = 2.0
"""Seconds the run still works off what has arrived when it ends."""
SAID_AGAIN = 2.5
"""Seconds after which a task that goes on is cancelled once more; longer than closing the connection may take."""
STORE_RETRY = 1.0
PANIC_LIFE = 30.0
"""Seconds after which the panic word is no longer obeyed: by then somebody may have lifted the silence."""


async def run(lease: Lease) -> None:
    """The gateway, until the lease is over."""
    await Gateway(lease).run()


class Gateway:
    """`senders` are accounts she writes in chat with: what they write is not answered."""

    def __init__(
        self,
        lease: Lease,
        *,
        pace: Pace | None = None,
        senders: frozenset[str] = frozenset(),
        now: Callable[[], float] = time.time,
    ) -> None:
        env = settings.ENV
        self._lease = lease
        self._pace = pace or Pace()
        self._senders = senders
        self._now = now
        self._helix = twitch_api.client()
        self.link = Link(env, self._helix, self.take, self._pace)
        self._seen = Seen(env.redis_url, env.REDIS_PREFIX, now)
        self._twins = Twins(now)
        self._lanes: list[asyncio.Queue[Any]] = [asyncio.Queue() for _ in range(LANES)]
        self._channels: dict[str, Reached] = {}
        self._present: dict[Key, str] = {}
        self._knows_channels = asyncio.Event()
        self._writing: set[asyncio.Task[Any]] = set()

    @property
    def subscribed(self) -> frozenset[Key]:
        """What we believe Twitch sends us."""
        return frozenset(self._present)

    async def run(self) -> None:
        """Until the lease is over or a part of it fails."""
        work = [self._work(lane) for lane in self._lanes]
        inward: list[Coroutine[Any, Any, None]] = [self.link.keep(), self._keep_subscriptions(), self._poll_streams()]
        lanes = [asyncio.create_task(part) for part in work]
        tasks = [asyncio.create_task(part) for part in inward]
        try:
            while self._lease.alive():
                done, _ = await asyncio.wait([*tasks, *lanes], timeout=LEASE_LOOK, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        finally:
            closing = asyncio.create_task(_end(tasks))
            # What has arrived is worked off: storing what was paid is safe without a lease, and nobody sends it again.
            _, late = await asyncio.wait([asyncio.create_task(lane.join()) for lane in self._lanes], timeout=FLUSH)
            if self._writing:
                await asyncio.wait(self._writing, timeout=FLUSH)
            await _end([*lanes, *late, *self._writing])
            await closing
            await self._seen.close()

    # Events

    def take(self, payload: Any) -> None:
        """Only puts the event into its channel's lane; the panic word waits in none."""
        channel = self._channels.get(decode.channel_of(payload))
        if channel is not None and decode.is_command(payload, channel.panic_command) and self._is_new(payload):
            self._in_background(self._panic(channel, payload.chatter.name or ""))
            return
        lane = self._lanes[zlib.crc32(decode.channel_of(payload).encode()) % LANES]
        if lane.qsize() >= LANE_FULL and decode.is_chatter(payload):
            log.error("a chat line is dropped: %d events wait in its lane", lane.qsize())
            return
        lane.put_nowait(payload)

    def _is_new(self, payload: Any) -> bool:
        """Whether a panic word was written just now: an old notification that comes again must not silence her."""
        return bool(payload.metadata.message_timestamp.timestamp() > self._now() - PANIC_LIFE)

    async def _panic(self, channel: Reached, name: str) -> None:
        """Silence before anything else, and then the latch, however long the database is away."""
        await push.panic_frame(channel.public_id)
        await push.inbox(channel.public_id, {"t": "command", "name": "panic"})
        row = Channel(pk=channel.pk, public_id=channel.public_id)
        await in_db_at_last(actions.latch_panic, row, acting_user=None, by=f"{name} {IN_CHAT}")

    async def _work(self, lane: asyncio.Queue[Any]) -> None:
        while True:
            payload = await lane.get()
            try:
                # Twitch sends from the moment we connect; with no channel known everything would seem to be nobody's.
                await self._knows_channels.wait()
                await self._handle(payload)
            except Exception:
                # One event must not end the chat of all channels.
                log.exception("a %s event was lost", type(payload).__name__)
            finally:
                lane.task_done()

    async def _handle(self, payload: Any) -> None:
        metadata = getattr(payload, "metadata", None)
        if metadata is not None and metadata.message_timestamp.timestamp() < self._now() - REMEMBERED:
            log.info("a stale %s notification is dropped", metadata.subscription_type)
            return
        found = decode.decode(payload, senders=self._senders)
        if found is None:
            return
        ids = [metadata.message_id] if metadata is not None else []
        if isinstance(found, Arrived):
            ids.append(found.event.id)
        if ids and not await self._seen.first(*dict.fromkeys(ids)):
            return
        await self._pass_on(found)

    async def _pass_on(self, found: Decoded) -> None:
        if isinstance(found, decode.Revoked):
            self._in_background(self._note_revoked(found))
            return
        channel = self._channels.get(found.broadcaster_id)
        if channel is None:  # stopped a moment ago
            return
        row = Channel(pk=channel.pk)
        match found:
            case Arrived():
                await self._arrived(channel, row, found)
            case decode.Deleted(message_id=message_id):
                event_id = self._twins.known_as(message_id)
                await push.inbox(channel.public_id, {"t": "deleted", "message_id": event_id})
                self._take_out(row, "the message was deleted", event_id=event_id)
            case decode.ChatterCleared(chatter_id=chatter_id):
                await push.inbox(channel.public_id, {"t": "chatter_cleared", "chatter_id": chatter_id})
                self._take_out(row, "the chatter was timed out or banned", chatter_id=chatter_id)
            case decode.ChatCleared():
                await push.inbox(channel.public_id, {"t": "chat_cleared"})
                self._take_out(row, "the chat was cleared")
            case decode.StreamState(online=online):
                await in_db(subscriptions.note_streams, {found.broadcaster_id: online})

    def _take_out(self, row: Channel, reason: str, **what: str) -> None:
        """Out of the rows too, in the background: she has fallen silent already, which waits for no database."""
        self._in_background(in_db_at_last(moderation.take_back, row, reason, **what))

    async def _note_revoked(self, found: decode.Revoked) -> None:
        await in_db_at_last(subscriptions.note_revoked, found.subscription_id, found.reason)
        # Only now: who misses it earlier asks for it again, and Twitch's refusal would hide what it was about.
        self._present = {key: held for key, held in self._present.items() if held != found.subscription_id}

    def _in_background(self, work: Coroutine[Any, Any, Any]) -> None:
        """Writes that no event waits for, and that are made however long the database is away."""
        task = asyncio.create_task(work)
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _arrived(self, channel: Reached, row: Channel, found: Arrived) -> None:
        if found.event.kind is EventKind.MESSAGE and (right := viewer_rights.right_in(found.event.text)):
            chatter, whole = found.event.chatter, Channel(pk=channel.pk, public_id=channel.public_id)
            self._in_background(in_db_at_last(viewer_rights.obey, whole, right, chatter.id, chatter.name))
            return
        if self._told_elsewhere(found):
            return
        body = found.event.as_message()
        if found.event.paid:
            body = await self._stored(row, found)
        await push.inbox(channel.public_id, {"t": "event", "event": body})

    def _told_elsewhere(self, found: Arrived) -> bool:
        """Cheers and redemptions with a text also come as a chat line. Each is one event, under whichever id."""
        if not found.twin:
            return False
        event_id, is_redemption = found.event.id, found.twin[0] == "redemption"
        if is_redemption and found.line and not self._hears_redemptions(found.broadcaster_id):
            return False
        other = self._twins.meet(found.broadcaster_id, found.twin, event_id, line=found.line)
        if other and is_redemption:
            # Only the redemption knows its reward, so it is the one that counts, also when it comes second.
            self._twins.same(event_id if found.line else other, other if found.line else event_id)
        elif other and found.line:
            self._twins.same(event_id, other)
        return found.line if is_redemption else bool(other)

    def _hears_redemptions(self, broadcaster_id: str) -> bool:
        return any(
            kind == subscriptions.REDEMPTIONS and ("broadcaster_user_id", broadcaster_id) in condition
            for kind, condition in self._present
        )

    async def _stored(self, row: Channel, found: Arrived) -> dict[str, Any]:
        """The event's row, however long the database is away."""
        while True:
            try:
                return await in_db(
                    paid.store,
                    row,
                    found.event.as_message(),
                    redemption_id=found.redemption_id,
                    reward_id=found.reward_id if found.event.kind is EventKind.REDEMPTION else "",
                )
            except DatabaseError as error:
                log.error("a paid event waits for the database (%s)", type(error).__name__)
                await asyncio.sleep(STORE_RETRY)

    # Subscriptions

    async def _keep_subscriptions(self) -> None:
        """What running channels need is there, soon after they start and whatever Twitch forgets."""
        loop = asyncio.get_running_loop()
        listed, conduit = 0.0, ""
        while True:
            try:
                self._channels, wanted = await in_db(subscriptions.wishes)
                self._knows_channels.set()
                if self.link.conduit_id:
                    if conduit != self.link.conduit_id or loop.time() - listed >= self._pace.reconcile:
                        await self._list(wanted)
                        conduit, listed = self.link.conduit_id, loop.time()
                    await self._subscribe(wanted)
                await asyncio.sleep(self._pace.look)
            except TwitchError as error:
                log.warning("subscriptions wait: %s", error)
                await asyncio.sleep(max(error.retry_after, self._pace.look))
            except DatabaseError as error:
                log.warning("subscriptions wait for the database (%s)", type(error).__name__)
                await asyncio.sleep(self._pace.look)

    async def _list(self, wanted: list[Wish]) -> None:
        conduit_id = self.link.conduit_id
        found = await asyncio.to_thread(lambda: list(self._helix.subscriptions(conduit_id)))
        self._present, useless = subscriptions.held(found)
        for subscription_id in useless:
            await self._paced(self._helix.unsubscribe, subscription_id)
        await in_db(subscriptions.note_present, wanted, self._present)

    async def _subscribe(self, wanted: list[Wish]) -> None:
        """Ends what nobody needs and asks for what is missing. Raises TwitchError when Twitch wants us to wait."""
        for key, subscription_id in subscriptions.surplus(wanted, self._present):
            await self._paced(self._helix.unsubscribe, subscription_id)
            self._present.pop(key, None)
        for wish in subscriptions.missing(wanted, self._present):
            subscription_id = ""
            try:
                made = await self._paced(
                    self._helix.subscribe, self.link.conduit_id, wish.type, wish.version, dict(wish.condition)
                )
                subscription_id = made.id
            except TwitchError as error:
                if error.status != 409:
                    await in_db(subscriptions.note_failed, wish, error)
                    if error.status not in {400, 403}:
                        raise
                    continue
            self._present[wish.key] = subscription_id
            await in_db(subscriptions.note_enabled, wish, subscription_id)

    async def _paced(self, call: Callable[..., Any], *args: Any) -> Any:
        await asyncio.sleep(self._pace.post)
        return await asyncio.to_thread(call, *args)

    async def _poll_streams(self) -> None:
        """Who is on air: TwitchIO drops some of the notifications that tell it."""
        while True:
            try:
                ids = list(self._channels)
                live = await asyncio.to_thread(self._helix.live_ids, ids) if ids else set()
                await in_db(subscriptions.note_streams, {user_id: user_id in live for user_id in ids})
            except (TwitchError, DatabaseError) as error:
                log.warning("live states wait: %s", error if isinstance(error, TwitchError) else type(error).__name__)
            await asyncio.sleep(self._pace.streams)


async def _end(tasks: Collection[asyncio.Task[None]]) -> None:
    """Cancels them until they are over: redis-py waits in a way that before Python 3.12 may forget a cancellation."""
    going: Collection[asyncio.Task[None]] = tasks
    while going:
        for task in going:
            task.cancel()
        _, going = await asyncio.wait(going, timeout=SAID_AGAIN)
    await asyncio.gather(*tasks, return_exceptions=True)
