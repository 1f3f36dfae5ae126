"""Providers' timings in the shapes they send them (samples written by us after their documentation)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.pipeline.values import PhoneTime, WordTime
from workers.voice.timings import from_durations, from_visemes, timings_in


def test_viseme_events_become_phones_until_the_next_one() -> None:
    events = [
        {"offset": 500_000, "viseme_id": 0},
        {"offset": 1_000_000, "viseme_id": 21},
        {"offset": 2_250_000, "viseme_id": 2},
    ]
    assert from_visemes(events, 0.4) == (
        PhoneTime("", 0.05, 0.1),
        PhoneTime("p", 0.1, 0.225),
        PhoneTime("ɑ", 0.225, 0.4),
    )


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
         (PhoneTime("p", 0.1, 0.18),), ()),
        ({"type": "speech.audio.delta"}, (), ()),
    ],
    ids=["phonemes", "words", "word rows", "characters", "visemes", "none"],
)  # fmt: skip
def test_each_shape_is_recognised(event: dict[str, Any], phones: object, words: object) -> None:
    assert timings_in(event, "Hi there!") == (phones, words)


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=6,
)
KEYS = st.sampled_from(["visemes", "alignments", "phoneme_timestamps", "word_timestamps", "timestamps", "alignment"])


@given(st.dictionaries(KEYS, JSON | st.dictionaries(st.sampled_from(["words", "start", "end", "characters"]), JSON)))
def test_nonsense_is_left_out_and_never_raised(event: dict[str, Any]) -> None:
    phones, words = timings_in(event, "Hi there!")
    assert all(phone.end >= phone.start for phone in phones)
    assert all(0 <= word.begin < word.end for word in words)
