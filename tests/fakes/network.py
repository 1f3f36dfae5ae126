"""A network of its own moods between a page and the service: a TCP proxy on loopback that delays, freezes and cuts.

    with Network() as network:
        network.target = service.port
        network.jitter = 0.060

Everything keeps its order, as on a real connection; only when it arrives changes.
"""

from __future__ import annotations

import asyncio
import contextlib
import random

from tests.fakes.loopback import Loopback, cut_off


class Network(Loopback):
    """The proxy, on a free port of 127.0.0.1, in a thread and loop of its own."""

    def __init__(self, *, seed: int = 1) -> None:
        super().__init__("network")
        self.target = 0
        """Port of the service on 127.0.0.1."""
        self.jitter = 0.0
        """Each piece is delayed by up to this many seconds, at random."""
        self.port = 0
        self._random = random.Random(seed)
        self._frozen_until = 0.0
        self._writers: set[asyncio.StreamWriter] = set()

    def freeze(self, seconds: float) -> None:
        """Nothing moves for so long; afterwards all of it arrives at once."""
        self.loop.call_soon_threadsafe(self._freeze, seconds)

    def cut(self) -> None:
        """Every connection breaks now; new ones are welcome."""
        self.loop.call_soon_threadsafe(self._cut)

    def _freeze(self, seconds: float) -> None:
        self._frozen_until = self.loop.time() + seconds

    def _cut(self) -> None:
        for writer in list(self._writers):
            cut_off(writer.transport)

    async def serve(self) -> None:
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self.opened()
        await self.closing.wait()
        server.close()
        self._cut()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.close()
            return
        pair = {writer, far_writer}
        self._writers |= pair
        ways = [
            asyncio.create_task(self._carry(reader, far_writer)),
            asyncio.create_task(self._carry(far_reader, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            self._writers -= pair
            for end in pair:
                end.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One direction. A piece never overtakes the one before it, and none waits for the delay of another."""
        queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def deliver() -> None:
            while True:
                due, data = await queue.get()
                while (left := max(due, self._frozen_until) - self.loop.time()) > 0:
                    await asyncio.sleep(left)
                if not data:
                    return
                writer.write(data)
                await writer.drain()

        delivery = asyncio.create_task(deliver())
        try:
            due = 0.0
            with contextlib.suppress(OSError):
                while not delivery.done():
                    data = await reader.read(65536)
                    due = max(due, self.loop.time() + self._random.random() * self.jitter)
                    queue.put_nowait((due, data))
                    if not data:
                        break
            with contextlib.suppress(OSError):
                await delivery
        finally:
            delivery.cancel()
