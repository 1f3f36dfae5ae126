"""A chat gateway: what Twitch tells about running channels goes into their inboxes. Each is a leased run with its own
sockets, and an event of any channel may come to any of them; gateway 0 also keeps conduit and subscriptions.

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
from workers.fleet.runtime import Lease, in_db, in_db_at_last
from workers.pipeline.values import EventKind
from workers.twitch import decode, rows, streams
from workers.twitch.decode import Arrived, Decoded
from workers.twitch.link import Link
from workers.twitch.once import REMEMBERED, Seen, Shared, Twins, Written
from workers.twitch.pace import Pace
from workers.twitch.reconciler import Reconciler
from workers.twitch.running import Reached, Running, look_up

log = logging.getLogger(__name__)

LANES = 8
"""Events of one channel stay in order in one lane; a slow database holds up an eighth of the channels at most."""
LANE_FULL = 5_000
"""Events that wait in a lane before chat lines are dropped. What was paid is never dropped."""
LEASE_LOOK = 0.5
LOOK_REST, MOST_REST = 20, 5.0
"""How many times as long as a look at the channels it rests after it, 50 ms for ten thousand; and seconds at most."""
FLUSH = 2.0
"""Seconds the run still works off what has arrived when it ends."""
SAID_AGAIN = 2.5
"""Seconds after which a task that goes on is cancelled once more; longer than closing the connection may take."""
STORE_RETRY = 1.0
REVOKED_TRIES = 5
"""So often the row of a subscription that Twitch ended is looked for: another gateway may be about to write it."""
PANIC_LIFE = 30.0
"""Seconds after which the panic word is no longer obeyed: by then somebody may have lifted the silence."""


async def run(lease: Lease, number: int) -> None:
    """The gateway of this number, until the lease is over."""
    await Gateway(lease, number=number).run()


class Gateway:
    """`senders` are accounts she writes in chat with: what they write is not answered."""

    def __init__(
        self,
        lease: Lease,
        *,
        number: int = 0,
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
        self.link = Link(env, self._helix, self.take, self._pace, number=number)
        self.reconciler = Reconciler(self._helix, self._pace, lambda: self.link.conduit_id) if number == 0 else None
        self._shared = Shared(env.redis_url, env.REDIS_PREFIX, now)
        self._seen, self._twins = Seen(self._shared), Twins(self._shared)
        self._lanes: list[asyncio.Queue[Any]] = [asyncio.Queue() for _ in range(LANES)]
        self._running = Running()
        self._looked_up: dict[str, Reached | None] = {}
        """By broadcaster id: what was looked up since the last look, None for a channel that does not run."""
        self.looks = 0
        """How often it has read which channels run."""
        self._knows_channels = asyncio.Event()
        self._writing: set[asyncio.Task[Any]] = set()

    @property
    def channels(self) -> dict[str, Reached]:
        """Running channels by broadcaster id."""
        return self._running.channels

    async def run(self) -> None:
        """Until the lease is over or a part of it fails."""
        work = [self._work(lane) for lane in self._lanes]
        inward: list[Coroutine[Any, Any, None]] = [self.link.keep(), self._keep_looking()]
        if self.reconciler:
            inward += [self.reconciler.run(), streams.poll(self._helix, self._pace, lambda: self.channels)]
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
            await self._shared.close()

    # Events

    def take(self, payload: Any) -> None:
        """Only puts the event into its channel's lane; the panic word waits in none."""
        broadcaster_id = decode.channel_of(payload)
        channel = self.channels.get(broadcaster_id) or self._looked_up.get(broadcaster_id)
        if channel is not None and decode.is_command(payload, channel.panic_command) and self._is_new(payload):
            self._in_background(self._panic(channel, payload.chatter.name or ""))
            return
        lane = self._lanes[zlib.crc32(broadcaster_id.encode()) % LANES]
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
        if ids and not await self._seen.first(*dict.fromkeys(ids), unless=self._unless_taken_back(found)):
            return
        if isinstance(found, decode.Revoked):
            self._in_background(self._revoked(found))
            return
        channel = self.channels.get(found.broadcaster_id) or await self._just_started(found)
        if channel is None:
            return
        if decode.is_command(payload, channel.panic_command) and self._is_new(payload):
            # When it came the channel was not known yet.
            self._in_background(self._panic(channel, payload.chatter.name or ""))
            return
        await self._pass_on(channel, found)

    async def _just_started(self, found: Decoded) -> Reached | None:
        """The channel, if it runs though no look has seen it: Twitch tells of it as soon as gateway 0 has asked for
        it, and this gateway may look two seconds later. Between two looks a channel is looked up once, and again for
        what was paid, which waits for the database as all that is paid."""
        broadcaster_id, paid = found.broadcaster_id, isinstance(found, Arrived) and found.event.paid
        known = self._looked_up.get(broadcaster_id)
        if known is not None or (broadcaster_id in self._looked_up and not paid):
            return known
        looks = self.looks
        try:
            known = await (in_db_at_last if paid else in_db)(look_up, broadcaster_id)
        except DatabaseError as error:
            log.warning("what happens in a channel that may have started is lost (%s)", type(error).__name__)
        if self.looks == looks:
            self._looked_up[broadcaster_id] = known
        return known

    async def _revoked(self, found: decode.Revoked) -> None:
        """Twitch ended a subscription, perhaps one that was made a moment ago and stands in no row yet."""
        if self.reconciler is not None:
            await self.reconciler.all_written()
        for _ in range(REVOKED_TRIES):
            if await in_db_at_last(rows.note_revoked, found.subscription_id, found.reason):
                return
            await asyncio.sleep(self._pace.look)

    def _unless_taken_back(self, found: Decoded) -> Written | None:
        """A line of chat whose deletion may have come to another gateway before it came here. What was paid is stored
        first, whatever became of it; and with one gateway the deletion comes behind the line in its lane."""
        if settings.ENV.GATEWAYS == 1 or not isinstance(found, Arrived) or found.event.paid:
            return None
        return _written(found)

    async def _pass_on(self, channel: Reached, found: Decoded) -> None:
        row = Channel(pk=channel.pk)
        match found:
            case Arrived():
                await self._arrived(channel, row, found)
            case decode.Deleted(message_id=message_id):
                await self._seen.take_back(found.broadcaster_id, message=message_id)
                event_id = await self._twins.known_as(message_id)
                await push.inbox(channel.public_id, {"t": "deleted", "message_id": event_id})
                self._take_out(row, "the message was deleted", event_id=event_id)
            case decode.ChatterCleared(chatter_id=chatter_id):
                await self._seen.take_back(found.broadcaster_id, chatter=chatter_id, at=found.at)
                await push.inbox(channel.public_id, {"t": "chatter_cleared", "chatter_id": chatter_id})
                self._take_out(row, "the chatter was timed out or banned", chatter_id=chatter_id)
            case decode.ChatCleared():
                await self._seen.take_back(found.broadcaster_id, at=found.at)
                await push.inbox(channel.public_id, {"t": "chat_cleared"})
                self._take_out(row, "the chat was cleared")
            case decode.StreamState(online=online):
                await in_db(rows.note_streams, {found.broadcaster_id: online})

    def _take_out(self, row: Channel, reason: str, **what: str) -> None:
        """Out of the rows too, in the background: she has fallen silent already, which waits for no database."""
        self._in_background(in_db_at_last(moderation.take_back, row, reason, **what))

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
        elsewhere, other = await self._meet(channel, found)
        if elsewhere:
            return
        body = found.event.as_message()
        if found.event.paid:
            body = await self._stored(row, found)
        await push.inbox(channel.public_id, {"t": "event", "event": body})
        if found.event.paid and await self._seen.is_taken_back(_written(found, other)):
            # Word of it came to another gateway, or before the second of two notifications.
            await push.inbox(channel.public_id, {"t": "deleted", "message_id": found.event.id})
            self._take_out(row, "the message was deleted", event_id=found.event.id)

    async def _meet(self, channel: Reached, found: Arrived) -> tuple[bool, str]:
        """Cheers and redemptions with a text also come as a chat line. Each is one event, under whichever id: whether
        this one is told by the other, and the other's id if it is here."""
        if not found.twin:
            return False, ""
        is_redemption = found.twin[0] == "redemption"
        if is_redemption and found.line and not await self._hears_redemptions(channel):
            return False, ""
        # Only the redemption knows its reward, so it is the one that counts, also when it comes second.
        counts = is_redemption and not found.line
        other = await self._twins.meet(found.broadcaster_id, found.twin, found.event.id, line=found.line, counts=counts)
        return found.line if is_redemption else bool(other), other

    async def _hears_redemptions(self, channel: Reached) -> bool:
        try:
            return await in_db(rows.hears_redemptions, channel.pk)
        except DatabaseError:
            return True  # then it comes as itself, and waits for the database as all that is paid

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

    # Channels

    async def _keep_looking(self) -> None:
        """Which channels run, soon after they start."""
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                changed = await in_db(self._running.look)
                self._looked_up.clear()
                if self.reconciler and (changed or not self.looks):
                    self.reconciler.see(self.channels, changed)
                self.looks += 1
                self._knows_channels.set()
            except DatabaseError as error:
                log.warning("channels wait for the database (%s)", type(error).__name__)
            await asyncio.sleep(max(self._pace.look, min(MOST_REST, LOOK_REST * (loop.time() - began))))


def _written(found: Arrived, *other: str) -> Written:
    ids = tuple(one for one in (found.event.id, *other) if one)
    return Written(found.broadcaster_id, ids, found.event.chatter.id, found.event.at)


async def _end(tasks: Collection[asyncio.Task[None]]) -> None:
    """Cancels them until they are over: redis-py waits in a way that before Python 3.12 may forget a cancellation."""
    going: Collection[asyncio.Task[None]] = tasks
    while going:
        for task in going:
            task.cancel()
        _, going = await asyncio.wait(going, timeout=SAID_AGAIN)
    await asyncio.gather(*tasks, return_exceptions=True)
