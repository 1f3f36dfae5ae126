"""Who hears the channels: real sockets for some, ears at the channel layer for the others; both play in real time.

An ear takes what the run sends to its channel's overlays and puts the page's acks into the inbox, as the web process
would. To the run both are the same; a channel with an ear leaves out the web process and its own part of the network.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from typing import Any

from websockets.exceptions import ConnectionClosed

from benchmarks.crowd.wire import Wire
from benchmarks.first_sound import Reply
from benchmarks.replies import floor_seconds, varied
from benchmarks.service import Overlay, Service, public_id

SAMPLES_PER_MS = 24
Say = Callable[[dict[str, Any]], None]


class Playback:
    """One channel's overlay without a picture: keeps the questions that wait, plays and acks in real time."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self.waiting: dict[str, float] = {}
        """Number of a question -> when it was asked, by `time.perf_counter`."""
        self.heard: list[tuple[float, Reply]] = []
        """(When it was asked, the reply), for each that was heard to its end."""
        self._reply: Reply | None = None
        self._asked = 0.0
        self._begin: dict[str, Any] = {}
        self._played_from: float | None = None
        self._speaks_until = 0.0
        self.interrupted = 0

    def asks(self, number: str) -> None:
        self.waiting[number] = time.perf_counter()

    def take(self, frame: Any) -> None:
        now = time.perf_counter()
        if isinstance(frame, bytes):
            self._sound(now, len(frame))
            return
        match frame["t"]:
            case "speech.begin":
                self._begin, self._reply, self._played_from = frame, None, None
            case "sentence" if self._reply is None:
                self._recognise(frame["text"])
            case "mouth" if self._reply:
                self._reply.mouth(frame["v"])
            case "speech.end" if self._begin:
                self._end(now, frame["samples"])
            case "interrupt":
                self.interrupted += self._reply is not None
                self._reply, self._begin = None, {}

    def _recognise(self, text: str) -> None:
        """Which question this answers. Other lines of hers, such as a fixed one, answer none."""
        number = next((number for number in self.waiting if varied(number).startswith(text)), None)
        if number is not None:
            self._asked = self.waiting.pop(number)
            spoke_on = max(0.0, self._speaks_until - self._asked)
            self._reply = Reply(floor_seconds(varied(number)), spoke_on=spoke_on)

    def _sound(self, now: float, size: int) -> None:
        if self._reply is not None:
            self._reply.sound(now - self._asked, (size - 16) // 2)
        if self._played_from is None and self._begin:
            self._played_from = now
            self._ack("playing", 0)

    def _end(self, now: float, samples: int) -> None:
        if self._reply is not None and self._reply.first_playable:
            self.heard.append((self._asked, self._reply))
        rest = (self._played_from or now) + samples / SAMPLES_PER_MS / 1000 - now
        begin, self._reply, self._speaks_until = self._begin, None, now + max(0.0, rest)
        asyncio.get_running_loop().call_later(max(0.0, rest), self._ack, "ended", samples / SAMPLES_PER_MS, begin)

    def _ack(self, event: str, position_ms: float, begin: dict[str, Any] | None = None) -> None:
        begin = begin or self._begin
        if begin:
            self._say({"event": event, "utt": begin["utt"], "turn": begin["turn"], "position_ms": position_ms})


class Ears:
    """The channels without a socket, by public id."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._fences: dict[str, int] = {}
        self.playbacks: dict[str, Playback] = {}

    def add(self, channel: str) -> Playback:
        def say(ack: dict[str, Any]) -> None:
            body = {"t": "ack", "fence": self._fences.get(channel, 0), "connection": "ear", **ack}
            self._wire.publish([(f"inbox.{channel}", {"type": "inbox.message", "body": body})])

        self.playbacks[channel] = Playback(say)
        return self.playbacks[channel]

    async def open(self) -> None:
        await self._wire.listen("overlay.*", self._take)

    def _take(self, group: str, message: dict[str, Any]) -> None:
        channel = group.partition(".")[2]
        playback = self.playbacks.get(channel)
        if playback is None or message["type"] != "overlay.frames" or "only" in message:
            return
        self._fences[channel] = message["fence"]
        for frame in message["frames"]:
            playback.take(frame)


class Seat(Overlay):
    """A page's side of the socket that hands its frames on at once."""

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self.playback = Playback(self._ack)
        self._acks: set[asyncio.Task[None]] = set()

    def _ack(self, ack: dict[str, Any]) -> None:
        task = asyncio.get_running_loop().create_task(self._tell(ack))
        self._acks.add(task)
        task.add_done_callback(self._acks.discard)

    async def _tell(self, ack: dict[str, Any]) -> None:
        with contextlib.suppress(ConnectionClosed):
            await self.send(t="ack", **ack)

    async def _read(self) -> None:
        async for raw in self._socket:
            frame = raw if isinstance(raw, bytes) else json.loads(raw)
            if not isinstance(frame, bytes) and frame["t"] == "state":
                self._frames.put_nowait(frame)
            self.playback.take(frame)


async def seats(service: Service, urls: list[str], stack: contextlib.AsyncExitStack) -> dict[str, Playback]:
    """Real sockets at these overlay URLs, until the stack is closed; each channel's playback by public id."""
    found = {}
    for url in urls:
        seat = await stack.enter_async_context(service.overlay(url, kind=Seat))
        assert isinstance(seat, Seat)
        found[public_id(url)] = seat.playback
    return found
