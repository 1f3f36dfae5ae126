"""What a page that is slow gets and what it does not: whole utterances, the current one, and every word but speech."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_app.overlay import protocol
from channels_app.overlay.outbox import MOST_SECONDS, MOST_SPEECH, MOST_WORDS, Frame, Key, Outbox, Overfull

FENCE = 5


def sound(utterance: int, seq: int, seconds: float = 0.2) -> bytes:
    samples = round(seconds * protocol.RATE)
    return protocol.audio_frame(FENCE, utterance, seq, seq * samples, bytes(samples * 2))


def word(kind: str, utterance: int | None = None) -> dict[str, Any]:
    return {"t": kind, "fence": FENCE} | ({} if utterance is None else {"utt": utterance})


def speech(utterance: int, seconds: float, *, end: bool = True) -> list[Frame]:
    frames: list[Frame] = [word("speech.begin", utterance), word("sentence", utterance)]
    for seq in range(round(seconds / 0.2)):
        frames += [word("mouth", utterance), sound(utterance, seq)]
    return [*frames, word("speech.end", utterance)] if end else frames


def fill(outbox: Outbox, *frames: Frame) -> list[Key]:
    return [key for frame in frames for key in outbox.add(frame)]


def rest(outbox: Outbox) -> list[Frame]:
    frames = []
    while (frame := outbox.take()) is not None:
        frames.append(frame)
    return frames


def utterances(frames: list[Frame]) -> list[int]:
    """Of which there is sound."""
    return sorted({protocol.frame_header(frame)[1] for frame in frames if isinstance(frame, bytes)})


def test_what_fits_comes_out_as_it_went_in() -> None:
    outbox, frames = Outbox(), [*speech(1, 3), word("state"), *speech(2, 3)]
    assert fill(outbox, *frames) == []
    assert rest(outbox) == frames
    assert outbox.seconds == pytest.approx(0)


def test_the_oldest_utterance_goes_whole_and_what_is_current_stays() -> None:
    outbox = Outbox()
    assert fill(outbox, *speech(1, 8), *speech(2, 6)) == [(FENCE, 1)]
    assert rest(outbox) == [{"t": "interrupt", "fence": FENCE, "utt": 1}, *speech(2, 6)]


def test_one_that_the_page_has_begun_is_ended_where_it_breaks_off() -> None:
    outbox = Outbox()
    fill(outbox, *speech(1, 8))
    begun = [outbox.take() for _ in range(10)]
    assert begun[0] == word("speech.begin", 1)
    fill(outbox, word("state"), *speech(2, 8))
    left = rest(outbox)
    assert left[:2] == [{"t": "interrupt", "fence": FENCE, "utt": 1}, word("state")]
    assert left[2:] == speech(2, 8)


def test_of_one_that_was_dropped_nothing_more_is_told() -> None:
    outbox = Outbox()
    assert fill(outbox, *speech(1, 60)) == [(FENCE, 1)]
    assert fill(outbox, *speech(1, 60)) == [], "not even when it is told again"
    assert rest(outbox) == [{"t": "interrupt", "fence": FENCE, "utt": 1}]
    assert outbox.seconds == 0


def test_silence_goes_first_and_leaves_no_speech() -> None:
    outbox = Outbox()
    fill(outbox, word("state"), *speech(1, 4))
    outbox.cut(word("interrupt"), word("state"))
    assert rest(outbox) == [word("interrupt"), word("state"), word("state")]
    assert outbox.seconds == 0


def test_silence_for_one_utterance_leaves_the_others() -> None:
    outbox = Outbox()
    fill(outbox, *speech(1, 4), *speech(2, 4))
    outbox.cut(word("interrupt", 1), key=(FENCE, 1))
    assert rest(outbox) == [word("interrupt", 1), *speech(2, 4)]


def test_words_are_never_dropped_and_do_not_pile_up_for_ever() -> None:
    outbox = Outbox()
    fill(outbox, *[word("state")] * MOST_WORDS)
    fill(outbox, *speech(1, 60))
    assert len([frame for frame in rest(outbox) if frame == word("state")]) == MOST_WORDS
    with pytest.raises(Overfull):
        fill(outbox, *[word("state")] * (MOST_WORDS + 1))


def test_words_of_speech_are_bounded_too() -> None:
    outbox = Outbox()
    assert fill(outbox, *[word("mouth", 1)] * MOST_SPEECH) == []
    assert fill(outbox, word("mouth", 1)) == [(FENCE, 1)]


@given(st.lists(st.tuples(st.integers(1, 5), st.sampled_from([0.05, 0.2, 0.34]), st.booleans()), max_size=400))
def test_whatever_comes_and_goes_the_bounds_hold_and_no_utterance_has_a_hole(
    steps: list[tuple[int, float, bool]],
) -> None:
    outbox = Outbox()
    numbers: dict[int, int] = {}
    got: dict[int, list[int]] = {}
    ended: set[int] = set()
    for utterance, seconds, taken in steps:
        seq = numbers[utterance] = numbers.get(utterance, -1) + 1
        outbox.add(sound(utterance, seq, seconds))
        assert outbox.seconds <= MOST_SECONDS + 1e-6
        if taken and (frame := outbox.take()):
            if isinstance(frame, bytes):
                _fence, number, place, _offset = protocol.frame_header(frame)
                assert number not in ended, "nothing follows the word that it is over"
                got.setdefault(number, []).append(place)
            else:
                ended.add(frame["utt"])
    for places in got.values():
        assert places == list(range(len(places)))
