"""The overlay protocol (docs/overlay-protocol.md): names of the messages, the binary frame, and what may come in.

Pure: both the consumer and the worker's stage build their frames here.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

TO_SERVER = ("hello", "ack", "stats", "visibility", "missing")
TO_PAGE = (
    "welcome",
    "config",
    "audio_owner",
    "state",
    "speech.begin",
    "sentence",
    "words",
    "mouth",
    "speech.sent",
    "speech.end",
    "interrupt",
    "calibrate",
    "bye",
)
STATES = ("idle", "listening", "thinking", "talking", "muted", "offline")
ACKS = ("playing", "ended", "underrun", "interrupted")
SPEECH = frozenset({"speech.begin", "sentence", "words", "mouth", "speech.sent", "speech.end"})
"""Frames a silenced overlay must not get."""

RATE = 24_000
PCM = "pcm_s16le"
OPUS = "opus"
ENCODINGS = (PCM, OPUS)
"""Of the sound on its way to a page; what the run sends is always the first."""
MAX_FRAME = 16 * 1024
"""Bytes of the largest frame in either direction."""
HELLO_SECONDS = 5.0
MAX_SOCKETS_PER_KEY = 5
MOST_HAD = 8
"""Utterances a page may say it still plays."""
MOST_WORDS = 400
"""Words of one `words` message."""
MOST_PIXELS = 16_384
"""Width and height a page may say it has."""
MOST_HERTZ = 768_000
TEST_BEEPS = 8
TEST_EVERY_MS = 1000
"""The test of sound and mouth: so many beeps, each with a flash, so far apart."""
MESSAGES_PER_SECOND = 10
MESSAGE_BURST = 30

CLOSE_FAILED = 1011
"""As the standard names it: an error of ours."""
CLOSE_NO_KEY = 4401
CLOSE_FORBIDDEN = 4403
CLOSE_NO_HELLO = 4408
CLOSE_TOO_MANY = 4429

_HEADER = struct.Struct("<IIII")
HEADER_BYTES = _HEADER.size
_SAMPLES_PER_FRAME = (MAX_FRAME - HEADER_BYTES) // 2
_OPUS_HEAD = struct.Struct("<IHH")
_OPUS_LENGTH = struct.Struct("<H")


class ProtocolError(Exception):
    """A page sent something the protocol does not know; the message says what."""


def audio_frame(fence: int, utterance: int, seq: int, sample_offset: int, pcm: bytes) -> bytes:
    """One binary frame: four u32 (little endian), then PCM s16le mono at `RATE`."""
    return _HEADER.pack(fence, utterance, seq, sample_offset) + pcm


def audio_frames(fence: int, utterance: int, seq: int, sample_offset: int, pcm: bytes) -> Iterator[bytes]:
    """`pcm` cut into frames no larger than `MAX_FRAME`, numbered from `seq`."""
    step = _SAMPLES_PER_FRAME * 2
    for number, begin in enumerate(range(0, len(pcm), step)):
        yield audio_frame(fence, utterance, seq + number, sample_offset + begin // 2, pcm[begin : begin + step])


def opus_frame(head: tuple[int, int, int, int], at: int, skip: int, samples: int, packets: Iterable[bytes]) -> bytes:
    """One binary frame of Opus: the head of the PCM frame it stands for, where its sound begins, how many samples of a
    decoder's output to leave out (above 0: a new stream begins), how many samples of sound follow, and the packets."""
    parts = [_HEADER.pack(*head), _OPUS_HEAD.pack(at, skip, samples)]
    for packet in packets:
        parts += (_OPUS_LENGTH.pack(len(packet)), packet)
    return b"".join(parts)


def units(text: str) -> int:
    """Length as the page counts it: in UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)


def frame_header(frame: bytes) -> tuple[int, int, int, int]:
    """(fence, utterance, seq, sample offset) of a binary frame."""
    fence, utterance, seq, offset = _HEADER.unpack_from(frame)
    return fence, utterance, seq, offset


@dataclass(frozen=True, slots=True)
class Incoming:
    """A checked message from the page."""

    type: str
    body: Mapping[str, Any]

    def text(self, name: str, longest: int = 120) -> str:
        """A text without what no database takes: control characters, halves of characters."""
        value = self.body.get(name, "")
        return "".join(filter(str.isprintable, value[:longest])) if isinstance(value, str) else ""

    def flag(self, name: str) -> bool:
        return self.body.get(name) is True

    def number(self, name: str, *, low: float = 0, high: float = 1e9) -> float:
        """The number, forced into [low, high]; `low` when it is missing or no number."""
        value = self.body.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            return low
        return float(min(max(value, low), high))

    @property
    def had(self) -> list[list[int]]:
        """`have` of a hello, [fence, utterance, next frame] of what the page still plays, without what is malformed."""
        given = self.body.get("have")
        entries = given[:MOST_HAD] if isinstance(given, list) else []
        return [
            entry
            for entry in entries
            if isinstance(entry, list)
            and len(entry) == 3
            and all(type(value) is int and 0 <= value < 1 << 32 for value in entry)
        ]

    @property
    def encodings(self) -> list[str]:
        """`enc` of a hello, the one the page likes best first. A page that says nothing takes PCM."""
        given = self.body.get("enc")
        return [name for name in given[: len(ENCODINGS)] if name in ENCODINGS] if isinstance(given, list) else [PCM]


def parse(text: str) -> Incoming:
    """A text frame from a page. Raises ProtocolError."""
    if len(text.encode()) > MAX_FRAME:
        raise ProtocolError(f"a frame is larger than {MAX_FRAME} bytes")
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        raise ProtocolError("a text frame is not JSON") from None
    if not isinstance(body, dict) or body.get("t") not in TO_SERVER:
        raise ProtocolError(f"a frame needs a `t` out of {', '.join(TO_SERVER)}")
    if body["t"] == "ack" and body.get("event") not in ACKS:
        raise ProtocolError(f"an ack needs an `event` out of {', '.join(ACKS)}")
    return Incoming(body["t"], body)


def stats_in(message: Incoming) -> dict[str, Any]:
    """What the page tells of how it runs."""
    return {
        "fps": message.number("fps", high=1000),
        "mouth_lag_ms": message.number("mouth_lag_ms", low=-10_000, high=10_000),
        "underruns": int(message.number("underruns")),
        "gaps": int(message.number("gaps")),
        "dropped": int(message.number("dropped")),
        "audible": message.flag("audible"),
        "sample_rate": int(message.number("sample_rate", high=MOST_HERTZ)),
        "worklet": message.flag("worklet"),
        "width": int(message.number("width", high=MOST_PIXELS)),
        "height": int(message.number("height", high=MOST_PIXELS)),
    }
