"""Providers' timings in the shapes they send them (samples written by us after their documentation)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.pipeline.values import PhoneTime, WordTime
from workers.voice.timings import ClipTimings, Visemes, from_durations


def test_viseme_events_become_phones_until_the_next_one() -> None:
    events = [
        {"offset": 500_000, "viseme_id": 0},
        {"offset": 1_000_000, "viseme_id": 21},
        {"offset": 2_250_000, "viseme_id": 2},
    ]
    visemes = Visemes()
    assert (*visemes.feed(events), *visemes.finish(0.4)) == (
        PhoneTime("", 0.05, 0.1),
        PhoneTime("p", 0.1, 0.225),
        PhoneTime("ɑ", 0.225, 0.4),
    )


@pytest.mark.parametrize("size", [1, 2, 3])
def test_visemes_are_the_same_in_however_many_events_they_come(size: int) -> None:
    marks = [{"offset": at * 1_000_000, "viseme_id": viseme} for at, viseme in ((0, 0), (1, 21), (2, 2), (3, 15))]
    timings = ClipTimings("pas")
    events = [{"visemes": marks[start : start + size]} for start in range(0, len(marks), size)]
    phones = [phone for event in events for phone in timings.feed(event)[0]]
    assert [*phones, *timings.finish(0.5)] == [
        PhoneTime("", 0.0, 0.1), PhoneTime("p", 0.1, 0.2), PhoneTime("ɑ", 0.2, 0.3), PhoneTime("s", 0.3, 0.5),
    ]  # fmt: skip


def test_a_viseme_that_comes_too_late_is_left_out() -> None:
    visemes = Visemes()
    visemes.feed([{"audio_offset_ms": 200, "viseme_id": 21}])
    assert visemes.feed([{"audio_offset_ms": 100, "viseme_id": 2}]) == ()
    assert visemes.finish(0.3) == (PhoneTime("p", 0.2, 0.3),)


def test_a_clip_that_ends_before_its_last_viseme_shows_none_of_it() -> None:
    visemes = Visemes()
    visemes.feed([{"audio_offset_ms": 200, "viseme_id": 21}])
    assert visemes.finish(0.2) == ()


def test_piper_alignments_follow_each_other_and_padding_belongs_to_the_phone() -> None:
    signs = [("^", 0.02), ("_", 0.01), ("m", 0.05), ("_", 0.01), ("a", 0.1), (" ", 0.04), ("$", 0.0)]
    phones = from_durations([{"phoneme": sign, "seconds": seconds} for sign, seconds in signs])
    assert [(phone.phone, round(phone.start, 3), round(phone.end, 3)) for phone in phones] == [
        ("", 0.0, 0.03),
        ("m", 0.03, 0.09),
        ("a", 0.09, 0.19),
        ("", 0.19, 0.23),
    ]


@pytest.mark.parametrize(
    ("event", "phones", "words"),
    [
        (
            {"phoneme_timestamps": {"phonemes": ["h", "aɪ"], "start": [0.0, 0.08], "end": [0.08, 0.3]}},
            (PhoneTime("h", 0.0, 0.08), PhoneTime("aɪ", 0.08, 0.3)),
            (),
        ),
        (
            {"word_timestamps": {"words": ["Hi", "there"], "start": [0.0, 0.3], "end": [0.3, 0.7]}},
            (),
            (WordTime(0, 2, 0.0), WordTime(3, 8, 0.3)),
        ),
        (
            {"timestamps": [{"word": "there", "start_time": 0.3, "end_time": 0.7}]},
            (),
            (WordTime(3, 8, 0.3),),
        ),
        (
            {
                "alignment": {
                    "characters": list("Hi there"),
                    "character_start_times_seconds": [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7],
                    "character_end_times_seconds": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8],
                }
            },
            (),
            (WordTime(0, 2, 0.0), WordTime(3, 8, 0.3)),
        ),
        ({"visemes": [{"audio_offset_ms": 100, "viseme_id": 21}, {"audio_offset_ms": 180, "viseme_id": 0}]},
         (PhoneTime("p", 0.1, 0.18), PhoneTime("", 0.18, 0.5)), ()),
        ({"type": "speech.audio.delta"}, (), ()),
    ],
    ids=["phonemes", "words", "word rows", "characters", "visemes", "none"],
)  # fmt: skip
def test_each_shape_is_recognised(event: dict[str, Any], phones: object, words: object) -> None:
    timings = ClipTimings("Hi there!")
    first, found = timings.feed(event)
    assert (first + timings.finish(0.5), found) == (phones, words)


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=6,
)
KEYS = st.sampled_from(["visemes", "alignments", "phoneme_timestamps", "word_timestamps", "timestamps", "alignment"])


@given(st.dictionaries(KEYS, JSON | st.dictionaries(st.sampled_from(["words", "start", "end", "characters"]), JSON)))
def test_nonsense_is_left_out_and_never_raised(event: dict[str, Any]) -> None:
    timings = ClipTimings("Hi there!")
    phones, words = timings.feed(event)
    assert all(phone.end >= phone.start for phone in phones + timings.finish(1.0))
    assert all(0 <= word.begin < word.end for word in words)
