"""The last touch on every voice: trimmed lead, one loudness, a pause after it, parts of even length."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace

from workers.pipeline.ports import VoiceError
from workers.pipeline.values import SAMPLE_RATE, Audio
from workers.voice.loudness import Leveller, VoiceLevel
from workers.voice.pcm import LeadTrim, SampleBytes, Tail, seconds, split, to_float, to_pcm

SHORTEST_PART_SECONDS = 0.020
USUAL_PART_SECONDS = 0.160
LONGEST_PART_SECONDS = 0.200
AHEAD_SECONDS = 0.400
"""Sound handed over and not yet due from which nobody waits for the next part: larger ones cost a third."""


async def polish(parts: AsyncIterator[Audio], level: VoiceLevel) -> AsyncGenerator[Audio, None]:
    """The clip with its leading silence trimmed, levelled, with a pause after it, in parts of 20 to 200 ms.

    Timings follow the trim.
    """
    clip = _Clip(level)
    raw = Audio(b"")
    try:
        async for part in parts:
            raw = Audio(raw.pcm + part.pcm, raw.phones + part.phones, raw.words + part.words)
            if len(raw.pcm) >= clip.least_bytes:
                for piece in clip.feed(raw):
                    yield piece
                raw = Audio(b"")
    except VoiceError:
        # What was made before the voice failed is heard.
        for piece in clip.feed(raw):
            yield piece
        raise
    for piece in clip.finish(raw):
        yield piece


class _Clip:
    """One clip on its way through."""

    def __init__(self, level: VoiceLevel) -> None:
        self._whole, self._trim, self._leveller, self._tail = SampleBytes(), LeadTrim(), Leveller(level), Tail()
        self._waiting = Audio(b"")
        self._clock = asyncio.get_running_loop().time
        self._begun: float | None = None
        self._given = 0.0

    @property
    def least_bytes(self) -> int:
        """How much sound is worth the work just now."""
        ahead = self._begun is not None and self._begun + self._given - self._clock() > AHEAD_SECONDS
        return round((USUAL_PART_SECONDS if ahead else SHORTEST_PART_SECONDS) * SAMPLE_RATE) * 2

    def feed(self, raw: Audio) -> list[Audio]:
        self._take(raw)
        if len(self._waiting.pcm) < round(SHORTEST_PART_SECONDS * SAMPLE_RATE) * 2:
            return []
        return self._give()

    def finish(self, raw: Audio) -> list[Audio]:
        self._take(raw)
        if self._tail.sounded:
            self._waiting = replace(self._waiting, pcm=self._waiting.pcm + self._tail.missing())
        return self._give() if self._waiting.pcm else []

    def _take(self, raw: Audio) -> None:
        sound = self._leveller.feed(self._trim.feed(to_float(self._whole.feed(raw.pcm))))
        self._tail.feed(sound)
        old = self._waiting
        self._waiting = Audio(old.pcm + to_pcm(sound), old.phones + raw.phones, old.words + raw.words)

    def _give(self) -> list[Audio]:
        if self._begun is None:
            self._begun = self._clock()
        self._given += seconds(self._waiting.pcm)
        pieces = _pieces(self._waiting, self._trim.cut_seconds)
        self._waiting = Audio(b"")
        return pieces


def _pieces(audio: Audio, cut: float) -> list[Audio]:
    """The timings go with the first piece."""
    count = max(1, math.ceil(seconds(audio.pcm) / LONGEST_PART_SECONDS))
    first, *others = split(audio.pcm, math.ceil(len(audio.pcm) / 2 / count) / SAMPLE_RATE)
    phones = tuple(
        replace(phone, start=max(0.0, phone.start - cut), end=phone.end - cut)
        for phone in audio.phones
        if phone.end > cut
    )
    words = tuple(replace(word, start=max(0.0, word.start - cut)) for word in audio.words)
    return [Audio(first, phones, words), *(Audio(pcm) for pcm in others)]
