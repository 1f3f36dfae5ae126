"""The last touch on every voice: trimmed lead, one loudness, a pause after it, parts of even length."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace

from workers.pipeline.values import SAMPLE_RATE, Audio
from workers.voice.loudness import Leveller, VoiceLevel
from workers.voice.pcm import LeadTrim, SampleBytes, Tail, seconds, split, to_float, to_pcm

SHORTEST_PART_SECONDS = 0.020
LONGEST_PART_SECONDS = 0.200


async def polish(parts: AsyncIterator[Audio], level: VoiceLevel) -> AsyncGenerator[Audio, None]:
    """The clip with its leading silence trimmed, levelled, with a pause after it, in parts of 20 to 200 ms.

    Timings follow the trim.
    """
    whole, trim, leveller = SampleBytes(), LeadTrim(), Leveller(level)
    shortest = round(SHORTEST_PART_SECONDS * SAMPLE_RATE) * 2
    tail = Tail()
    waiting = Audio(b"")
    async for part in parts:
        sound = to_pcm(leveller.feed(trim.feed(to_float(whole.feed(part.pcm)))))
        waiting = Audio(waiting.pcm + sound, waiting.phones + part.phones, waiting.words + part.words)
        if len(waiting.pcm) >= shortest:
            for piece in _pieces(waiting, trim.cut_seconds):
                yield piece
            waiting = Audio(b"")
        tail.feed(sound)
    if tail.sounded:
        waiting = Audio(waiting.pcm + tail.missing(), waiting.phones, waiting.words)
    if waiting.pcm:
        for piece in _pieces(waiting, trim.cut_seconds):
            yield piece


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
