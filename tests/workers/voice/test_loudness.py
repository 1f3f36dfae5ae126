"""Every voice comes out equally loud, without clicks and without waiting."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import numpy as np
import pytest

from tests.workers.voice.listening import clip, sound_of, worst_step
from workers.pipeline.ports import Voice
from workers.pipeline.values import SAMPLE_RATE, Audio, VoiceSpec
from workers.voice.cache import ClipCache
from workers.voice.espeak import EspeakVoice
from workers.voice.fallback import Choice, FallbackVoice
from workers.voice.hibari import HibariVoice
from workers.voice.loudness import (
    CEILING,
    KNEE,
    TARGET_LUFS,
    Leveller,
    Levels,
    VoiceLevel,
    integrated,
    limit,
)
from workers.voice.pcm import Resampler, Samples, split, to_float, to_pcm

LINE = "Hello there, nice to see you all tonight! What shall we play first, my friends?"
OTHER_LINE = "I have been waiting for this all day, so let us begin with something calm."


def tone(seconds: float, *, hertz: float = 997, peak: float = 1.0) -> Samples:
    return (peak * np.sin(2 * np.pi * hertz * np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE)).astype(np.float32)


class Amplified:
    """A provider whose voice is too quiet or too loud."""

    label = "amplified"

    def __init__(self, voice: Voice, factor: float) -> None:
        self._voice, self._factor = voice, factor

    async def speak(self, text: str, voice: VoiceSpec) -> AsyncGenerator[Audio, None]:
        async for part in self._voice.speak(text, voice):
            yield Audio(to_pcm(to_float(part.pcm) * self._factor))


def test_the_meter_agrees_with_the_norm() -> None:
    assert integrated(tone(2)) == pytest.approx(-3.01, abs=0.05)
    assert integrated(tone(2, peak=10 ** (-20 / 20))) == pytest.approx(-23.01, abs=0.05)


def test_treble_counts_more_and_rumble_less() -> None:
    assert integrated(tone(2, hertz=6000)) > integrated(tone(2)) + 3
    assert integrated(tone(2, hertz=30)) < integrated(tone(2)) - 5


def test_pauses_do_not_count() -> None:
    spoken = tone(2, peak=0.1)
    paused = np.concatenate([spoken, np.zeros(5 * SAMPLE_RATE, np.float32)])
    assert integrated(paused) == pytest.approx(integrated(spoken), abs=0.5)
    assert integrated(np.zeros(SAMPLE_RATE, np.float32)) == -np.inf


@pytest.mark.parametrize(
    ("voice", "language"),
    [
        (HibariVoice(), "en"),
        (EspeakVoice(), "en"),
        (Amplified(HibariVoice(), 0.25), "en"),
        (Amplified(EspeakVoice(), 0.15), "en"),
        (Amplified(HibariVoice(), 3.0), "en"),
    ],
    ids=["hibari", "espeak", "quiet provider", "very quiet provider", "loud provider"],
)
async def test_voices_do_not_jump(voice: Voice, language: str) -> None:
    levelled = FallbackVoice([Choice("x", voice, lambda text, tag: True)], ClipCache())
    await clip(levelled, OTHER_LINE, VoiceSpec(language=language))
    heard = sound_of(await clip(levelled, LINE, VoiceSpec(language=language)))
    assert integrated(heard) == pytest.approx(TARGET_LUFS, abs=1.5)


def test_each_name_of_an_engine_has_a_level_of_its_own() -> None:
    levels = Levels({"loud": -9.0})
    assert levels.of("loud").gain < 0.5
    assert levels.of("unknown").gain == 1.0
    assert levels.of("loud") is levels.of("loud")


def test_what_was_believed_gives_way_to_what_is_heard() -> None:
    level = VoiceLevel(-9.0)
    leveller = Leveller(level)
    for piece in split(to_pcm(tone(40, peak=0.05)), 0.2):
        leveller.feed(to_float(piece))
    assert 20 * np.log10(level.gain) == pytest.approx(TARGET_LUFS - integrated(tone(2, peak=0.05)), abs=0.3)


def test_a_new_voice_is_judged_by_its_first_part_and_not_made_to_wait() -> None:
    leveller = Leveller(VoiceLevel())
    first = leveller.feed(tone(0.1, peak=0.03))
    assert len(first) == round(0.1 * SAMPLE_RATE)
    assert np.abs(first).max() > 0.05


@pytest.mark.parametrize("sizes", [[480, 4800, 997], [24_000]])
def test_levelling_part_by_part_makes_no_click(sizes: list[int]) -> None:
    leveller, sound = Leveller(VoiceLevel()), tone(2.0, hertz=300, peak=0.03)
    pieces: list[Samples] = []
    start = 0
    while start < len(sound):
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(leveller.feed(sound[start : start + size]))
        start += size
    out = np.concatenate(pieces)
    assert len(out) == len(sound)
    assert worst_step(out) <= worst_step(sound) * np.abs(out).max() / np.abs(sound).max() * 1.05


def test_the_limiter_leaves_speech_alone_and_keeps_shouts_below_minus_one_decibel() -> None:
    calm, shout = tone(0.1, peak=KNEE), tone(0.5, hertz=5990, peak=3.0)
    np.testing.assert_allclose(limit(calm), calm, atol=1e-6)
    limited = limit(shout)
    assert np.abs(limited).max() <= CEILING
    assert np.all(np.sign(limited) == np.sign(shout))
    speech = limit(tone(0.5, hertz=300, peak=3.0))
    oversampled = Resampler(SAMPLE_RATE, 4 * SAMPLE_RATE).feed(speech)
    assert 20 * np.log10(np.abs(oversampled).max()) <= -0.9
