"""Another pitch for voices that have none of their own: they speak slower or faster, and are played at another rate."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from workers.pipeline.ports import Voice
from workers.pipeline.values import Audio, VoiceSpec
from workers.voice.pcm import Resampler, SampleBytes, to_float, to_pcm

PACES = (0.25, 4.0)
"""Speeds that OpenAI-compatible servers take; piper's is bound by nothing but the ear."""
STEPS = 100
"""A pitch is so many hundredths: whole numbers keep the length of a clip exact."""


class Pitched:
    """A voice as high or low as its persona has it. At pitch 1 it is that voice itself and costs nothing."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice

    @property
    def label(self) -> str:
        return self._voice.label

    def speak(self, text: str, voice: VoiceSpec) -> AsyncGenerator[Audio, None]:
        """The inner voice's parts with their timings, as long as the speed asks for. Raises what the voice raises.

        Where the engine would have to be slower or faster than `PACES`, the pitch is kept and the speed gives way.
        """
        steps = max(1, round(voice.pitch * STEPS))
        return self._voice.speak(text, voice) if steps == STEPS else self._pitched(text, voice, steps)

    async def _pitched(self, text: str, voice: VoiceSpec, steps: int) -> AsyncGenerator[Audio, None]:
        slowest, fastest = PACES
        speed = min(fastest, max(slowest, voice.speed * STEPS / steps))
        whole, resampler = SampleBytes(), Resampler(steps, STEPS)
        async with aclosing(self._voice.speak(text, replace(voice, speed=speed, pitch=1.0))) as parts:
            async for part in parts:
                pcm = to_pcm(resampler.feed(to_float(whole.feed(part.pcm))))
                yield _timed(replace(part, pcm=pcm), STEPS / steps)
        yield Audio(to_pcm(resampler.finish()))


def _timed(part: Audio, factor: float) -> Audio:
    """The part with its times as they are once the clip is played at the other rate."""
    phones = tuple(replace(phone, start=phone.start * factor, end=phone.end * factor) for phone in part.phones)
    words = tuple(replace(word, start=word.start * factor) for word in part.words)
    return replace(part, phones=phones, words=words)
