"""The ear itself: it finds gaps, losses, repeats and clicks put into the sound, and nothing in sound that is whole."""

from __future__ import annotations

import numpy as np
import pytest

from tests.browser.course import course, resampled
from tests.fakes.coded_sound import coded
from tests.fakes.speech_sound import RATE

TEXT = "Well hello there Anna, it is lovely to see you again. What shall we two do today?"
UTTERANCE = np.frombuffer(coded(TEXT), "<i2") / 32768
OUT = 48_000


@pytest.fixture
def whole() -> np.ndarray:
    return np.concatenate([np.zeros(OUT), resampled(UTTERANCE, OUT), np.zeros(OUT)])


@pytest.mark.parametrize("gain", [0.8, 1.0, 1.2])
def test_whole_sound_has_no_fault(whole: np.ndarray, gain: float) -> None:
    heard = course(whole * gain, OUT, UTTERANCE)
    assert (heard.breaks, heard.clicks, heard.unknown) == ((), (), 0)
    assert heard.onset == pytest.approx(1.0, abs=0.002)
    assert heard.position(3.0) == pytest.approx(2.0, abs=0.0001)
    assert heard.position(0.9) is None


def test_inserted_silence_is_a_gap(whole: np.ndarray) -> None:
    cut = 2 * OUT
    heard = course(np.concatenate([whole[:cut], np.zeros(OUT // 2), whole[cut:]]), OUT, UTTERANCE)
    (gap,) = heard.breaks
    assert gap.silence == pytest.approx(0.5, abs=0.001)
    assert gap.lost == 0
    assert gap.position == pytest.approx(1.0, abs=0.02)
    assert heard.position(2.25) is None


def test_sound_that_is_left_out_is_a_loss(whole: np.ndarray) -> None:
    heard = course(np.concatenate([whole[: 2 * OUT], whole[2 * OUT + 4800 :]]), OUT, UTTERANCE)
    assert [round(gap.lost, 3) for gap in heard.breaks] == [0.1]


def test_sound_that_is_said_twice_is_found(whole: np.ndarray) -> None:
    heard = course(np.concatenate([whole[: 2 * OUT], whole[2 * OUT - 9600 :]]), OUT, UTTERANCE)
    assert [round(gap.silence, 3) for gap in heard.breaks] == [0.2]


def test_every_overlapping_join_clicks(whole: np.ndarray) -> None:
    joins = list(range(OUT + 1920, OUT * 3, 1920))
    for join in joins:
        whole[join] *= 2
    found = course(whole, OUT, UTTERANCE).clicks
    assert len(found) > 0.6 * len(joins)


def test_sound_of_something_else_is_not_recognised() -> None:
    other = resampled(np.frombuffer(coded("Quite another thing was said here, and it was long."), "<i2") / 32768, OUT)
    with pytest.raises(ValueError, match="none of what was said"):
        course(other[: OUT // 2], OUT, UTTERANCE)


def test_silence_is_not_taken_for_sound() -> None:
    with pytest.raises(ValueError, match="Nothing was heard"):
        course(np.zeros(OUT), OUT, UTTERANCE)


def test_the_code_is_the_same_for_the_same_words_and_evenly_loud() -> None:
    assert coded(TEXT) == coded(TEXT)
    assert coded("") == b""
    sound = UTTERANCE[RATE // 10 : RATE]
    blocks = sound[: len(sound) // 480 * 480].reshape(-1, 480)
    assert np.sqrt((blocks**2).mean(axis=1)) == pytest.approx(0.1, abs=0.02)
