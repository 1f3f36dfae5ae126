"""The built-in voice for every language, with the real engine in its own process."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import aclosing
from typing import Any

import pytest

from tests.waiting import until
from tests.workers.voice.listening import (
    clip,
    length,
    loudness,
    pitch_of,
    silence_after,
    sound_of,
    worst_step,
)
from workers.pipeline.ports import VoiceError
from workers.pipeline.values import Audio, VoiceSpec
from workers.voice import espeak_pool
from workers.voice.espeak import EspeakVoice, phonemes, request_for
from workers.voice.espeak_pool import EspeakPool

ENGLISH = "Papa bought a map, and my mum is happy about it."
RUSSIAN = "Привет, чат! Мама мыла раму, а папа читал книгу."


async def test_english_is_spoken_as_long_as_a_person_would_need(pool: EspeakPool) -> None:
    sound = sound_of(await clip(EspeakVoice(pool), ENGLISH))
    assert 2.0 < length(sound) < 5.0
    assert loudness(sound) > 0.05


async def test_russian_is_spoken_with_russian_sounds(pool: EspeakPool) -> None:
    parts = await clip(EspeakVoice(pool), RUSSIAN, VoiceSpec(language="ru"))
    phones = "".join(_phones(parts))
    assert 2.0 < length(sound_of(parts)) < 5.0
    assert loudness(sound_of(parts)) > 0.05
    assert "tʃʲ" in phones
    assert "ɨ" in phones


async def test_russian_text_is_read_as_russian_though_the_persona_speaks_english(pool: EspeakPool) -> None:
    asked = await clip(EspeakVoice(pool), RUSSIAN, VoiceSpec(language="ru"))
    mistaken = await clip(EspeakVoice(pool), RUSSIAN, VoiceSpec(language="en"))
    assert _phones(mistaken) == _phones(asked)


class Forgetful(EspeakPool):
    """Loses the events of the first sound it makes, twice in a row, as the library does now and then."""

    asked = 0
    forgets = 2

    def ask(self, request: dict[str, Any], on_frame: Callable[[bytes, bytes], None]) -> Future[None]:
        self.asked += 1
        kinds: list[bytes] = []

        def pass_on(kind: bytes, payload: bytes) -> None:
            kinds.append(kind)
            if self.asked > self.forgets or len(kinds) > 1:
                on_frame(kind, payload)

        return super().ask(request, pass_on)


async def test_an_answer_without_its_first_phones_is_asked_for_again() -> None:
    pool = Forgetful(1)
    try:
        parts = await clip(EspeakVoice(pool), ENGLISH)
    finally:
        pool.close()
    assert pool.asked == 3
    assert [phone.phone for phone in parts[0].phones][:1] == ["p"]
    assert 2.0 < length(sound_of(parts)) < 5.0


async def test_phones_rise_through_the_clip_and_end_with_it(pool: EspeakPool) -> None:
    parts = await clip(EspeakVoice(pool), ENGLISH)
    phones = [phone for part in parts for phone in part.phones]
    assert all(first.end <= second.start + 1e-6 for first, second in itertools.pairwise(phones))
    assert phones[-1].end == pytest.approx(length(sound_of(parts)), abs=0.05)


async def test_a_listener_that_fails_leaves_nothing_to_the_next_one(pool: EspeakPool) -> None:
    def deaf(kind: bytes, payload: bytes) -> None:
        raise RuntimeError("nobody is there")

    def sound() -> list[bytes]:
        heard: list[bytes] = []
        pool.ask(request_for(ENGLISH, VoiceSpec("espeak")), lambda kind, payload: heard.append(kind)).result(20)
        return heard

    whole = sound()
    with pytest.raises(RuntimeError):
        pool.ask(request_for(ENGLISH, VoiceSpec("espeak")), deaf).result(20)
    assert sound() == whole


def test_a_listener_whose_loop_has_ended_is_no_fault(pool: EspeakPool) -> None:
    async def leave_in_the_middle() -> None:
        parts = EspeakVoice(pool).speak(ENGLISH * 3, VoiceSpec("espeak"))
        await anext(parts)

    async def phones() -> list[str]:
        return _phones(await clip(EspeakVoice(pool), ENGLISH))

    first = asyncio.run(phones())
    asyncio.run(leave_in_the_middle())
    assert asyncio.run(phones()) == first


async def test_phones_are_known_before_their_sound_is_played(pool: EspeakPool) -> None:
    heard, late = 0.0, []
    for part in await clip(EspeakVoice(pool), ENGLISH):
        late += [phone for phone in part.phones if phone.start < heard - 0.005]
        heard += length(sound_of([part]))
    assert late == []


async def test_words_point_at_their_letters(pool: EspeakPool) -> None:
    parts = await clip(EspeakVoice(pool), RUSSIAN, VoiceSpec(language="ru"))
    words = [word for part in parts for word in part.words]
    assert [RUSSIAN[word.begin : word.end] for word in words][:4] == ["Привет", "чат", "Мама", "мыла"]
    assert sorted(word.start for word in words) == [word.start for word in words]


async def test_faster_is_shorter(pool: EspeakPool) -> None:
    calm, quick = [sound_of(await clip(EspeakVoice(pool), ENGLISH, VoiceSpec(speed=speed))) for speed in (1.0, 1.5)]
    assert length(quick) < length(calm) * 0.8


async def test_parts_join_without_clicks(pool: EspeakPool) -> None:
    parts = await clip(EspeakVoice(pool), ENGLISH)
    joins = []
    for before, after in itertools.pairwise(parts):
        left, right = sound_of([before]), sound_of([after])
        joins.append(abs(float(left[-1] - right[0])))
    assert len(joins) > 10
    assert max(joins) <= worst_step(sound_of(parts[: len(parts) // 2])) + 0.02


async def test_a_killed_process_costs_no_sentence(pool: EspeakPool) -> None:
    voice = EspeakVoice(pool)
    await clip(voice, "Hello.")
    (victim,) = pool.pids
    os.kill(victim, signal.SIGKILL)
    assert length(sound_of(await clip(voice, ENGLISH))) > 2
    assert victim not in pool.pids


async def test_a_listener_who_leaves_keeps_no_process_busy(pool: EspeakPool) -> None:
    voice = EspeakVoice(pool)
    async with aclosing(voice.speak(ENGLISH * 20, VoiceSpec())) as stream:
        await anext(stream)
    assert length(sound_of(await clip(voice, "Next."))) > 0.2
    assert len(pool.pids) == 1


async def test_many_channels_share_one_process_and_each_hears_its_own_words(pool: EspeakPool) -> None:
    voice = EspeakVoice(pool)
    texts = [f"Sentence number {number}" + ", indeed" * number for number in range(6)]
    alone = [sound_of(await clip(voice, text)) for text in texts]
    together = [sound_of(parts) for parts in await asyncio.gather(*(clip(voice, text) for text in texts))]
    # espeak-ng varies by some samples from call to call
    assert [length(sound) for sound in together] == pytest.approx([length(sound) for sound in alone], abs=0.002)
    assert len(pool.pids) == 1


async def test_text_without_words_is_an_error_and_the_voice_goes_on(pool: EspeakPool) -> None:
    voice = EspeakVoice(pool)
    with pytest.raises(VoiceError) as error:
        await clip(voice, "")
    assert error.value.code == "nothing_to_say"
    assert sound_of(await clip(voice, "Hello.")).size


async def test_an_unknown_language_is_spoken_in_english(pool: EspeakPool) -> None:
    assert length(sound_of(await clip(EspeakVoice(pool), "Hello there.", VoiceSpec(language="xx")))) > 0.4


def test_a_text_becomes_phonemes_without_being_spoken(pool: EspeakPool) -> None:
    assert phonemes("My map. Bob!", "en", pool).result(10) == "m_aɪ m_ˈæ_p\nb_ˈɑː_b"
    assert "tʃʲ" in phonemes("Привет, чат", "ru", pool).result(10)


async def test_the_voice_is_the_one_asked_for_whichever_was_before(pool: EspeakPool) -> None:
    """A process keeps the voice it has until another is wanted."""
    one = EspeakPool(1)
    wanted = [(ENGLISH, "en"), (ENGLISH, "en"), (RUSSIAN, "ru"), (RUSSIAN, "ru"), (ENGLISH, "en")]
    try:
        for text, language in wanted:
            said = await clip(EspeakVoice(one), text, VoiceSpec(language=language))
            alone = await clip(EspeakVoice(pool), text, VoiceSpec(language=language))
            assert _phones(said) == _phones(alone)
            assert length(sound_of(said)) == pytest.approx(length(sound_of(alone)), rel=0.01)
        read = [await asyncio.wrap_future(phonemes(text, language, one)) for text, language in wanted]
    finally:
        one.close()
    assert read[0] == read[1] == read[4]
    assert read[2] == read[3] != read[0]


def test_memory_that_the_library_loses_ends_with_its_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak_pool, "MOST_CHANGES", 3)
    asked = EspeakPool(1)
    try:
        said, pids = [], set()
        for number in range(8):
            said.append(asked.phonemes("Hello.", ["en-us" if number % 2 else "de"]).result())
            pids |= set(asked.pids)
    finally:
        asked.close()
    assert len(pids) >= 2
    assert len(set(said)) == 2


def test_the_process_dies_with_its_parent() -> None:
    program = (
        "from workers.voice.espeak_pool import EspeakPool; import os, signal\n"
        "pool = EspeakPool(1); pool.phonemes('a', ['en-us']).result(10); print(pool.pids[0], flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    child = int(subprocess.run([sys.executable, "-c", program], capture_output=True, check=False, timeout=60).stdout)
    watched = subprocess.run(["tail", f"--pid={child}", "-f", "/dev/null"], check=False, timeout=30)
    assert watched.returncode == 0


def test_closing_the_pool_ends_its_processes() -> None:
    pool = EspeakPool(1)
    pool.phonemes("a", ["en-us"]).result(10)
    (child,) = pool.pids
    pool.close()
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


async def test_the_clip_ends_quietly(pool: EspeakPool) -> None:
    assert silence_after(sound_of(await clip(EspeakVoice(pool), ENGLISH))) < 0.1


def _phones(parts: list[Audio]) -> list[str]:
    return [phone.phone for part in parts for phone in part.phones]


@pytest.mark.parametrize(
    ("language", "text", "spelled"),
    [("ru", "я люблю Minecraft и Dark Souls", "ˈɛ_l"), ("en", "I really love борщ", "ˈɛ_r")],
)
def test_words_of_another_script_are_words_and_no_letters(
    language: str, text: str, spelled: str, pool: EspeakPool
) -> None:
    assert spelled not in phonemes(text, language, pool).result(10)


@pytest.mark.parametrize("pitch", [0.7, 1.3])
async def test_another_pitch_is_as_much_higher_as_was_asked(pool: EspeakPool, pitch: float) -> None:
    voice = EspeakVoice(pool)
    text = "We are all around you now, and you are ours."
    normal, other = [sound_of(await clip(voice, text, VoiceSpec(pitch=each))) for each in (1.0, pitch)]
    assert pitch_of(other) == pytest.approx(pitch_of(normal) * pitch, rel=0.06)
    assert length(other) == pytest.approx(length(normal), rel=0.03)


def test_a_pool_that_is_warmed_has_all_its_processes() -> None:
    pool = EspeakPool(2)
    try:
        pool.warm()
        until(lambda: len(pool.pids) == 2)
    finally:
        pool.close()
