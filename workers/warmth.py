"""Connections opened before they are needed: a provider's handshake happens while nobody waits for it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import ClassVar
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import httpx2

KNOCKS_APART = 1.0
"""Seconds from one channel's knock at an address to another's: where hundreds ask one provider, they keep each other's
connections open."""
KNOCK_AFTER = 40.0
"""Seconds from one knock to the next. The clients keep an idle connection for 50: a knock that comes a sweep of the run
later and is answered slowly still finds it open."""
PATIENCE = 3.0


class WarmConnections:
    """The endpoints of one channel. Knocking sends no key and no words, and its answer does not matter."""

    _last: ClassVar[WeakKeyDictionary[httpx2.AsyncClient, dict[str, float]]] = WeakKeyDictionary()
    """When anybody of the process knocked last, by client and address."""

    def __init__(self) -> None:
        self._endpoints: list[tuple[httpx2.AsyncClient, str]] = []
        self._knocked: dict[tuple[httpx2.AsyncClient, str], float] = {}
        self._knocks: set[asyncio.Task[None]] = set()

    def add(self, client: httpx2.AsyncClient, base_url: str) -> None:
        """One more endpoint, with the client that will ask it."""
        parts = urlsplit(base_url)
        self._endpoints.append((client, f"{parts.scheme}://{parts.netloc}/"))

    def open(self) -> None:
        """Knocks, in the background, where the last knock was long ago. Call it often; mostly it does nothing.

        Only knocks count as use: not every turn asks every provider, and a needless knock is cheaper than a handshake.
        """
        loop = asyncio.get_running_loop()
        for client, address in self._endpoints:
            last, now = self._knocked.get((client, address)), loop.time()
            others = self._last.setdefault(client, {})
            if (last is None or now - last >= KNOCK_AFTER) and now - others.get(address, -KNOCKS_APART) >= KNOCKS_APART:
                self._knocked[client, address] = others[address] = now
                knock = loop.create_task(_knock(client, address))
                self._knocks.add(knock)
                knock.add_done_callback(self._knocks.discard)


async def _knock(client: httpx2.AsyncClient, address: str) -> None:
    with contextlib.suppress(httpx2.HTTPError, TimeoutError, OSError, RuntimeError):
        async with asyncio.timeout(PATIENCE):
            await client.head(address)
