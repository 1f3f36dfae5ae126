"""The mouth of real voices: with their timings, and of the same sound without them."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from concurrent.futures import Future

import numpy as np
import pytest

from tests.fakes.speech_sound import speech
from workers.mouth.live import FILE_PATIENCE_SECONDS, LiveMouth
from workers.pipeline.ports import VoiceError
from workers.pipeline.values import SAMPLE_RATE, Audio, MouthKey, Viseme, VoiceSpec, revised
from workers.voice.catalogue import build_voice
from workers.voice.espeak import phonemes
from workers.voice.file import SpokenFile, speak_whole
from workers.voice.pcm import split, to_float, to_pcm

ENGLISH = "Papa bought maps for my mum. Bob is happy, and we play a game!"
RUSSIAN = "Привет, чат! Мама мыла раму, а папа любит бабушку."
VOICES = [("hibari", "en", ENGLISH), ("espeak", "en", ENGLISH), ("espeak", "ru", RUSSIAN)]


def patient_mouth() -> LiveMouth:
    """A busy machine may take longer than a listener would wait for the first phonemes."""
    return LiveMouth(phonemes, patience=FILE_PATIENCE_SECONDS)


async def spoken(engine: str, language: str, text: str) -> SpokenFile:
    return await speak_whole(build_voice(), patient_mouth(), text, VoiceSpec(engine=engine, language=language))


def stripped(pcm: bytes, text: str, language: str, mouth: LiveMouth | None = None) -> list[MouthKey]:
    """The mouth for the sound alone, fed as a network would bring it."""
    track = (mouth or patient_mouth()).track(text, language)
    keys: list[MouthKey] = []
    for part in split(pcm, 0.05):
        keys = revised(keys, track.feed(Audio(part)))
    return revised(keys, track.finish(keys[-1].at if keys else 0))


def shape_at(keys: Sequence[MouthKey], ms: float) -> Viseme:
    return next((key.viseme for key in reversed(keys) if key.at <= ms), Viseme.SIL)


def closures(keys: Sequence[MouthKey]) -> list[float]:
    return [key.at for key in keys if key.viseme is Viseme.PP]


@pytest.mark.parametrize(("engine", "language", "text"), VOICES)
async def test_lips_close_for_each_p_b_and_m(engine: str, language: str, text: str) -> None:
    clip = await spoken(engine, language, text)
    letters = sum(text.lower().count(letter) for letter in "pbmпбм")
    doubled = text.count("pp")
    assert len(closures(clip.keys)) == pytest.approx(letters - doubled, abs=1)


@pytest.mark.parametrize(("engine", "language", "text"), VOICES)
async def test_the_mouth_is_shut_at_the_end_and_in_the_pause_between_sentences(
    engine: str, language: str, text: str
) -> None:
    clip = await spoken(engine, language, text)
    assert clip.keys[-1].viseme is Viseme.SIL
    assert clip.keys[-1].at <= clip.seconds * 1000
    assert any(key.viseme is Viseme.SIL for key in clip.keys[1:-1])


@pytest.mark.parametrize(("engine", "language", "text"), VOICES)
async def test_keys_come_with_the_sound_they_belong_to(engine: str, language: str, text: str) -> None:
    track, heard, late = patient_mouth().track(text, language), 0.0, []
    first = True
    async for part in build_voice().speak(text, VoiceSpec(engine=engine, language=language)):
        keys = track.feed(part)
        assert not first or keys[0].at == 0
        late += [key for key in keys if key.at < round(heard - 30, 1)]
        heard += len(part.pcm) / 2 / SAMPLE_RATE * 1000
        first = False
    assert late == []


@pytest.mark.parametrize(("engine", "language", "text"), VOICES)
async def test_without_timings_most_closures_are_still_near_the_true_ones(
    engine: str, language: str, text: str
) -> None:
    clip = await spoken(engine, language, text)
    mouth = patient_mouth()
    stripped(clip.pcm, text, language, mouth)  # the first clip teaches how fast this voice speaks
    found, true = closures(stripped(clip.pcm, text, language, mouth)), closures(clip.keys)
    near = [at for at in true if any(abs(at - other) < 100 for other in found)]
    assert len(near) >= 0.65 * len(true)


@pytest.mark.parametrize(("engine", "language", "text"), VOICES)
async def test_without_timings_the_mouth_still_shuts_in_pauses_and_at_the_end(
    engine: str, language: str, text: str
) -> None:
    clip = await spoken(engine, language, text)
    keys = stripped(clip.pcm, text, language)
    samples = to_float(clip.pcm)
    quiet = np.abs(samples).reshape(-1)[: len(samples) // 2400 * 2400].reshape(-1, 2400).max(axis=1) < 0.008
    long_pauses = [index for index in range(1, len(quiet)) if quiet[index] and quiet[index - 1]]
    assert long_pauses
    assert all(shape_at(keys, index * 100 + 60) is Viseme.SIL for index in long_pauses)
    assert keys[-1].viseme is Viseme.SIL
    assert keys[0].at == 0
    assert all(first.at < second.at for first, second in itertools.pairwise(keys))


async def test_without_text_the_mouth_opens_with_loudness_and_shuts_with_silence() -> None:
    loud = speech("banana banana banana")
    keys = stripped(loud + b"\0\0" * (SAMPLE_RATE // 2), "", "en")
    opened = [key for key in keys if key.viseme in {Viseme.AA, Viseme.E, Viseme.I, Viseme.SS}]
    assert len(opened) > 4
    assert keys[-1].viseme is Viseme.SIL
    assert keys[-1].at == pytest.approx(len(loud) / 2 / SAMPLE_RATE * 1000, abs=120)


def test_silence_alone_keeps_the_mouth_shut() -> None:
    keys = stripped(b"\0\0" * SAMPLE_RATE, "Hello there", "en")
    assert [str(key.viseme) for key in keys] == ["sil"]


def test_a_voice_louder_or_quieter_moves_the_same_mouth() -> None:
    pcm = speech("papa banana mama papa")
    quiet = to_pcm(to_float(pcm) * np.float32(0.2))
    shapes = [[key.viseme for key in stripped(sound, "papa banana mama papa", "en")] for sound in (pcm, quiet)]
    assert shapes[0] == shapes[1]


def test_phonemes_that_cannot_be_had_leave_a_moving_mouth() -> None:
    broken: Future[str] = Future()
    broken.set_exception(VoiceError("no", code="espeak_missing", retryable=False))
    keys = stripped(speech("banana banana"), "banana banana", "en", LiveMouth(lambda text, language: broken))
    assert len(keys) > 4


def test_phonemes_that_come_late_are_taken_up_in_mid_clip() -> None:
    late: Future[str] = Future()
    track = LiveMouth(lambda text, language: late).track("mamama", "en")
    sound = speech("mamamamamamamama")
    parts = list(split(sound, 0.1))
    before = [key for part in parts[:5] for key in track.feed(Audio(part))]
    late.set_result("_".join("mɑ" * 8))
    after = [key for part in parts[5:] for key in track.feed(Audio(part))]
    assert Viseme.PP not in {key.viseme for key in before}
    assert Viseme.PP in {key.viseme for key in after}


async def test_whoever_waits_for_phonemes_lets_others_go_on_and_waits_no_longer_than_the_first_sound_may() -> None:
    class Late(Future[str]):
        """The way that every channel would wait on."""

        def result(self, timeout: float | None = None) -> str:
            assert self.done()
            return super().result(timeout)

    late = Late()
    track = LiveMouth(lambda text, language: late, patience=0.05).track(ENGLISH, "en")
    turns = 0

    async def another_channel() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0.001)

    other = asyncio.create_task(another_channel())
    await track.ready()
    other.cancel()
    assert turns > 3
    assert track.feed(Audio(speech(ENGLISH)[:4800]))
    late.set_exception(VoiceError("too late", code="voice_none", retryable=False))
    await asyncio.sleep(0)
    assert track.finish(0)[-1].viseme is Viseme.SIL
