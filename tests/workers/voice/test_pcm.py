"""Sound as numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workers.voice.listening import length, silence_after, silence_before
from workers.pipeline.values import SAMPLE_RATE
from workers.voice.pcm import (
    LEAD_SECONDS,
    TAIL_SECONDS,
    LeadTrim,
    Resampler,
    SampleBytes,
    Samples,
    split,
    to_float,
    to_pcm,
    trim_tail,
)


def tone(seconds: float, *, rate: int = SAMPLE_RATE, hertz: float = 300, peak: float = 0.3) -> Samples:
    return (peak * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * SAMPLE_RATE), np.float32)


def in_pieces(samples: Samples, sizes: list[int]) -> list[Samples]:
    pieces, start, index = [], 0, 0
    while start < len(samples):
        size = sizes[index % len(sizes)]
        pieces.append(samples[start : start + size])
        start, index = start + size, index + 1
    return pieces


@given(st.binary(max_size=200), st.lists(st.integers(1, 9), min_size=1, max_size=8))
def test_bytes_cut_anywhere_come_out_as_the_same_whole_samples(data: bytes, sizes: list[int]) -> None:
    joiner, out, start, index = SampleBytes(), b"", 0, 0
    while start < len(data):
        piece = joiner.feed(data[start : start + sizes[index % len(sizes)]])
        assert len(piece) % 2 == 0
        out, start, index = out + piece, start + sizes[index % len(sizes)], index + 1
    assert out == data[: len(data) // 2 * 2]


@pytest.mark.parametrize("rate", [8000, 16_000, 22_050, 44_100, 48_000])
def test_another_rate_keeps_pitch_level_and_length(rate: int) -> None:
    resampler = Resampler(rate)
    out = np.concatenate([*map(resampler.feed, in_pieces(tone(1.0, rate=rate), [441, 7, 2205])), resampler.finish()])
    assert abs(len(out) - SAMPLE_RATE) <= 1
    expected = tone(1.0)[: len(out)]
    middle = slice(500, -500)
    assert np.abs(out[middle] - expected[: len(out)][middle]).max() < 0.004


@given(st.lists(st.integers(40, 3000), min_size=1, max_size=6))
def test_the_way_a_stream_is_cut_does_not_change_the_resampled_sound(sizes: list[int]) -> None:
    source = tone(0.3, rate=22_050, hertz=1234)
    whole = Resampler(22_050)
    pieces = Resampler(22_050)
    expected = np.concatenate([whole.feed(source), whole.finish()])
    out = np.concatenate([*map(pieces.feed, in_pieces(source, sizes)), pieces.finish()])
    np.testing.assert_allclose(out, expected, atol=1e-6)


def test_what_lies_above_the_new_rate_is_filtered_and_not_folded_down() -> None:
    resampler = Resampler(48_000)
    out = np.concatenate([resampler.feed(tone(0.5, rate=48_000, hertz=17_000)), resampler.finish()])
    assert np.abs(out[500:-500]).max() < 0.01


@given(st.lists(st.integers(1, 4000), min_size=1, max_size=5))
def test_long_silence_before_the_first_sound_is_cut_however_it_arrives(sizes: list[int]) -> None:
    trim = LeadTrim()
    source = np.concatenate([silence(0.4), tone(0.3)])
    out = np.concatenate([trim.feed(piece) for piece in in_pieces(source, sizes)])
    assert silence_before(out) == pytest.approx(LEAD_SECONDS, abs=0.002)
    assert trim.cut_seconds == pytest.approx(0.4 - LEAD_SECONDS, abs=0.002)
    assert length(out) == pytest.approx(0.7 - trim.cut_seconds, abs=0.0001)


def test_a_short_silence_stays_as_it_is() -> None:
    trim = LeadTrim()
    source = np.concatenate([silence(0.03), tone(0.3)])
    assert len(trim.feed(source)) == len(source)
    assert trim.cut_seconds == 0


def test_a_finished_clip_ends_in_a_short_silence() -> None:
    out = trim_tail(np.concatenate([tone(0.5), silence(0.6)]))
    assert silence_after(out) == pytest.approx(TAIL_SECONDS, abs=0.005)


def test_full_scale_survives_the_way_to_pcm_and_back() -> None:
    samples = np.array([-2.0, -1.0, 0.0, 0.5, 1.0, 2.0], np.float32)
    np.testing.assert_allclose(to_float(to_pcm(samples)), [-1, -1, 0, 0.5, 1, 1], atol=1e-4)


def test_parts_join_to_the_same_sound_and_none_is_longer_than_asked() -> None:
    pcm = to_pcm(tone(0.55))
    parts = list(split(pcm, 0.2))
    assert b"".join(parts) == pcm
    assert [round(len(part) / 2 / SAMPLE_RATE, 2) for part in parts] == [0.2, 0.2, 0.15]
