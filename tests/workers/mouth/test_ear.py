"""What is heard of a long clip is what is heard of it piece by piece."""

from __future__ import annotations

import numpy as np
import pytest

from tests.fakes.speech_sound import speech
from workers.mouth.classifier import MOST, shared_classifier
from workers.mouth.features import HOP, WINDOW, Frames, Spectra, voice_of
from workers.voice.pcm import to_float

SOUND = to_float(speech("banana mama papa fish and six tall trees", characters_per_second=10))


def spectra(sizes: int) -> Frames:
    """Of the sound fed so many samples at a time."""
    stream = Spectra()
    return np.concatenate([stream.feed(SOUND[at : at + sizes]) for at in range(0, len(SOUND), sizes)])


@pytest.mark.parametrize("size", [100, 480, 2880, 7777])
def test_frames_are_the_same_whatever_way_the_sound_is_cut(size: int) -> None:
    whole = spectra(len(SOUND))
    assert len(whole) == (len(SOUND) - WINDOW) // HOP + 1
    np.testing.assert_allclose(spectra(size), whole, atol=1e-3)


@pytest.mark.parametrize("count", [1, 2, 12, 100])
def test_frames_are_judged_the_same_alone_and_among_many(count: int) -> None:
    ear, whole = shared_classifier(), spectra(len(SOUND))
    heard = voice_of(whole).heard_by(whole)
    judged = ear.judge(heard)
    assert len(judged) == len(heard) - ear.behind - ear.ahead > 2 * MOST
    few = [ear.judge(heard[at : at + count + ear.behind + ear.ahead]) for at in range(0, len(judged), count)]
    np.testing.assert_allclose(np.concatenate(few), judged, atol=1e-3)
    assert (judged.max(axis=1) == 0).all()


@pytest.mark.parametrize("missing", [0, 1, 9])
def test_nothing_is_judged_where_no_frame_has_its_neighbours(missing: int) -> None:
    ear, whole = shared_classifier(), spectra(len(SOUND))
    neighbours = ear.behind + ear.ahead
    assert ear.judge(whole[: neighbours - missing]).shape == (0, ear.judge(whole).shape[1])
