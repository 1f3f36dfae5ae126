"""What every server of the tests has in common: a thread and an event loop of its own, between `with` and its end."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Loopback(ABC):
    """A server on 127.0.0.1. `serve` opens it and calls `opened`."""

    closing: asyncio.Event

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self._name = name
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._ready = threading.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError(f"The server {self._name} did not start within 10 s.")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends every connection and the server; harmless when already stopped."""
        with contextlib.suppress(RuntimeError):  # the loop is closed already
            self.loop.call_soon_threadsafe(self.closing.set)
        self._thread.join(10)

    def opened(self) -> None:
        """The server answers from now on."""
        self._ready.set()

    @abstractmethod
    async def serve(self) -> None:
        """Opens the server and lets it answer until `closing` is set, then ends it."""

    async def _open_and_serve(self) -> None:
        self.closing = asyncio.Event()
        await self.serve()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self._open_and_serve())
        self.loop.close()


def cut_off(transport: asyncio.BaseTransport) -> None:
    """Ends a connection as a crash of the other side would: with a reset and no word."""
    with contextlib.suppress(OSError):
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()
