"""A channel watched from outside while things die: somebody in chat who always asks something, and an overlay that
notes what is heard, from which run, and when."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import websockets
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import InvalidHandshake, WebSocketException
from websockets.typing import Origin

from benchmarks.service import Service, public_id
from channels_app.overlay.protocol import frame_header

PATIENCE = 1.5
"""Seconds for an answer before something else is asked, as a chat would."""
PAUSE = 0.3
"""Seconds between an answer and the next question."""
AGAIN = 0.25
"""Seconds before an overlay that lost its connection tries again, as the page does at first."""
ASKED = re.compile(r"(question|present) (\d+)")
SAID = re.compile(r"\b([qp])-?(\d+)")
OPENINGS = (
    "Ah", "Oh", "Well", "Right", "Sure", "Hm", "Lovely", "Fine", "Splendid", "Okay", "Great", "Now", "So", "Indeed",
    "Yes", "Alright", "Marvellous", "Good", "Nice", "Truly", "Honestly", "Perhaps", "Maybe", "Surely", "Naturally",
)  # fmt: skip


def answer(body: Mapping[str, Any]) -> str:
    """What the simulated model says: short, and it names at once what it answers. Each time in other words, since what
    she has said before she does not say again."""
    # What the same person said earlier stands behind it.
    found = ASKED.search(str(body["messages"][-1]["content"]))
    if not found:
        return "Hello there."
    kind, number = found.groups()
    return f"{OPENINGS[int(number) % len(OPENINGS)]} {kind[0]}{number}."


Utterance = tuple[int, int]
"""Fence and number."""


@dataclass
class Watch:
    """One channel. Times are `time.perf_counter()`."""

    service: Service
    url: str
    say: Callable[[str], Awaitable[Any]] | None = None
    """Writes into the channel's chat; without it a line goes straight into the inbox, as the gateway puts it there."""
    sounds: list[float] = field(default_factory=list)
    """When sound came."""
    heard: dict[str, set[Utterance]] = field(default_factory=dict)
    """What was answered aloud -> the utterances in which it was."""
    first_heard: dict[str, float] = field(default_factory=dict)
    asked: dict[int, float] = field(default_factory=dict)
    fences: set[int] = field(default_factory=set)
    late_frames: int = 0
    """Frames of an older run that came after one of a newer."""
    connections: int = 0
    _texts: dict[Utterance, str] = field(default_factory=dict)
    _turns: dict[Utterance, str] = field(default_factory=dict)
    _next: dict[Utterance, int] = field(default_factory=dict)
    """Number of the first frame of sound that is not here."""
    _playing: set[Utterance] = field(default_factory=set)
    _ended: set[Utterance] = field(default_factory=set)
    _highest: int = 0
    _connection: str = ""
    """How the server calls the last one: what is left of it is forgotten, and the sound is the next one's at once."""

    @property
    def channel(self) -> str:
        return public_id(self.url)

    # The overlay

    async def listen(self) -> None:
        """Until cancelled; comes back whenever the connection is lost."""
        port = self.service.port
        address = f"ws://127.0.0.1:{port}/ws/overlay/{self.channel}/"
        while True:
            with contextlib.suppress(OSError, InvalidHandshake, WebSocketException, TimeoutError):
                async with websockets.connect(
                    address, origin=Origin(f"http://127.0.0.1:{port}"), max_size=None, open_timeout=3
                ) as socket:
                    self.connections += 1
                    await self._attend(socket)
            await asyncio.sleep(AGAIN)

    async def _attend(self, socket: ClientConnection) -> None:
        key = self.url.partition("#k=")[2]
        have = [[*utterance, self._next.get(utterance, 0)] for utterance in self._playing - self._ended]
        said = {"key": key, "preview": False, "obs": "", "build": "", "engine": "benchmark"}
        await _send(socket, t="hello", **said, have=have, was=self._connection)
        telling = asyncio.create_task(_tell(socket))
        try:
            async for frame in socket:
                await self._note(socket, frame)
        finally:
            telling.cancel()

    async def _note(self, socket: ClientConnection, frame: str | bytes) -> None:
        if isinstance(frame, bytes):
            fence, utt, seq, _offset = frame_header(frame)
            if seq == self._next.get((fence, utt), 0):
                self._next[fence, utt] = seq + 1
            await self._sound(socket, (fence, utt))
            return
        body = json.loads(frame)
        fence = body.get("fence", 0)
        if body["t"] != "welcome":  # a web process that has just begun knows no fence yet
            self._see(fence)
        match body["t"]:
            case "welcome":
                self._connection = body["connection"]
                for utterance in self._playing - self._ended:
                    await self._ack(socket, utterance, "playing", 0)
            case "speech.begin":
                self._turns[fence, body["utt"]] = body["turn"]
            case "sentence":
                key = (fence, body["utt"])
                self._texts[key] = f"{self._texts.get(key, '')} {body['text']}"
            case "interrupt":
                self._ended |= {each for each in self._playing if body["utt"] in (None, each[1])}
            case "speech.sent" | "speech.end":
                await self._look_for_gaps(socket, (fence, body["utt"]), body)

    async def _look_for_gaps(self, socket: ClientConnection, utterance: Utterance, told: Mapping[str, Any]) -> None:
        """Says that the utterance ended, when all of it is here; asks for what is not, as the page does."""
        here = self._next.get(utterance, 0)
        if here < told["seq"] or utterance not in self._turns:
            await _send(socket, t="missing", utt=utterance[1], seq=here if utterance in self._turns else None)
        elif told.get("whole", True):
            self._ended.add(utterance)
            await self._ack(socket, utterance, "ended", told["samples"] / 24)

    def _see(self, fence: int) -> None:
        if fence < self._highest:
            self.late_frames += 1
        elif fence:
            self._highest = fence
            self.fences.add(fence)

    async def _sound(self, socket: ClientConnection, utterance: Utterance) -> None:
        self._see(utterance[0])
        now = time.perf_counter()
        self.sounds.append(now)
        if found := SAID.search(self._texts.get(utterance, "")):
            what = f"{'question' if found[1] == 'q' else 'present'} {found[2]}"
            self.heard.setdefault(what, set()).add(utterance)
            self.first_heard.setdefault(what, now)
        if utterance not in self._playing:
            self._playing.add(utterance)
            await self._ack(socket, utterance, "playing", 0)

    async def _ack(self, socket: ClientConnection, utterance: Utterance, event: str, at: float) -> None:
        if turn := self._turns.get(utterance):
            await _send(socket, t="ack", event=event, utt=utterance[1], turn=turn, position_ms=at)

    # The chat

    async def ask(self) -> None:
        """Something new as soon as the last was answered, or after a while. Until cancelled."""
        number = 0
        while True:
            number += 1
            self.asked[number] = time.perf_counter()
            try:
                await self._say(f"!ai question {number}")
            except Exception:  # the layer is away: in a real chat, too, nobody would hear it
                await asyncio.sleep(PAUSE)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    while f"question {number}" not in self.heard:
                        await asyncio.sleep(0.02)
            await asyncio.sleep(PAUSE)

    async def _say(self, line: str) -> None:
        await (self.say(line) if self.say else self.service.say("Asker", line, self.channel))

    # What came of it

    def answered_after(self, moment: float) -> float | None:
        """When the first question asked after this moment was answered aloud."""
        times = [
            at
            for what, at in self.first_heard.items()
            if what.startswith("question") and self.asked[int(what.split()[1])] >= moment
        ]
        return min(times, default=None)

    def longest_silence(self, begin: float, end: float) -> float:
        """Seconds without sound between two moments, counted from the last sound before the first."""
        before = [at for at in self.sounds if at <= begin]
        times = [before[-1] if before else begin, *(at for at in self.sounds if begin < at < end)]
        return max((later - at for at, later in pairwise(times)), default=end - times[0])

    @property
    def doubled(self) -> dict[str, set[Utterance]]:
        """What was answered aloud in more than one utterance."""
        return {what: utterances for what, utterances in self.heard.items() if len(utterances) > 1}

    def said(self, what: str) -> list[str]:
        """Each utterance that answered it, in words."""
        return [f"{utterance} {self._texts[utterance].strip()!r}" for utterance in sorted(self.heard.get(what, ()))]

    def presents(self) -> Counter[str]:
        """How often each present was thanked for aloud."""
        return Counter({what: len(found) for what, found in self.heard.items() if what.startswith("present")})


async def _send(socket: ClientConnection, **message: Any) -> None:
    await socket.send(json.dumps(message))


async def _tell(socket: ClientConnection) -> None:
    """A page that says nothing for long counts as gone."""
    with contextlib.suppress(WebSocketException):
        while True:
            await _send(socket, t="stats", audible=True, fps=60, underruns=0, gaps=0, dropped=0, mouth_lag_ms=0)
            await asyncio.sleep(10)
