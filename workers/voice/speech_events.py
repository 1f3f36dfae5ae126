"""Sound that comes as server-sent events instead of bare bytes: base64 pieces, and timings where a server adds them."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator

from workers.pipeline.values import SAMPLE_RATE, Audio, PhoneTime, WordTime
from workers.voice.pcm import seconds
from workers.voice.timings import ClipTimings
from workers.voice.wav import StreamedSound, UnknownSoundError

LONGEST_EVENT = 4 << 20
"""Bytes of one event; more is no sound but a fault."""
SOUND_KEYS = ("audio", "data", "audio_base64")
"""Where servers put the sound: OpenAI, Cartesia, ElevenLabs."""

EVENT_STREAM = "text/event-stream"
_RATE = re.compile(r"\brate=(\d{1,7})\b", re.IGNORECASE)
Piece = tuple[bytes, tuple[PhoneTime, ...], tuple[WordTime, ...]]
"""Sound, and the timings that came beside it."""


class ResponseSound:
    """One response as parts of our own clip, whichever way the server wrapped its sound."""

    def __init__(self, content_type: str, text: str) -> None:
        """Raises UnknownSoundError on a sample rate beyond reason."""
        events = content_type.lower().startswith(EVENT_STREAM)
        rate = _RATE.search(content_type)
        self._events = SpeechEvents(text) if events else None
        self._sound = StreamedSound(int(rate[1]) if rate else SAMPLE_RATE)
        self._length = 0.0

    def feed(self, data: bytes) -> Iterator[Audio]:
        """Parts known with these bytes. Raises UnknownSoundError."""
        pieces: Iterator[Piece] = self._events.feed(data) if self._events else iter([(data, (), ())])
        for piece, phones, words in pieces:
            pcm = self._sound.feed(piece)
            self._length += seconds(pcm)
            if pcm or phones or words:
                yield Audio(pcm, phones, words)

    def finish(self) -> Audio:
        """What was held back until the clip's end was known; may be empty."""
        pcm = self._sound.finish()
        return Audio(pcm, self._events.finish(self._length + seconds(pcm)) if self._events else ())


class SpeechEvents:
    """Feed the bytes of the response; get sound with the timings that came beside it."""

    def __init__(self, text: str) -> None:
        self._timings = ClipTimings(text)
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[Piece]:
        """Raises UnknownSoundError on what is no event stream, and on an error inside it."""
        self._rest += data
        *lines, self._rest = self._rest.split(b"\n")
        if len(self._rest) > LONGEST_EVENT:
            raise UnknownSoundError("an event without an end")
        for line in lines:
            if line.startswith(b"data:") and (body := line[5:].strip()) not in (b"", b"[DONE]"):
                yield from self._event(body)

    def finish(self, end: float) -> tuple[PhoneTime, ...]:
        """Phones that last until the end of the clip (seconds)."""
        return self._timings.finish(end)

    def _event(self, body: bytes) -> Iterator[Piece]:
        try:
            event = json.loads(body)
            if not isinstance(event, dict):
                raise ValueError
            sound = base64.b64decode(next((event[key] for key in SOUND_KEYS if event.get(key)), ""), validate=True)
        except (ValueError, TypeError, binascii.Error):
            raise UnknownSoundError("an event that is none") from None
        if event.get("error"):
            raise UnknownSoundError("an error in the middle of its events")
        phones, words = self._timings.feed(event)
        if sound or phones or words:
            yield sound, phones, words
