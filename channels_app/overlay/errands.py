"""What a page asks of the database, one thing after the other, beside the connection that silence comes by."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

MOST_WAITING = 300
"""Messages of a page that wait for a database that has stopped."""


class Errands:
    """Whoever brings a message does not wait until it is dealt with. Call it on the loop that it runs on."""

    def __init__(self, deal: Callable[[Any], Awaitable[None]], failed: Callable[[Exception], Awaitable[None]]) -> None:
        """`failed` is told of the first error; nothing is dealt with after it."""
        self._deal, self._failed = deal, failed
        self._waiting: asyncio.Queue[Any] = asyncio.Queue(MOST_WAITING)
        self._task = asyncio.create_task(self._work())

    def add(self, message: Any) -> None:
        """Raises asyncio.QueueFull where too many wait."""
        self._waiting.put_nowait(message)

    async def finish(self) -> None:
        """Returns when all that was brought has been dealt with, or one of them failed."""
        done = asyncio.create_task(self._waiting.join())
        await asyncio.wait({done, self._task}, return_when=asyncio.FIRST_COMPLETED)
        done.cancel()

    def cancel(self) -> None:
        """What waits is not dealt with any more."""
        self._task.cancel()

    async def _work(self) -> None:
        while True:
            message = await self._waiting.get()
            try:
                await self._deal(message)
            except Exception as error:
                await self._failed(error)
                return
            self._waiting.task_done()
