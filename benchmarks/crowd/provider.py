"""A provider for hundreds of channels: a process of its own that speaks just enough HTTP, with sound made beforehand.

It keeps the published timings (tests/fakes/provider_script.py, `BENCHMARK`) piece by piece. Everything it writes was
planned for a moment; how late it was tells whether the simulation itself had enough of the processor.

    python -m benchmarks.crowd.provider       prints its base URL; ends with its input, and prints what it used
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import time
from collections.abc import Callable
from typing import Any, cast

from benchmarks.crowd import new_loop
from benchmarks.replies import varied
from tests.fakes.provider_chat import Visit as Bill
from tests.fakes.provider_chat import chat_chunks, chat_usage, completion, text_of, tokens
from tests.fakes.provider_script import BENCHMARK, CHUNK_SECONDS
from tests.fakes.speech_sound import RATE, speech

NICENESS = 5
PITCHES = 9
"""Places in a text after which the made-up voice is as high again: each letter is made once for each of them."""
HANGS = "/hangs/v1"
"""Whoever asks below this path waits for ever."""
CHUNK = round(RATE * CHUNK_SECONDS) * 2
LATE_KEPT = 200_000
NOTES = json.dumps({"summary": "", "facts": []})
"""Answered where she asks what is worth remembering."""


def answer_to(body: dict[str, Any]) -> str:
    """A reply that belongs to the question, so that whoever asked knows it."""
    asked = re.search(r"message (\d+)", text_of(body["messages"][-1]))
    return varied(asked.group(1) if asked else "0")


class Provider:
    """What all connections share."""

    def __init__(self) -> None:
        self._letters: dict[str, list[bytes]] = {}
        self.late: list[float] = []
        self.asked = {"chat": 0, "speech": 0, "hangs": 0}

    def sound(self, text: str) -> bytes:
        """As the tests' provider speaks, letter by letter, so that a mouth finds the text in it."""
        return b"".join(self._letter(letter)[place % PITCHES] for place, letter in enumerate(text.lower()))

    def _letter(self, letter: str) -> list[bytes]:
        if letter not in self._letters:
            spoken = speech(letter * PITCHES)
            size = len(spoken) // PITCHES
            self._letters[letter] = [spoken[at : at + size] for at in range(0, size * PITCHES, size)]
        return self._letters[letter]

    def note_late(self, seconds: float) -> None:
        if len(self.late) < LATE_KEPT:
            self.late.append(seconds)

    def figures(self) -> dict[str, Any]:
        late = sorted(self.late) or [0.0]
        return {
            "cpu_seconds": time.process_time(),
            "late_p95_ms": round(late[int(0.95 * (len(late) - 1))] * 1000, 1),
            **self.asked,
        }


class Connection(asyncio.Protocol):
    """One connection; requests come one after the other."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._got = bytearray()
        self._timers: set[asyncio.TimerHandle] = set()
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # The fast loop's own kind is no subclass of it.
        self._transport = cast("asyncio.WriteTransport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in self._timers:
            timer.cancel()

    def data_received(self, data: bytes) -> None:
        self._got += data
        end = self._got.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._got[:end]).decode("latin-1")
        length = re.search(r"(?i)^content-length: *(\d+)", head, re.MULTILINE)
        size = end + 4 + (int(length[1]) if length else 0)
        if len(self._got) < size:
            return
        body = bytes(self._got[end + 4 : size])
        del self._got[:size]
        method, path, _version = head.split("\r\n", 1)[0].split(" ")
        if method == "HEAD":
            self._write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        elif path.startswith(HANGS):
            self._provider.asked["hangs"] += 1
        elif path.endswith("/audio/speech"):
            self._speak(json.loads(body)["input"])
        elif path.endswith("/chat/completions"):
            self._chat(json.loads(body))
        else:
            self._write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")

    def _at(self, when: float, do: Callable[[], None]) -> None:
        def act() -> None:
            self._timers.discard(timer)
            self._provider.note_late(self._loop.time() - when)
            do()

        timer = self._loop.call_at(when, act)
        self._timers.add(timer)

    def _write(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(data)

    def _chat(self, body: dict[str, Any]) -> None:
        self._provider.asked["chat"] += 1
        began = self._loop.time()
        if not body.get("stream"):
            whole = json.dumps(completion(body, NOTES, chat_usage(Bill(400), 10))).encode()
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(whole)
            self._at(began + BENCHMARK.token_at(10), lambda: self._write(head + whole))
            return
        pieces = tokens(answer_to(body))
        usage = chat_usage(Bill(400), len(pieces)) if (body.get("stream_options") or {}).get("include_usage") else None
        self._write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        events = [f"data: {json.dumps(chunk)}\n\n".encode() for chunk in chat_chunks(body, pieces, usage)]
        last = len(pieces)
        planned = [(events[index], BENCHMARK.token_at(index)) for index in range(last)]
        planned.append((b"".join([*events[last:], b"data: [DONE]\n\n"]), BENCHMARK.token_at(last)))
        self._stream(began, planned, 0)

    def _speak(self, text: str) -> None:
        self._provider.asked["speech"] += 1
        began = self._loop.time()
        sound = self._provider.sound(text)
        starts = range(0, len(sound), CHUNK)
        planned = [(sound[at : at + CHUNK], BENCHMARK.audio_at(index)) for index, at in enumerate(starts)]
        head = b"HTTP/1.1 200 OK\r\nContent-Type: audio/pcm\r\nTransfer-Encoding: chunked\r\n\r\n"
        self._stream(began, planned, 0, head)

    def _stream(self, began: float, planned: list[tuple[bytes, float]], index: int, head: bytes = b"") -> None:
        """One piece after the other, each at its moment; what is due together goes together."""

        def go_on() -> None:
            at, now, parts = index, self._loop.time(), [head]
            while at < len(planned) and (at == index or began + planned[at][1] <= now):
                parts.append(b"%x\r\n%b\r\n" % (len(planned[at][0]), planned[at][0]))
                at += 1
            if at == len(planned):
                parts.append(b"0\r\n\r\n")
            self._write(b"".join(parts))
            if at < len(planned):
                self._stream(began, planned, at)

        if planned:
            self._at(began + planned[index][1], go_on)
        else:
            self._write(head + b"0\r\n\r\n")


async def serve() -> None:
    provider = Provider()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(provider), "127.0.0.1", 0, backlog=2048)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    print(json.dumps(provider.figures()), flush=True)


def main() -> None:
    os.nice(NICENESS)
    loop = new_loop()
    asyncio.set_event_loop(loop)
    loop.run_until_complete(serve())


if __name__ == "__main__":
    main()
