"""Everything once, at whichever gateway it arrives: what comes twice, two notifications about one thing, and what was
taken back before it came. In Redis, so that all gateways know it, and in memory, so that Redis may be away."""

from __future__ import annotations

import hashlib
import logging
import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from workers.twitch.decode import Twin

log = logging.getLogger(__name__)

T = TypeVar("T")
REMEMBERED = 600.0
"""Seconds a notification is remembered; older ones are dropped as stale anyway."""
MOST = 50_000
AWAY = 5.0
"""Seconds a Redis that failed is left alone."""

MEET = """
local theirs, mine = KEYS[1], KEYS[2]
local id, now, life, remembered, naming = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5]
while true do
    local waiting = redis.call('LPOP', theirs)
    if not waiting then
        redis.call('RPUSH', mine, ARGV[2] .. ' ' .. id)
        redis.call('EXPIRE', mine, ARGV[3])
        return ''
    end
    local since, other = string.match(waiting, '^(%S+) (.*)$')
    if tonumber(since) > now - life then
        if naming == 'mine' then redis.call('SET', ARGV[6] .. id, other, 'EX', remembered) end
        if naming == 'other' then redis.call('SET', ARGV[6] .. other, id, 'EX', remembered) end
        return other
    end
end
"""
"""The other one's id, or the first waits; and under which of the two the chat line is known. In one piece, as both may
arrive at two gateways at the same instant."""


class Shared:
    """The gateways' Redis. `ask` answers None while it is away. `now` is the time of day, as all gateways know it."""

    def __init__(
        self, redis_url: str, prefix: str, now: Callable[[], float], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._redis: Redis = Redis.from_url(
            redis_url, socket_timeout=1.0, socket_connect_timeout=1.0, retry=Retry(NoBackoff(), 0)
        )
        self.prefix = f"{prefix}:eventsub"
        self.now = now
        # Not the time of day: set back, it would leave a Redis alone that has long been there again.
        self._clock = clock
        self._away_until = -math.inf

    async def ask(self, call: Callable[[Redis], Awaitable[T]]) -> T | None:
        if self._clock() < self._away_until:
            return None
        try:
            return await call(self._redis)
        except (RedisError, OSError) as error:
            self._away_until = self._clock() + AWAY
            log.warning("Redis is away (%s): what belongs together is told from memory", type(error).__name__)
            return None

    async def close(self) -> None:
        await self._redis.aclose()


class Memory(OrderedDict[str, Any]):
    """What this process remembers of it, the newest `MOST`."""

    def put(self, key: str, value: Any) -> None:
        self[key] = value
        self.move_to_end(key)
        while len(self) > MOST:
            self.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Written:
    """What may have been taken back: a chat line under all its ids, who wrote it, and when (Unix seconds)."""

    broadcaster_id: str
    messages: tuple[str, ...]
    chatter: str
    at: float

    def marks(self) -> list[str]:
        """Where word of it would stand; the last two are about all that was written until some moment."""
        lines = [_mark(self.broadcaster_id, message=message) for message in self.messages]
        return [*lines, _mark(self.broadcaster_id, chatter=self.chatter), _mark(self.broadcaster_id)]


class Seen:
    """Ids of what has arrived, and marks of what moderators took back."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._memory = Memory()
        self._taken = Memory()

    async def first(self, *ids: str, unless: Written | None = None) -> bool:
        """Whether none of these ids was seen before, and nobody took back what they are about. They are seen from now
        on."""
        now = self._shared.now()
        new = not any(self._memory.get(one, 0.0) > now - REMEMBERED for one in ids)
        for one in ids:
            self._memory.put(one, now)
        if not new:
            return False
        answer = await self._shared.ask(lambda redis: self._first_in_redis(redis, ids, unless))
        return answer if answer is not None else unless is None or not self._is_gone(unless, None)

    async def _first_in_redis(self, redis: Redis, ids: tuple[str, ...], unless: Written | None) -> bool:
        async with redis.pipeline(transaction=False) as pipe:
            for one in ids:
                pipe.set(f"{self._shared.prefix}:{one}", 1, nx=True, ex=int(REMEMBERED))
            if unless is not None:
                pipe.mget(self._keys(unless))
            told = await pipe.execute()
        return all(told[: len(ids)]) and (unless is None or not self._is_gone(unless, told[-1]))

    async def take_back(self, broadcaster_id: str, *, message: str = "", chatter: str = "", at: float = 0.0) -> None:
        """A line was deleted; or what a chatter wrote until then; or, with neither, the whole chat until then."""
        mark = _mark(broadcaster_id, message=message, chatter=chatter)
        self._taken.put(mark, at)
        key = f"{self._shared.prefix}:taken:{mark}"
        await self._shared.ask(lambda redis: redis.set(key, at, ex=int(REMEMBERED)))

    async def is_taken_back(self, written: Written) -> bool:
        """Whether that was said before it came here: another gateway may be quicker than this one."""
        keys = self._keys(written)
        return self._is_gone(written, await self._shared.ask(lambda redis: redis.mget(keys)))

    def _keys(self, written: Written) -> list[str]:
        return [f"{self._shared.prefix}:taken:{mark}" for mark in written.marks()]

    def _is_gone(self, written: Written, told: list[Any] | None) -> bool:
        """By what Redis tells (None: it is away) and what this process knows itself."""
        marks = written.marks()
        since = [
            self._taken.get(mark) if there is None else float(there)
            for mark, there in zip(marks, told or [None] * len(marks), strict=True)
        ]
        deleted, cleared = since[:-2], since[-2:]
        return any(each is not None for each in deleted) or any(
            each is not None and written.at <= each for each in cleared
        )


class Twins:
    """Pairs the chat line with the other notification about the same cheer or redemption."""

    LIFE = 120.0
    """Seconds one waits for the other."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._waiting = Memory()
        self._names = Memory()

    async def meet(self, broadcaster_id: str, twin: Twin, event_id: str, *, line: bool, counts: bool) -> str:
        """Id of the other one when it is here already; "" when this is the first, which then waits.

        The first one is the event, unless this one `counts` though it comes second. From then on the chat line is
        known under the event's id.
        """
        key = hashlib.sha256("\0".join((broadcaster_id, *twin)).encode()).hexdigest()
        # Whose id is the chat line's and stands for the other's; none where the line is the event.
        naming = "mine" if line else "other" if counts else ""
        if other := self._meet_here(key, event_id, line=line):
            self._name(naming, event_id, other)
            return other
        prefix, now = self._shared.prefix, self._shared.now()
        keys = [f"{prefix}:twin:{key}:{int(side)}" for side in (not line, line)]
        arguments: list[str | int] = [event_id, repr(now), int(self.LIFE), int(REMEMBERED), naming, f"{prefix}:name:"]
        told: bytes | None = await self._shared.ask(lambda redis: redis.eval(MEET, len(keys), *keys, *arguments))
        if told is None:
            self._waiting.put(f"{key}:{line}", [*self._waiting.get(f"{key}:{line}", []), (event_id, now)])
            return ""
        if other := told.decode():
            self._name(naming, event_id, other)
        return other

    def _meet_here(self, key: str, event_id: str, *, line: bool) -> str:
        """The other one, if it came to this process while Redis was away."""
        others = self._waiting.get(f"{key}:{not line}", [])
        while others:
            other, since = others.pop(0)
            if since > self._shared.now() - self.LIFE:
                return str(other)
        return ""

    def _name(self, naming: str, mine: str, other: str) -> None:
        if naming == "mine":
            self._names.put(mine, other)
        elif naming == "other":
            self._names.put(other, mine)

    async def known_as(self, message_id: str) -> str:
        """The event a chat line stands for; the line's own id otherwise."""
        if message_id in self._names:
            return str(self._names[message_id])
        key = f"{self._shared.prefix}:name:{message_id}"
        name: Any = await self._shared.ask(lambda redis: redis.get(key))
        return str(name.decode()) if name else message_id


def _mark(broadcaster_id: str, *, message: str = "", chatter: str = "") -> str:
    return f"m:{message}" if message else f"c:{broadcaster_id}:{chatter}"
