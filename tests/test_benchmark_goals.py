"""Benchmarks say which of their goals they missed, and what they do to a voice leaves its sounds where they were."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from benchmarks import capacity, first_sound, goals, noise
from benchmarks.mouth_conditions import CODECS, SEMITONES, coded, pitched
from benchmarks.mouth_set import Truth
from workers.pipeline.values import SAMPLE_RATE

FAST = {"p50_ratio": 1.10, "p95_ms": 900.0, "replies_with_dead_air": 0}
NEAR_SECONDS = 0.012


def test_a_goal_that_is_just_reached_is_reached() -> None:
    assert goals.missed(FAST, most=first_sound.MOST) == []
    assert goals.missed({"f1": 0.9}, least={"f1": 0.9}) == []


@pytest.mark.parametrize(
    ("worse", "told"),
    [
        ({"p50_ratio": 1.101}, "p50_ratio 1.101 over 1.1"),
        ({"p95_ms": 900.1}, "p95_ms 900.1 over 900"),
        ({"replies_with_dead_air": 1}, "replies_with_dead_air 1 over 0"),
        ({"p95_ms": None}, "p95_ms was not measured"),
    ],
)
def test_a_missed_goal_is_told_with_its_figure(worse: dict[str, float | None], told: str) -> None:
    assert goals.missed(FAST | worse, most=first_sound.MOST) == [told]


def test_what_has_to_be_reached_may_be_missed_from_below() -> None:
    assert goals.missed({"f1": 0.89}, least={"f1": 0.9}) == ["f1 0.89 under 0.9"]


def test_so_many_channels_have_goals_by_how_often_they_are_asked_and_more_have_none() -> None:
    often, seldom = {"every": 10.0, "p95_first_sound_ms": 1201}, {"every": 30.0, "p95_first_sound_ms": 1501}
    assert capacity.missed(often | {"channels": 50}) == ["p95_first_sound_ms 1201 over 1200"]
    assert capacity.missed({"channels": 50, "every": 10.0}) == ["p95_first_sound_ms was not measured"]
    waited = {"channels": 50, "every": 10.0, "p95_first_sound_ms": 1, "asked_while_she_spoke": 1}
    assert capacity.missed(waited | {"p95_after_she_ended_ms": 1201}) == ["p95_after_she_ended_ms 1201 over 1200"]
    assert capacity.missed(often | {"channels": 51}) == []
    of_five_hundred = seldom | {"kb_per_channel": 121}
    assert capacity.missed(of_five_hundred | {"channels": 500}) == [
        "p95_first_sound_ms 1501 over 1500",
        "kb_per_channel 121 over 120",
    ]
    assert capacity.missed(of_five_hundred | {"channels": 501}) == []


def test_noise_is_compared_with_the_peace_beside_it() -> None:
    def phase(kind: str, p95: float) -> noise.Phase:
        return noise.Phase(kind, heard=[0.5] * 18 + [p95] * 2)

    # The machine grows slower all the while; the flood adds a fifth of it.
    phases = [phase("", 1.0), phase("flood", 1.32), phase("", 1.2), phase("hang", 1.3), phase("", 1.4)]
    assert noise.ratios(phases, "flood") == pytest.approx([1.2])
    assert noise.ratios(phases, "hang") == pytest.approx([1.0])
    found = noise.figures(phases)
    assert (found["flood_ratio"], found["hang_ratio"], found["quiet_replies"]) == (1.2, 1.0, 60)
    assert noise.missed(found) == ["flood_ratio 1.2 over 1.1"]


def test_only_the_strict_end_with_a_failure() -> None:
    for missed, strict, code in ((["a"], True, 1), (["a"], False, 0), ([], True, 0)):
        with pytest.raises(SystemExit) as ended:
            goals.end(missed, strict=strict)
        assert ended.value.code == code


@pytest.mark.parametrize(
    "change",
    [
        *(pytest.param(lambda clip, codec=codec: coded(clip, codec), id=codec) for codec in CODECS),
        *(pytest.param(lambda clip, by=by: pitched(clip, by), id=f"pitch {by:+}") for by in SEMITONES),
    ],
)
def test_a_changed_voice_keeps_the_times_of_its_sounds(change: Callable[[Truth], Truth]) -> None:
    before = tones(0.30, 0.95, 1.40)
    after = change(before)
    assert len(after.samples) == len(before.samples)
    assert middles(after) == pytest.approx(middles(before), abs=NEAR_SECONDS)


def tones(*starts: float) -> Truth:
    """Two seconds with a tone of 200 ms at each of these seconds."""
    time = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    on = np.any([(time >= start) & (time < start + 0.2) for start in starts], axis=0)
    return Truth("test", "en", "", (0.3 * on * np.sin(2 * np.pi * 220 * time)).astype(np.float32), [])


def middles(clip: Truth) -> list[float]:
    """Second in the middle of each sound: its edges are blurred by stretching, half a window to both sides."""
    step = SAMPLE_RATE // 1000
    loud = np.sqrt((clip.samples.reshape(-1, step) ** 2).mean(axis=1)) > 0.08
    at = np.flatnonzero(loud)
    sounds = np.split(at, np.flatnonzero(np.diff(at) > 50) + 1)
    return [float(sound[0] + sound[-1]) / 2000 for sound in sounds]
