"""The channel layer from outside: publishes many messages at once and reads many groups, for a tenth of what the
layer's own client takes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgpack

PREFIX = "aigirl__group__"


class _Discard(asyncio.Protocol):
    """Nobody waits for what is answered to a publication."""

    def data_received(self, data: bytes) -> None:
        pass


class _Published(asyncio.Protocol):
    """Reads what a pattern subscription brings."""

    def __init__(self, take: Callable[[str, Any], None]) -> None:
        self._take = take
        self._got = bytearray()

    def data_received(self, data: bytes) -> None:
        self._got += data
        at = 0
        while (end := self._message(at)) is not None:
            at = end
        del self._got[:at]

    def _message(self, at: int) -> int | None:
        """Hands over the message that begins here; where it ends, or None where it is not all there."""
        line = self._got.find(b"\r\n", at)
        if line < 0:
            return None
        parts: list[bytes] = []
        end = line + 2
        for _ in range(int(self._got[at + 1 : line])):
            line = self._got.find(b"\r\n", end)
            if line < 0:
                return None
            kind, number = self._got[end : end + 1], int(self._got[end + 1 : line])
            end = line + 2
            if kind == b"$":
                if len(self._got) < end + number + 2:
                    return None
                parts.append(bytes(self._got[end : end + number]))
                end += number + 2
        if parts[0] == b"pmessage":
            self._take(parts[2].decode(), parts[3])
        return end


class Wire:
    """A connection for what goes in, and one for each pattern that is listened to."""

    def __init__(self, data: Path) -> None:
        self._socket = str(data / "run" / "valkey.sock")
        self._out: asyncio.WriteTransport | None = None

    async def open(self) -> None:
        self._out, _ = await asyncio.get_running_loop().create_unix_connection(_Discard, self._socket)

    def publish(self, messages: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """(group, message): all in one write."""
        assert self._out is not None
        self._out.write(
            b"".join(
                _command(b"PUBLISH", f"{PREFIX}{group}".encode(), msgpack.packb(message)) for group, message in messages
            )
        )

    async def listen(self, pattern: str, take: Callable[[str, Any], None]) -> None:
        """`take` gets the group's name and the message of each group that fits, from now on."""

        def unpacked(channel: str, message: bytes) -> None:
            take(channel.removeprefix(PREFIX), msgpack.unpackb(message))

        transport, _ = await asyncio.get_running_loop().create_unix_connection(
            lambda: _Published(unpacked), self._socket
        )
        transport.write(_command(b"PSUBSCRIBE", f"{PREFIX}{pattern}".encode()))


def _command(*words: bytes) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words)
