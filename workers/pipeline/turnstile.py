"""How many requests a provider is asked at once: few for one channel, and in fair turns for all. Pure."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable

PER_CHANNEL = 2
"""Requests of one channel at once. She speaks one reply and thinks of the next; each of them has one sentence that is
heard and one that is made."""


class TurnstileBusy(Exception):
    """Nobody was let through in time."""


class Turnstile:
    """The way to one provider, for all channels of a process. Use it on one loop only.

    Whoever waits is let through by how little of their channel's is under way, then in order of arrival: a channel
    whose answers come slowly, or never, waits for itself.
    """

    def __init__(self, most: int, *, per_channel: int = PER_CHANNEL, turned_away: Callable[[], None]) -> None:
        """`most`: requests of the process at once, 0 for any number. `turned_away` is told of each that gave up."""
        self._most, self._per_channel, self._turned_away = most, per_channel, turned_away
        self._inside: Counter[str] = Counter()
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    @property
    def inside(self) -> int:
        """Requests under way."""
        return self._inside.total()

    async def enter(self, channel: str, patience: float) -> None:
        """Lets one request through, whose end `leave` tells. Raises TurnstileBusy after `patience` seconds."""
        if not self._is_full and not self._waiting.get(channel) and self._inside[channel] < self._per_channel:
            self._inside[channel] += 1
            return
        place = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(channel, deque()).append(place)
        try:
            async with asyncio.timeout(patience):
                await place
        except BaseException as error:
            if place.done() and not place.cancelled():
                # Let through just as it gave up.
                self.leave(channel)
            elif place in self._waiting.get(channel, ()):
                self._forget(channel, place)
            if isinstance(error, TimeoutError):
                self._turned_away()
                raise TurnstileBusy from None
            raise

    @property
    def _is_full(self) -> bool:
        return 0 < self._most <= self.inside

    def leave(self, channel: str) -> None:
        """A request that was let through is over."""
        self._inside[channel] -= 1
        if not self._inside[channel]:
            del self._inside[channel]
        while not self._is_full and (next_one := self._next()) is not None:
            place = self._waiting[next_one][0]
            self._forget(next_one, place)
            if place.done():
                # It has given up in this very instant, and its task does not know yet.
                continue
            place.set_result(None)
            self._inside[next_one] += 1

    def _next(self) -> str | None:
        """The channel whose turn it is. A channel that has waited longer stands before others in the dict."""
        able = [channel for channel in self._waiting if self._inside[channel] < self._per_channel]
        return min(able, key=lambda channel: self._inside[channel], default=None)

    def _forget(self, channel: str, place: asyncio.Future[None]) -> None:
        """It waits no longer; who comes after it of the same channel stands behind all others that wait."""
        waiting = self._waiting.pop(channel)
        waiting.remove(place)
        if waiting:
            self._waiting[channel] = waiting
