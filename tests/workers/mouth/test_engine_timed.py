"""The mouth from exact phone times."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from workers.mouth.live import LiveMouth
from workers.pipeline.values import SAMPLE_RATE, Audio, MouthKey, PhoneTime

SILENT_SECOND = b"\0\0" * SAMPLE_RATE


def phones(*timed: tuple[str, float]) -> tuple[PhoneTime, ...]:
    """Phones in a row with their lengths in seconds."""
    found, at = [], 0.0
    for phone, length in timed:
        found.append(PhoneTime(phone, at, at + length))
        at += length
    return tuple(found)


def keys_for(*timed: tuple[str, float]) -> Sequence[MouthKey]:
    track = LiveMouth().track("", "en")
    return [*track.feed(Audio(SILENT_SECOND, phones(*timed))), *track.finish(0)]


def shown(keys: Sequence[MouthKey]) -> list[tuple[float, str]]:
    return [(key.at, str(key.viseme)) for key in keys]


def test_each_phone_is_shown_from_its_own_start() -> None:
    keys = keys_for(("m", 0.08), ("ɑ", 0.12), ("s", 0.1))
    assert shown(keys) == [(0, "PP"), (80, "aa"), (200, "SS"), (300, "sil")]


def test_short_closures_are_held_long_enough_to_be_seen() -> None:
    keys = keys_for(("ɑ", 0.1), ("p", 0.02), ("ɑ", 0.1))
    at = {str(key.viseme): key.at for key in keys[1:]}
    assert at["aa"] - at["PP"] >= 50
    assert abs(at["PP"] - 100) <= 25


def test_breath_takes_the_shape_of_what_follows() -> None:
    assert shown(keys_for(("h", 0.06), ("u", 0.1))) == [(0, "U"), (160, "sil")]


def test_equal_neighbours_are_one() -> None:
    assert shown(keys_for(("t", 0.05), ("d", 0.05), ("i", 0.1))) == [(0, "DD"), (100, "I"), (200, "sil")]


def test_a_pause_that_becomes_one_only_with_the_next_sound_shuts_the_mouth_no_earlier_than_can_be_shown() -> None:
    track = LiveMouth().track("", "en")
    tenth = Audio(SILENT_SECOND[: SAMPLE_RATE // 10 * 2])
    first = track.feed(Audio(tenth.pcm, phones(("ɑ", 0.05))))
    assert shown(first) == [(0, "aa")]
    assert shown(track.feed(tenth)) == [(70, "sil")]


def test_both_halves_of_a_diphthong_are_seen() -> None:
    assert shown(
        keys_for(
            ("aɪ", 0.2),
        )
    ) == [(0, "aa"), (110, "I"), (200, "sil")]


def test_the_mouth_shuts_in_pauses_but_not_between_words() -> None:
    keys = keys_for(("ɑ", 0.1), ("", 0.03), ("i", 0.1), ("", 0.2), ("u", 0.1))
    assert shown(keys) == [(0, "aa"), (130, "I"), (230, "sil"), (430, "U"), (530, "sil")]


def test_a_clip_that_begins_with_silence_has_its_first_key_at_the_start() -> None:
    assert shown(keys_for(("", 0.1), ("ɑ", 0.1))) == [(0, "sil"), (100, "aa"), (200, "sil")]


def test_slivers_are_not_shown() -> None:
    assert shown(keys_for(("ɑ", 0.1), ("t", 0.01), ("u", 0.1))) == [(0, "aa"), (110, "U"), (210, "sil")]


PHONES = st.sampled_from(["p", "b", "m", "f", "t", "s", "h", "ɑ", "aɪ", "u", "ɛ", "", "ʲ", "k"])


@given(st.lists(st.tuples(PHONES, st.floats(0.001, 0.3)), min_size=1, max_size=30), st.integers(1, 7))
def test_keys_rise_begin_at_zero_and_end_shut_however_the_phones_arrive(
    timed: list[tuple[str, float]], at_once: int
) -> None:
    track = LiveMouth().track("", "en")
    keys: list[MouthKey] = []
    given_phones = phones(*timed)
    for start in range(0, len(given_phones), at_once):
        group = given_phones[start : start + at_once]
        length = group[-1].end - group[0].start
        keys += track.feed(Audio(b"\0\0" * max(1, round(length * SAMPLE_RATE)), group))
    keys += track.finish(0)
    times = [key.at for key in keys]
    assert times[0] == 0
    assert all(first < second for first, second in itertools.pairwise(times))
    assert keys[-1].viseme == "sil"
    assert all(0 < key.weight <= 1 for key in keys)


def test_a_voice_whose_timings_come_late_is_followed_from_then_on() -> None:
    track = LiveMouth().track("", "en")
    first = track.feed(Audio(SILENT_SECOND))
    then = track.feed(Audio(SILENT_SECOND, (PhoneTime("ɑ", 1.2, 1.4), PhoneTime("m", 1.4, 1.5))))
    assert shown(first) == [(0, "sil")]
    assert shown([*then, *track.finish(0)]) == [(1200, "aa"), (1400, "PP"), (1500, "sil")]
