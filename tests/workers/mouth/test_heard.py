"""The mouth of voices that bring no timings: what must hold for any sound, any text, and any way they arrive."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.speech_sound import speech
from tests.workers.voice.listening import clip
from workers.mouth import heard
from workers.mouth.align import Segment
from workers.mouth.features import Frames
from workers.mouth.hearing import Hearing, hear_rest, hear_whole
from workers.mouth.live import FILE_PATIENCE_SECONDS, LiveMouth, LiveTrack
from workers.pipeline.values import SAMPLE_RATE, Audio, MouthKey, Viseme, VoiceSpec, revised
from workers.voice.espeak import EspeakVoice, phonemes
from workers.voice.espeak_pool import shared_pool
from workers.voice.pcm import to_float, to_pcm

TEXT = "mama papa banana"
PHONEMES = "m_ˈɑː_m_ɑː_ p_ˈɑː_p_ɑː_ b_ə_n_ˈɑː_n_ə"
LOOKAHEAD_MS = 165


def mouth(phonemes: str = PHONEMES) -> LiveMouth:
    def read(text: str, language: str) -> Future[str]:
        answer: Future[str] = Future()
        answer.set_result(phonemes)
        return answer

    return LiveMouth(read)


def parts_of(pcm: bytes, sizes: Sequence[int]) -> list[bytes]:
    """The sound cut after so many samples, again and again."""
    parts, at = list[bytes](), 0
    for size in itertools.cycle(sizes):
        if at >= len(pcm):
            return parts
        parts.append(pcm[at : at + size * 2])
        at += size * 2
    return parts


def follow(track: LiveTrack, parts: Sequence[bytes]) -> list[tuple[float, list[MouthKey]]]:
    """After each part: the sound fed (ms), and all keys as the page knows them."""
    states, keys, fed = [], list[MouthKey](), 0
    for part in parts:
        keys = revised(keys, track.feed(Audio(part)))
        fed += len(part) // 2
        states.append((fed / SAMPLE_RATE * 1000, keys))
    return states


def assert_sound(keys: Sequence[MouthKey], length_ms: float) -> None:
    times = [key.at for key in keys]
    assert times[0] == 0
    assert all(first < second for first, second in itertools.pairwise(times))
    assert times[-1] <= length_ms + 60
    assert all(0 < key.weight <= 1 for key in keys)
    for key, after in itertools.pairwise(keys):
        if key.viseme in {Viseme.PP, Viseme.FF}:
            assert after.at - key.at >= 49.9


SOUNDS = {
    "speech": speech(TEXT),
    "slow speech": speech(TEXT, characters_per_second=7),
    "hurried speech": speech(TEXT, characters_per_second=28),
    "silence": b"\0\0" * SAMPLE_RATE,
    "a click": b"\0\0" * 6000 + b"\xff\x7f" + b"\0\0" * 6000,
    "noise": to_pcm(np.random.default_rng(1).standard_normal(SAMPLE_RATE).astype(np.float32) * np.float32(0.1)),
    "a hum": to_pcm(np.sin(np.arange(SAMPLE_RATE, dtype=np.float32) * np.float32(0.03)) * np.float32(0.3)),
    "full scale": to_pcm(np.sign(to_float(speech(TEXT)))),
    "ten samples": b"\1\0" * 10,
}
TEXTS = {"its text": PHONEMES, "another text": "s_ˈɪ_k_s_ t_ˈiː_z", "a long text": PHONEMES * 30, "no phonemes": ""}


@pytest.mark.parametrize("phonemes", TEXTS.values(), ids=TEXTS.keys())
@pytest.mark.parametrize("pcm", SOUNDS.values(), ids=SOUNDS.keys())
def test_keys_are_in_order_end_shut_and_hold_their_closures_whatever_is_heard(pcm: bytes, phonemes: str) -> None:
    length = len(pcm) / 2 / SAMPLE_RATE * 1000
    track = mouth(phonemes).track(TEXT, "en")
    states = follow(track, parts_of(pcm, [2400]))
    for fed, keys in states:
        assert_sound(keys, fed)
    whole = list(track.finish(0))
    assert_sound(whole, length)
    assert whole[-1].viseme is Viseme.SIL
    assert whole[-1].at <= length


@settings(max_examples=25)
@given(st.lists(st.integers(1, 5000), min_size=1, max_size=6))
def test_a_whole_clip_has_one_mouth_however_it_was_cut(sizes: list[int]) -> None:
    sizes = [max(size, 240) for size in sizes]
    track = mouth().track(TEXT, "en")
    follow(track, parts_of(SOUNDS["speech"], sizes))
    assert track.finish(0) == mouth().whole(SOUNDS["speech"], TEXT, "en")


@settings(max_examples=25)
@given(st.lists(st.integers(240, 6000), min_size=1, max_size=6), st.sampled_from(sorted(SOUNDS)))
def test_what_is_final_does_not_change_any_more(sizes: list[int], name: str) -> None:
    track, keys, settled, final = mouth().track(TEXT, "en"), list[MouthKey](), 0.0, list[MouthKey]()
    fed = 0
    for part in parts_of(SOUNDS[name], sizes):
        keys = revised(keys, track.feed(Audio(part)))
        assert [key for key in keys if key.at < settled - 25] == [key for key in final if key.at < settled - 25]
        fed += len(part) // 2
        settled, final = track.settled, keys
        assert fed / SAMPLE_RATE * 1000 - settled <= LOOKAHEAD_MS or not settled


def test_the_first_part_brings_a_moving_mouth_for_all_of_its_sound() -> None:
    (_, keys), *_ = follow(mouth().track(TEXT, "en"), parts_of(SOUNDS["speech"], [4800]))
    assert keys[0].at == 0
    assert {key.viseme for key in keys} - {Viseme.SIL}


def test_what_was_heard_is_not_touched_by_the_correction_at_the_end() -> None:
    track = mouth().track(TEXT, "en")
    _, keys = follow(track, parts_of(SOUNDS["speech"], [2400]))[-1]
    better = track.finish(500.0)
    assert better[0].at >= 500
    known = [key for key in keys if key.at < 500]
    assert [key for key in revised(keys, better) if key.at < 500] == known


LONG_TEXT = (
    "Papa bought maps for my mum. Bob is happy, and we play a game! My mum may buy a puppy, maybe a big brown bear."
)


async def said(text: str, speed: float = 1.0) -> bytes:
    """A voice that really says the text: the made-up sound fits none, and a text that does not fit is given up."""
    return b"".join(part.pcm for part in await clip(EspeakVoice(shared_pool()), text, VoiceSpec(speed=speed)))


def phonemes_of(text: str) -> str:
    return phonemes(text, "en").result(FILE_PATIENCE_SECONDS)


@dataclass
class Searches:
    """What the searches at the ends of clips found, in order."""

    rest: list[Hearing | None] = field(default_factory=list)
    whole: list[Hearing] = field(default_factory=list)
    usual: list[float] = field(default_factory=list)
    """The pace each search of a whole clip expected from the clips before it."""


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> Searches:
    """The real searches, listened to."""
    found = Searches()

    def rest(spectra: Frames, known: Sequence[Segment], *others: Any) -> Hearing | None:
        found.rest.append(hear_rest(spectra, known, *others))
        return found.rest[-1]

    def whole(*others: Any) -> Hearing:
        *_, usual = others
        found.usual.append(usual)
        found.whole.append(hear_whole(*others))
        return found.whole[-1]

    monkeypatch.setattr(heard, "hear_rest", rest)
    monkeypatch.setattr(heard, "hear_whole", whole)
    return found


async def test_the_end_of_a_long_clip_is_corrected_as_if_all_of_it_were_looked_at_again(searches: Searches) -> None:
    pcm, sounds = await said(LONG_TEXT), phonemes_of(LONG_TEXT)
    whole = [key for key in mouth(sounds).whole(pcm, LONG_TEXT, "en") if key.at > 3200]
    searches.whole.clear()
    track = mouth(sounds).track(LONG_TEXT, "en")
    follow(track, parts_of(pcm, [480]))
    corrected = [key for key in track.finish(3000) if key.at > 3200]
    assert [hearing is not None for hearing in searches.rest] == [True]
    assert searches.whole == []
    assert len(whole) > 30
    assert [key.viseme for key in corrected] == [key.viseme for key in whole]
    assert all(abs(a.at - b.at) <= 20 for a, b in zip(corrected, whole, strict=True))


async def test_a_channel_learns_the_same_pace_whether_a_clip_was_heard_before_it_ended_or_not(
    searches: Searches,
) -> None:
    pcm, sounds = await said(LONG_TEXT, speed=1.6), phonemes_of(LONG_TEXT)
    after, learned = [], []
    length = len(pcm) / 48
    for heard_ms in (0.0, length - 1000, length - 150):
        channel = mouth(sounds)
        for _ in range(3):
            track = channel.track(LONG_TEXT, "en")
            follow(track, parts_of(pcm, [480]))
            track.finish(heard_ms)
        _, keys = follow(channel.track(LONG_TEXT, "en"), parts_of(pcm, [480]))[-1]
        after.append([key for key in keys if key.viseme is Viseme.PP])
        channel.whole(pcm, LONG_TEXT, "en")
        learned.append(searches.usual[-1])
    assert [hearing is not None for hearing in searches.rest] == [True] * 3
    assert len(searches.whole) == 3 + 3, "what is over almost at once is not looked at again"
    assert learned[0] > 1.2
    assert learned[1:] == [pytest.approx(learned[0], abs=0.03)] * 2
    assert len(after[0]) == len(after[1]) == len(after[2]) >= 5
    assert all(max(times) - min(times) <= 30 for times in zip(*([k.at for k in keys] for keys in after), strict=True))


async def test_a_clip_that_leaves_its_text_late_is_looked_at_as_a_whole(searches: Searches) -> None:
    text = "Bob is happy. We play a game."
    sounds = phonemes_of(text)
    tenth = SAMPLE_RATE // 10 * 2
    other = SOUNDS["speech"][: 3 * tenth]  # too short for the text to be given up before the clip ends
    pcm = await said("Bob is happy.") + bytes(7 * tenth) + other + bytes(tenth)
    whole = mouth(sounds).whole(pcm, text, "en")
    searches.whole.clear()
    track = mouth(sounds).track(text, "en")
    length, _ = follow(track, parts_of(pcm, [2400]))[-1]
    heard_ms = length - 400
    keys = track.finish(heard_ms)
    assert searches.rest == [None]
    assert len(searches.whole) == 1
    assert [key for key in keys if key.at > heard_ms + 60] == [key for key in whole if key.at > heard_ms + 60]
    assert keys[-1].viseme is Viseme.SIL
    assert_sound([MouthKey(0.0, Viseme.SIL), *keys], length)


def test_nothing_comes_of_no_sound() -> None:
    assert mouth().track(TEXT, "en").finish(0) == []
    assert mouth().whole(b"", TEXT, "en") == []


def test_silence_in_the_middle_shuts_the_mouth_although_the_text_goes_on() -> None:
    pcm = speech("mama") + b"\0\0" * (SAMPLE_RATE // 2) + speech("papa banana")
    begin = len(speech("mama")) / 2 / SAMPLE_RATE * 1000
    keys = mouth().whole(pcm, TEXT, "en")
    shown = [next(key.viseme for key in reversed(keys) if key.at <= begin + at) for at in range(60, 450, 10)]
    assert set(shown) == {Viseme.SIL}


def test_a_voice_twenty_decibels_quieter_is_followed_from_its_second_half_second_on() -> None:
    loud = speech(TEXT, characters_per_second=9)
    quiet = to_pcm(to_float(loud) * np.float32(0.1))
    channel = mouth()
    track = channel.track(TEXT, "en")
    follow(track, parts_of(loud, [2400]))
    track.finish(0)
    track = channel.track(TEXT, "en")
    _, keys = follow(track, parts_of(quiet, [2400]))[-1]
    assert {key.viseme for key in keys if key.at > 500} >= {Viseme.PP, Viseme.AA}


def test_another_text_than_what_is_said_is_not_forced_upon_the_sound() -> None:
    right = [key for key in mouth().whole(SOUNDS["slow speech"], TEXT, "en") if key.viseme is Viseme.PP]
    wrong = mouth("s_ˈɪ_k_s_ t_ˈiː_z_ s_ˈɪ_t_ s_t_ˈɪ_l").whole(SOUNDS["slow speech"], "six tees sit still", "en")
    assert len(right) >= 4
    assert Viseme.SS not in {key.viseme for key in wrong}


def test_in_a_hurry_the_end_of_a_clip_is_not_looked_through_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(text: str, language: str) -> Future[str]:
        answer: Future[str] = Future()
        answer.set_result(PHONEMES)
        return answer

    looked: list[int] = []

    def noted(*arguments: Any) -> Hearing:
        looked.append(1)
        return hear_whole(*arguments)

    monkeypatch.setattr(heard, "hear_whole", noted)
    hurry = [False]
    made = LiveMouth(read, is_hurried=lambda: hurry[0])
    sound = speech(TEXT)
    for hurry[0] in (False, True):
        track = made.track(TEXT, "en")
        keys = follow(track, parts_of(sound, [2400]))[-1][1]
        keys = revised(keys, track.finish(100.0))
        assert keys[-1].viseme is Viseme.SIL
        assert keys[-1].at <= len(sound) / 2 / SAMPLE_RATE * 1000
        assert len({key.viseme for key in keys}) > 3
    assert len(looked) == 1
