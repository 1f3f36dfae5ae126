"""Reads what reaches a channel's inbox, for as long as its run lives. Of what the words mean it knows only what may be
left out.

The layer's own queue has no bound. A flooded chat would hold up its own moderators behind thousands of lines, and all
channels of the process with it: so ordinary chat waits in a queue of its own, is taken at a rate that nobody can read
faster than, and the oldest of it is shed. Nothing else ever is.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from channels.layers import get_channel_layer

from channels_app import push
from workers.fleet import gauges
from workers.pipeline.bell import Bell
from workers.pipeline.values import EventKind

log = logging.getLogger(__name__)

LAYER_RETRY_SECONDS = 1.0
MOST_CHAT = 200
"""Lines of ordinary chat that wait; the oldest gives way, as the newest are the freshest."""
CHAT_PER_SECOND = 100.0
CHAT_BURST = 100.0
"""Lines taken in one go after a while in which there were fewer: the busiest chats there are come in such waves."""
SHORTEST_PAUSE = 0.001
AT_ONCE = 10
"""Messages that are dealt with before other channels have their turn."""
READ_AT_ONCE = 50
"""Messages taken over from the layer before others have their turn: that is less work."""
FULL = "inbox_full"
"""Why a line of chat is left out, where it is counted."""

Body = Mapping[str, Any]


class Stopped(Exception):
    """The broadcaster stopped the channel: nothing more is read, and the run ends."""


async def read(
    public_id: str,
    *,
    joined: Callable[[], Awaitable[None]],
    take: Callable[[Body], Awaitable[None]],
) -> None:
    """Everything that reaches the channel comes through here. A layer that is away is waited for.

    `joined` is called whenever the inbox has been opened. Raises Stopped where `take` does.
    """
    layer: Any = get_channel_layer()
    waiting = Waiting(asyncio.get_running_loop().time)
    with gauges.HERE.watched(gauges.INBOX, waiting.__len__, of=public_id):
        await _read_into(waiting, layer, public_id, joined, take)


async def _read_into(
    waiting: Waiting,
    layer: Any,
    public_id: str,
    joined: Callable[[], Awaitable[None]],
    take: Callable[[Body], Awaitable[None]],
) -> None:
    taking = asyncio.create_task(_take_all(waiting, take, public_id))
    try:
        while True:
            reading = asyncio.create_task(_read(layer, push.inbox_group(public_id), joined, waiting))
            try:
                await asyncio.wait({reading, taking}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                reading.cancel()
                await asyncio.wait({reading})
            if taking.done():
                taking.result()
            if not reading.cancelled() and (error := reading.exception()):
                log.error("the inbox of %s failed and is opened again", public_id, exc_info=error)
            await asyncio.sleep(LAYER_RETRY_SECONDS)
    finally:
        taking.cancel()
        await asyncio.wait({taking})


async def _read(layer: Any, group: str, joined: Callable[[], Awaitable[None]], waiting: Waiting) -> None:
    name = await push.heeded(layer.new_channel())
    try:
        await push.heeded(layer.group_add(group, name))
        await joined()
        while True:
            for _ in range(READ_AT_ONCE):
                waiting.add((await layer.receive(name))["body"])
            # A queue that is never empty would never let go of the loop.
            await asyncio.sleep(0)
    finally:
        # Left in the group, the channel would go on filling up for as long as this process lives.
        await asyncio.shield(layer.group_discard(group, name))


async def _take_all(waiting: Waiting, take: Callable[[Body], Awaitable[None]], public_id: str) -> None:
    while True:
        for _ in range(AT_ONCE):
            body = await waiting.next()
            try:
                await take(body)
            except (Stopped, asyncio.CancelledError):
                raise
            except Exception:
                log.exception("a message to %s could not be dealt with", public_id)
        await asyncio.sleep(0)


class Waiting:
    """What has reached one channel and is not dealt with yet. Chat waits behind everything else."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._first: list[Body] = []
        self._chat: list[Body] = []
        self._changed = Bell()
        self._tokens, self._counted_at = CHAT_BURST, clock()

    def __len__(self) -> int:
        return len(self._first) + len(self._chat)

    def add(self, body: Body) -> None:
        if is_ordinary(body):
            self._chat.append(body)
            if len(self._chat) > MOST_CHAT:
                del self._chat[0]
                gauges.HERE.count(gauges.DROPPED, FULL)
        else:
            self._take_out(body)
            self._first.append(body)
        self._changed.set()

    def _take_out(self, body: Body) -> None:
        """Word of moderators comes before chat that was written earlier: what it means must not come after it."""
        # Of another release, a line or the word about it may lack what names it: whoever takes it says so.
        match body.get("t"):
            case "deleted":
                self._keep(lambda event: event.get("id") != body.get("message_id"))
            case "chatter_cleared" | "forgotten":
                self._keep(lambda event: event["chatter"].get("id") != body.get("chatter_id"))
            case "chat_cleared":
                self._chat.clear()

    def _keep(self, which: Callable[[Mapping[str, Any]], bool]) -> None:
        if self._chat:
            self._chat = [body for body in self._chat if which(body["event"])]

    async def next(self) -> Body:
        """The next to be dealt with, as soon as there is one."""
        while True:
            if self._first:
                return self._first.pop(0)
            pause = self._pause() if self._chat else None
            if pause == 0:
                self._tokens -= 1
                return self._chat.pop(0)
            self._changed.clear()
            await self._wait(pause)

    async def _wait(self, seconds: float | None) -> None:
        if seconds is None:
            await self._changed.wait()
            return
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            pass

    def _pause(self) -> float:
        """Seconds until another line of chat may be taken."""
        now = self._clock()
        self._tokens = min(CHAT_BURST, self._tokens + (now - self._counted_at) * CHAT_PER_SECOND)
        self._counted_at = now
        # Not sooner: it would wake to find that a billionth is missing.
        return 0 if self._tokens >= 1 else max(SHORTEST_PAUSE, (1 - self._tokens) / CHAT_PER_SECOND)


def is_ordinary(body: Body) -> bool:
    """Whether it is a line of chat that nobody paid for, and not the broadcaster's."""
    if body.get("t") != "event":
        return False
    try:
        event = body["event"]
        return (
            event["kind"] == EventKind.MESSAGE
            and not event.get("paid_id")
            and not event["chatter"].get("is_broadcaster")
        )
    except (KeyError, TypeError, AttributeError):
        # Of another release: whoever takes it says so.
        return False
