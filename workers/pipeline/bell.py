"""What one task rings and others wait for."""

from __future__ import annotations

import asyncio


class Bell:
    """Does what `asyncio.Event` does, without its queue: that takes 700 bytes, while mostly nobody waits or one does.
    Each live channel has half a dozen of these, each reply as many again."""

    __slots__ = ("_is_set", "_waiting")

    def __init__(self) -> None:
        self._is_set = False
        self._waiting: list[asyncio.Future[None]] = []

    def is_set(self) -> bool:
        return self._is_set

    def set(self) -> None:
        """Whoever waits goes on; whoever comes until `clear` does not wait."""
        self._is_set = True
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)

    def clear(self) -> None:
        self._is_set = False

    async def wait(self) -> None:
        """Returns when it is or was set, even where it has been cleared again meanwhile."""
        if self._is_set:
            return
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        try:
            await waiting
        finally:
            self._waiting.remove(waiting)
