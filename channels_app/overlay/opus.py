"""The sound of a run as Opus, for one page that asked for it. Whoever sends it knows only PCM.

Each stretch of sound that came without a hole is one stream of packets with an encoder of its own; a page that is told
something again, or comes in the middle, gets a new stream. Positions are samples from the utterance's first one.
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from channels_app.overlay import protocol

log = logging.getLogger(__name__)

PACKET = protocol.RATE * 20 // 1000
"""Samples of one packet."""
BITS_PER_SECOND = 32_000
OPTIONS = {"application": "lowdelay", "vbr": "constrained", "frame_duration": "20"}
"""The low delay form looks 2.5 ms ahead and keeps every sample in its place; the one for speech looks 6.5 ms ahead and
moves the sound by a tenth of a millisecond, which the mouth would bear, but the joins of two streams would not."""
MARGIN = 12
"""Samples that the page's way from 48 kHz to `RATE` needs beyond the last it gives out."""
MOST_UTTERANCES = 4
"""Utterances that may be on their way to a page at one time."""
MOST_REPEATED = 180.0
"""Seconds of sound that are coded again for one page; a second more each second."""
HELD_SECONDS = 0.5
"""What is left of a part goes with the next; when none comes for so long, it goes by itself."""

Frame = Mapping[str, Any] | bytes


class CodingError(Exception):
    """The encoder failed."""


@cache
def can_encode() -> bool:
    """Whether this installation has an encoder. The first call loads its library, which takes a tenth of a second."""
    try:
        Encoder().encode(bytes(PACKET * 2))
    except Exception as error:  # whatever ails the package, the page shall have a voice
        log.warning("no Opus encoder, overlays get PCM (%s)", error)
        return False
    return True


class Encoder:
    """libopus, by PyAV. Raises CodingError; ImportError where the package is missing."""

    def __init__(self) -> None:
        import av
        import av.error

        self._av = av
        self._errors = (av.error.FFmpegError, ValueError)
        try:
            context = av.CodecContext.create("libopus", "w")
            assert isinstance(context, av.AudioCodecContext)
            context.sample_rate, context.layout, context.format = protocol.RATE, "mono", "s16"
            context.bit_rate, context.options = BITS_PER_SECOND, OPTIONS
            context.open()
        except self._errors as error:
            raise CodingError(str(error)) from error
        self._context = context
        head = context.extradata or b""
        self.lookahead = int.from_bytes(head[10:12], "little") * protocol.RATE // 48_000
        """Samples that a decoder gives out before the first of the sound (`OpusHead` tells them at 48 kHz)."""

    def encode(self, pcm: bytes) -> bytes:
        """One packet for `PACKET` samples."""
        sound = self._av.AudioFrame(format="s16", layout="mono", samples=PACKET)
        sound.sample_rate = protocol.RATE
        sound.planes[0].update(pcm)
        try:
            (packet,) = self._context.encode(sound)
        except self._errors as error:
            raise CodingError(str(error)) from error
        return bytes(packet)


class Stream:
    """Sound without a hole from sample `at` on. `lead` is sound before it that the page has: the two streams overlap
    there, so that the page can pass from one to the other without a step."""

    def __init__(self, at: int, lead: bytes = b"") -> None:
        self.end = at
        """Position after all that was put in."""
        self._encoder = Encoder()
        self._waiting = bytearray(lead)
        at -= len(lead) // 2
        self._decoded = at - self._encoder.lookahead
        """Position a decoder has reached with all packets so far."""
        self._given = at
        """Position up to which the page can give out sound."""
        self._skip = self._encoder.lookahead
        self._head = (0, 0, 0, 0)

    @property
    def seq(self) -> int:
        """Number of the last frame that was put in."""
        return self._head[2]

    def add(self, head: tuple[int, int, int, int], pcm: bytes) -> bytes:
        """The binary frame in the place of the PCM one with this head, with as many packets as are full."""
        self._head = head
        self._waiting += pcm
        self.end += len(pcm) // 2
        return self._frame()

    def rest(self, last: bytes) -> bytes | None:
        """What is left, under the head of the last frame; None when nothing is. Nothing may be added afterwards.
        `last` is the end of the sound that was put in."""
        if self._given == self.end:
            return None
        missing = self.end + MARGIN - self._decoded
        self._waiting += continued(last, -(-missing // PACKET) * PACKET - len(self._waiting) // 2)
        return self._frame()

    def _frame(self) -> bytes:
        size = PACKET * 2
        full = len(self._waiting) // size
        packets = [self._encoder.encode(bytes(self._waiting[n * size : (n + 1) * size])) for n in range(full)]
        del self._waiting[: full * size]
        self._decoded += full * PACKET
        at, skip = self._given, self._skip
        self._given = max(at, min(self.end, self._decoded - MARGIN))
        self._skip = 0
        return protocol.opus_frame(self._head, at, skip, self._given - at, packets)


def continued(sound: bytes, samples: int) -> bytes:
    """So many samples (PCM s16le) that go on as the sound ends, and fade to nothing: its mirror image, turned over.

    A stream may end in the middle of a word. Silence from there on would be a step, which the coder blurs into the
    sound before it: a click where the next stream goes on.
    """
    known = struct.unpack(f"<{len(sound) // 2}h", sound)
    last = known[-1] if known else 0
    mirrored = [2 * last - value for value in known[-2 : -2 - samples : -1]]
    faded = [value * (1 - n / (samples + 1)) for n, value in enumerate(mirrored, 1)]
    bounded = [max(-32768, min(32767, round(value))) for value in faded]
    return struct.pack(f"<{samples}h", *bounded, *[0] * (samples - len(bounded)))


@dataclass
class Told:
    """What the page was told of one utterance."""

    announced: Mapping[str, Any] | None = None
    end: int | None = None
    """Its length, once that is known."""
    stream: Stream | None = None
    _last: bytes = b""
    """The last sound, as much of it as a stream may have to go on for, and the position after it."""
    _until: int = 0

    def announce(self, frame: Mapping[str, Any]) -> list[Frame]:
        """It is announced, perhaps anew: to a page that may have nothing of it yet."""
        rest, self.announced, self._last = self.rest(), frame, b""
        return rest

    def add(self, head: tuple[int, int, int, int], pcm: bytes) -> list[Frame]:
        """The next part of its sound, in a new stream where it does not join."""
        offset = head[3]
        rest: list[Frame] = []
        joins = offset == self._until
        if self.stream is None or self.stream.end != offset:
            rest = self.rest()
            self.stream = Stream(offset, self._last[-2 * PACKET :] if joins else b"")
        self._last = ((self._last if joins else b"") + pcm)[-2 * 2 * PACKET :]
        self._until = offset + len(pcm) // 2
        return [*rest, self.stream.add(head, pcm)]

    def rest(self) -> list[Frame]:
        """Ends the stream."""
        rest = self.stream.rest(self._last) if self.stream else None
        # Only now: where the encoder fails, the stream still tells which frame the page got last.
        self.stream = None
        return [] if rest is None else [rest]

    def rest_of_whole(self) -> list[Frame]:
        """As `rest`, where all its sound is there. A page that is told it again hears of the end before the sound."""
        return self.rest() if self.stream is not None and self.stream.end == self.end else []


class OpusVoice:
    """Turns the frames of a run into those for a page that takes Opus; one for each connection."""

    def __init__(self) -> None:
        self._told: dict[int, Told] = {}

    @property
    def holds(self) -> bool:
        """Whether something waits for the next part."""
        return any(told.stream for told in self._told.values())

    def take(self, frame: Frame) -> list[Frame]:
        """What the page gets for this frame. Raises CodingError."""
        if isinstance(frame, bytes):
            return self._sound(frame)
        match frame["t"]:
            case "speech.begin":
                return [*self._of(frame["utt"]).announce(frame), {**frame, "enc": protocol.OPUS}]
            case "speech.end":
                told = self._of(frame["utt"])
                told.end = frame["samples"]
                return [*told.rest_of_whole(), frame]
            case "interrupt" if frame["utt"] is None:
                self.clear()
            case "interrupt":
                self._told.pop(frame["utt"], None)
        return [frame]

    def rest(self) -> list[Frame]:
        """What is left of everything: no more seems to come. Raises CodingError."""
        return [frame for told in self._told.values() for frame in told.rest()]

    def clear(self) -> None:
        """Another run, or silence."""
        self._told.clear()

    def as_pcm(self, frame: Frame | None = None) -> list[Frame]:
        """Instead of `take` from now on: every utterance announced anew as PCM, and the frame itself.

        An announcement names the first frame the page gets whole, so that it asks for what is held back here.
        """
        head = protocol.frame_header(frame) if isinstance(frame, bytes) else None
        again: list[Frame] = []
        for utterance, told in self._told.items():
            if told.announced is None:
                continue
            seq = 0 if told.stream is None else told.stream.seq + 1
            if head is not None and head[1] == utterance:
                seq = head[2]
            again.append({**told.announced, "seq": seq})
        return again if frame is None else [*again, frame]

    def _sound(self, frame: bytes) -> list[Frame]:
        head = protocol.frame_header(frame)
        told = self._of(head[1])
        return [*told.add(head, frame[protocol.HEADER_BYTES :]), *told.rest_of_whole()]

    def _of(self, utterance: int) -> Told:
        if utterance not in self._told and len(self._told) >= MOST_UTTERANCES:
            self._told.pop(next(iter(self._told)))
        return self._told.setdefault(utterance, Told())
