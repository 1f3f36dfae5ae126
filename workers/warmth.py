"""Connections opened before they are needed: a provider's handshake happens while she still thinks."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx2

KNOCK_AFTER = 40.0
"""Seconds of silence after which a connection may be gone; the client keeps idle ones a little longer."""
PATIENCE = 3.0


class WarmConnections:
    """The endpoints of one channel. Knocking sends no key and no words, and its answer does not matter."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._endpoints: list[tuple[httpx2.AsyncClient, str]] = []
        self._used: dict[str, float] = {}
        self._knocks: set[asyncio.Task[None]] = set()

    def add(self, client: httpx2.AsyncClient, base_url: str) -> None:
        """One more endpoint, with the client that will ask it."""
        parts = urlsplit(base_url)
        self._endpoints.append((client, f"{parts.scheme}://{parts.netloc}/"))

    def open(self) -> None:
        """Opens what has been silent for long, in the background. Call it when a turn begins; it costs nothing then."""
        now = self._clock()
        for client, address in self._endpoints:
            last = self._used.get(address)
            self._used[address] = now
            if last is None or now - last > KNOCK_AFTER:
                knock = asyncio.get_running_loop().create_task(_knock(client, address))
                self._knocks.add(knock)
                knock.add_done_callback(self._knocks.discard)


async def _knock(client: httpx2.AsyncClient, address: str) -> None:
    with contextlib.suppress(httpx2.HTTPError, TimeoutError, OSError, RuntimeError):
        async with asyncio.timeout(PATIENCE):
            await client.head(address)
