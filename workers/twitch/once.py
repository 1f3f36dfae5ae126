"""Everything once: notifications that come twice, and two notifications about one thing."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from workers.twitch.decode import Twin

log = logging.getLogger(__name__)

REMEMBERED = 600.0
"""Seconds a notification is remembered; older ones are dropped as stale anyway."""
MOST = 50_000
AWAY = 5.0
"""Seconds a Redis that failed is left alone."""


class Seen:
    """Remembers ids in Redis, so that the next gateway knows them too, and in memory, so that Redis may be away."""

    def __init__(self, redis_url: str, prefix: str, now: Callable[[], float]) -> None:
        self._redis = Redis.from_url(
            redis_url, socket_timeout=1.0, socket_connect_timeout=1.0, retry=Retry(NoBackoff(), 0)
        )
        self._prefix = prefix
        self._now = now
        self._memory: OrderedDict[str, float] = OrderedDict()
        self._away_until = 0.0

    async def first(self, *ids: str) -> bool:
        """Whether none of these ids was seen before. They are from now on."""
        new = not any(self._memory.get(one, 0.0) > self._now() - REMEMBERED for one in ids)
        for one in ids:
            self._memory[one] = self._now()
            self._memory.move_to_end(one)
        while len(self._memory) > MOST:
            self._memory.popitem(last=False)
        return new and await self._first_in_redis(ids)

    async def _first_in_redis(self, ids: tuple[str, ...]) -> bool:
        if self._now() < self._away_until:
            return True
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                for one in ids:
                    pipe.set(f"{self._prefix}:eventsub:{one}", 1, nx=True, ex=int(REMEMBERED))
                return all(await pipe.execute())
        except (RedisError, OSError) as error:
            self._away_until = self._now() + AWAY
            log.warning("Redis is away (%s): doubled notifications are told from memory", type(error).__name__)
            return True

    async def close(self) -> None:
        await self._redis.aclose()


class Twins:
    """Pairs the chat line with the other notification about the same cheer or redemption."""

    LIFE = 120.0
    """Seconds one waits for the other."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._waiting: OrderedDict[tuple[str, Twin, bool], list[tuple[str, float]]] = OrderedDict()
        self._names: OrderedDict[str, str] = OrderedDict()

    def meet(self, broadcaster_id: str, twin: Twin, event_id: str, *, line: bool) -> str:
        """Id of the other one when it is here already; "" when this is the first, which then waits."""
        others = self._waiting.get((broadcaster_id, twin, not line), [])
        while others:
            other, since = others.pop(0)
            if since > self._now() - self.LIFE:
                return other
        key = (broadcaster_id, twin, line)
        self._waiting.setdefault(key, []).append((event_id, self._now()))
        self._waiting.move_to_end(key)
        while len(self._waiting) > MOST:
            self._waiting.popitem(last=False)
        return ""

    def same(self, message_id: str, event_id: str) -> None:
        """The chat line with this id is what we know as that event."""
        self._names[message_id] = event_id
        while len(self._names) > MOST:
            self._names.popitem(last=False)

    def known_as(self, message_id: str) -> str:
        """The event a chat line stands for; the line's own id otherwise."""
        return self._names.get(message_id, message_id)
