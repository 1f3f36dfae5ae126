"""The channel layer of channels_redis, except that what many channels of a process send goes out together.

The original waits for Redis's answer to each message before it sends the next: in a process with hundreds of channels
every message then waits for as many turns of the loop as there are others before it, which is seconds.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer, RedisSingleShardConnection

MOST_AT_ONCE = 128
"""Messages in one write: a few hundred kilobytes of sound."""


class Shard(RedisSingleShardConnection):
    """The connections to one Redis. Messages leave in the order in which they were handed over."""

    def __init__(self, host: Any, layer: Any) -> None:
        super().__init__(host, layer)
        self._outgoing: deque[tuple[str, bytes, asyncio.Future[None]]] = deque()
        self._sending: asyncio.Task[None] | None = None

    async def publish(self, channel: str, message: bytes) -> None:
        """Returns when Redis has it. Raises what its client raises; a caller that is cancelled before sends nothing."""
        sent: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._outgoing.append((channel, message, sent))
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send_all())
        await sent

    async def _send_all(self) -> None:
        while self._outgoing:
            count = min(len(self._outgoing), MOST_AT_ONCE)
            taken = [self._outgoing.popleft() for _ in range(count)]
            batch = [each for each in taken if not each[2].done()]
            if not batch:
                continue
            failures = await self._send(batch)
            for (_channel, _message, sent), failure in zip(batch, failures, strict=True):
                if sent.done():
                    continue
                if failure is None:
                    sent.set_result(None)
                else:
                    sent.set_exception(failure)

    async def _send(self, batch: list[tuple[str, bytes, asyncio.Future[None]]]) -> Sequence[Exception | None]:
        """What went wrong with each, None where nothing did: one that Redis refuses is no fault of the others."""
        self._ensure_redis()
        try:
            async with self._redis.pipeline(transaction=False) as pipeline:
                for channel, message, _sent in batch:
                    pipeline.publish(channel, message)
                answers = await pipeline.execute(raise_on_error=False)
        except Exception as error:
            return [error] * len(batch)
        return [answer if isinstance(answer, Exception) else None for answer in answers]


class ChannelLayer(RedisPubSubChannelLayer):
    """The same for every event loop of the process."""

    def _get_layer(self) -> Any:
        if asyncio.get_running_loop() in self._layers:
            return super()._get_layer()
        layer = super()._get_layer()
        layer._shards = [Shard(shard.host, layer) for shard in layer._shards]
        return layer
