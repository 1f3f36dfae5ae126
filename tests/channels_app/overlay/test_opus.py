"""Sound as Opus: nothing is lost, everything stands where it stood in PCM, whatever parts it came in."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels_app.overlay import opus, protocol
from tests.channels_app.overlay.sound import MILLISECOND, PART, PCM, lag, run_frames, samples, tone
from tests.fakes.opus_page import OpusPage, Samples, unpack


def heard(frames: Sequence[Any], voice: opus.OpusVoice | None = None) -> OpusPage:
    voice = voice or opus.OpusVoice()
    return OpusPage().take_all(told for frame in frames for told in voice.take(frame))


def loudness(sound: Samples) -> float:
    return float(20 * np.log10(np.sqrt((sound**2).mean()) + 1e-9))


def test_the_sound_is_whole_in_its_place_and_as_loud() -> None:
    sound, original = heard(run_frames(PCM)).sounds[1], samples(PCM)
    assert len(sound) == len(original)
    assert not np.isnan(sound).any()
    step = protocol.RATE // 2
    for begin in range(0, len(original) - step, step):
        piece = slice(begin, begin + step)
        assert abs(lag(sound[piece], original[piece])) < MILLISECOND / 4
        assert loudness(sound[piece]) == pytest.approx(loudness(original[piece]), abs=1.0)


def test_the_last_word_is_heard_to_its_last_sample() -> None:
    pcm = tone(1.013)
    sound = heard(run_frames(pcm)).sounds[1]
    assert len(sound) == len(pcm) // 2
    last = slice(-5 * MILLISECOND, None)
    assert loudness(sound[last]) == pytest.approx(loudness(samples(pcm)[last]), abs=3.0)


@settings(max_examples=15)
@given(st.lists(st.integers(1, len(PCM) // 2), max_size=25))
def test_the_parts_it_came_in_are_not_heard(cuts: list[int]) -> None:
    edges = sorted({0, *(cut * 2 for cut in cuts), len(PCM)})
    parts = [PCM[begin:end] for begin, end in itertools.pairwise(edges)]
    frames: list[bytes] = []
    for pcm in parts:
        at = sum(len(frame) - protocol.HEADER_BYTES for frame in frames) // 2
        frames += protocol.audio_frames(1, 1, len(frames), at, pcm)
    whole = run_frames(PCM)
    page = heard([whole[0], *frames, whole[-1]])
    assert np.array_equal(page.sounds[1], heard(whole).sounds[1])
    assert page.streams == 1
    assert list(dict.fromkeys(page.seqs)) == list(range(len(frames))), "each frame of the run has one of its own"


def test_no_more_is_held_back_than_the_page_can_bear() -> None:
    voice = opus.OpusVoice()
    page = OpusPage()
    for sent, frame in enumerate(run_frames(PCM, part=730 * 2)[:-1]):
        page.take_all(voice.take(frame))
        came = min(sent * 730, len(PCM) // 2)
        assert came - len(page.sounds.get(1, ())) < 23 * MILLISECOND


def test_it_takes_a_tenth_of_the_bandwidth() -> None:
    page = heard(run_frames(PCM))
    assert page.weight * 8 / (len(PCM) / 2 / protocol.RATE) < 38_000
    assert page.weight < len(PCM) / 10


def test_a_page_that_comes_in_the_middle_hears_from_there() -> None:
    whole = run_frames(PCM)
    page = heard([whole[0] | {"from": 1100.0, "seq": 11}, *whole[12:]])
    begin = 11 * PART // 2
    assert np.isnan(page.sounds[1][:begin]).all()
    assert abs(lag(page.sounds[1][begin:], samples(PCM)[begin:])) < MILLISECOND / 4
    assert len(page.sounds[1]) == len(PCM) // 2


def test_a_repetition_is_heard_to_its_end_though_the_end_is_told_first() -> None:
    whole = run_frames(PCM)
    page = heard([whole[0], whole[-1], *whole[1:-1]])
    assert np.array_equal(page.sounds[1], heard(whole).sounds[1])


def test_what_overtakes_a_repetition_leaves_no_hole() -> None:
    whole = run_frames(PCM)
    first, *sound, end = whole
    page = heard([first, *sound[:7], sound[20], *sound[7:20], *sound[21:], end])
    assert not np.isnan(page.sounds[1]).any()
    assert abs(lag(page.sounds[1], samples(PCM))) < MILLISECOND / 4


def test_an_announcement_begins_a_stream_that_a_new_page_can_decode() -> None:
    first, *sound, _end = run_frames(PCM)
    voice = opus.OpusVoice()
    for frame in [first, *sound[:5]]:
        voice.take(frame)
    voice.take(first | {"seq": 5})
    late = heard(sound[5:], voice)
    assert late.streams == 1
    assert not np.isnan(late.sounds[1][5 * PART // 2 :]).any()


def test_what_waits_for_the_next_part_can_be_had_without_it() -> None:
    voice = opus.OpusVoice()
    first, *sound, _end = run_frames(tone(1.0))
    page = heard([first, *sound[:3]], voice)
    assert len(page.sounds[1]) < 3 * PART // 2
    assert voice.holds
    page.take_all(voice.rest())
    assert len(page.sounds[1]) == 3 * PART // 2
    assert voice.rest() == []
    [after] = voice.take(sound[3])
    assert isinstance(after, bytes)
    at, skip, count, _packets = unpack(after)
    assert skip > 0
    assert at == 3 * PART // 2 - opus.PACKET, "what comes next overlaps it: no step where the page passes over"
    assert at + count > 3 * PART // 2
    before = page.sounds[1][at:].copy()
    page.take(after)
    assert np.abs(page.sounds[1][at : at + len(before)] - before).max() < 0.2, "they are the same sound"
    page.take_all(told for frame in sound[4:] for told in voice.take(frame))
    assert not np.isnan(page.sounds[1]).any()


@pytest.mark.parametrize("end", [39_789, 40_291, 44_558])
def test_a_stream_that_ends_in_the_middle_of_a_word_does_not_end_with_a_click(end: int) -> None:
    """At these samples silence from there on was one."""

    def roughness(sound: Samples) -> float:
        return float(np.abs(np.diff(sound[-30:], 2)).max())

    cut = PCM[: 2 * end]
    assert roughness(heard(run_frames(cut)).sounds[1]) < roughness(samples(cut)) + 0.004


def test_utterances_after_and_among_one_another_keep_apart() -> None:
    one, two = run_frames(PCM, utt=1), run_frames(tone(2.0), utt=2)
    mixed = [frame for pair in itertools.zip_longest(one, two) for frame in pair if frame is not None]
    page = heard(mixed)
    assert np.array_equal(page.sounds[1], heard(one).sounds[1])
    assert np.array_equal(page.sounds[2], heard(two).sounds[2])


def test_an_interrupt_forgets_what_waits() -> None:
    voice = opus.OpusVoice()
    heard(run_frames(PCM)[:4], voice)
    assert voice.take({"t": "interrupt", "utt": 1}) == [{"t": "interrupt", "utt": 1}]
    assert not voice.holds


def test_after_a_failure_the_frame_goes_as_what_it_is() -> None:
    first, sound, *_rest = run_frames(PCM)
    voice = opus.OpusVoice()
    assert voice.take(first) == [first | {"enc": protocol.OPUS}]
    assert voice.as_pcm(sound) == [first | {"seq": 0}, sound]
    assert voice.as_pcm({"t": "mouth"}) == [first | {"seq": 0}, {"t": "mouth"}]


def test_an_encoder_that_fails_at_the_rest_leaves_no_hole(monkeypatch: pytest.MonkeyPatch) -> None:
    first, *sound, _end = run_frames(tone(1.0))
    voice = opus.OpusVoice()
    for frame in [first, *sound[:3]]:
        voice.take(frame)

    def broken(encoder: opus.Encoder, pcm: bytes) -> bytes:
        raise opus.CodingError("broken")

    monkeypatch.setattr(opus.Encoder, "encode", broken)
    with pytest.raises(opus.CodingError):
        voice.rest()
    assert voice.as_pcm() == [first | {"seq": 3}], "the page asks for what was held back of the frame before"


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ("{}", ["pcm_s16le"]),
        ('{"enc":["opus","pcm_s16le"]}', ["opus", "pcm_s16le"]),
        ('{"enc":["mp3","opus"]}', ["opus"]),
        ('{"enc":"opus"}', ["pcm_s16le"]),
        ('{"enc":[[],3]}', []),
    ],
)
def test_the_page_says_what_it_likes_best(said: str, taken: list[str]) -> None:
    hello = protocol.parse('{"t":"hello",' + said[1:] if said != "{}" else '{"t":"hello"}')
    assert hello.encodings == taken
