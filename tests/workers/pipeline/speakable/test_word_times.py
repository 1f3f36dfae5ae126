"""When each word of a caption is said: by the voice's own word, by the mouth's pauses, by pace."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from workers.pipeline.speakable.captions import CaptionWords
from workers.pipeline.speakable.word_times import LETTERS_PER_SECOND, WordTimes
from workers.pipeline.values import SAMPLE_RATE, Audio, MouthKey, Viseme, WordTime

CAPTION = "Good morning, dear cats."


def sound(seconds: float, *words: WordTime) -> Audio:
    return Audio(b"\0\0" * round(seconds * SAMPLE_RATE), words=words)


def mouth(*spans: tuple[float, float]) -> list[MouthKey]:
    """Open from and to these seconds, shut in between."""
    keys = [MouthKey(0, Viseme.SIL)]
    for begin, end in spans:
        keys += [MouthKey(begin * 1000, Viseme.AA), MouthKey(end * 1000, Viseme.SIL)]
    return keys if spans[0][0] > 0 else keys[1:]


def starts(words: Sequence[WordTime]) -> list[float]:
    return [word.start for word in words]


def texts(caption: str, words: Sequence[WordTime]) -> list[str]:
    return [caption[word.begin : word.end] for word in words]


def test_what_the_voice_says_of_its_words_stands() -> None:
    times = WordTimes(CAPTION)
    said = (WordTime(0, 4, 0.05), WordTime(5, 12, 0.31), WordTime(14, 18, 0.9), WordTime(19, 23, 1.2))
    words = times.feed(sound(0.1, *said), [])
    assert texts(CAPTION, words) == ["Good", "morning,", "dear", "cats."]
    assert starts(words) == [0.05, 0.31, 0.9, 1.2]
    assert times.feed(sound(0.5), mouth((0.05, 0.8))) == ()
    assert times.finish(mouth((0.05, 1.6))) == ()


def test_words_the_voice_has_not_told_yet_follow_at_the_pace_of_speech() -> None:
    times = WordTimes(CAPTION)
    words = times.feed(sound(0.1, WordTime(0, 4, 0.2), WordTime(5, 12, 0.6)), [])
    assert starts(words)[2] == pytest.approx(0.6 + len("morning_") / LETTERS_PER_SECOND, abs=0.01)
    assert starts(times.feed(sound(0.1, WordTime(14, 18, 1.4), WordTime(19, 23, 1.7)), [])) == [0.2, 0.6, 1.4, 1.7]


def test_the_voice_has_the_last_word_however_near_the_estimate_was() -> None:
    times = WordTimes("one two")
    guessed = starts(times.feed(sound(0.1, WordTime(0, 3, 0.0)), []))[1]
    assert starts(times.feed(sound(0.1, WordTime(4, 7, guessed + 0.05)), []))[1] == pytest.approx(guessed + 0.05)


def said_as(caption: str, spoken: str) -> WordTimes:
    return WordTimes(caption, CaptionWords(caption, spoken))


def test_without_word_times_a_pause_of_the_mouth_stands_for_its_comma() -> None:
    times = WordTimes(CAPTION)
    times.feed(sound(2.4), [])
    found = starts(times.finish(mouth((0.1, 1.1), (1.6, 2.3))))
    assert found[0] == pytest.approx(0.1)
    assert found[2] == pytest.approx(1.6), "the word after the comma begins with the sound after the pause"
    assert 0.1 < found[1] < 1.1
    assert 1.6 < found[3] < 2.3


def test_a_breath_far_from_any_comma_is_no_comma() -> None:
    times = WordTimes("One two three four five six seven eight nine, ten.")
    times.feed(sound(4.0), [])
    found = starts(times.finish(mouth((0.0, 0.5), (1.0, 4.0))))
    assert found == sorted(found)
    assert found[9] > 3, "the last word is not said right after the breath"


def test_while_it_streams_the_words_keep_to_the_sound_and_the_end_corrects_them() -> None:
    times = WordTimes("a bb ccc dddd")
    first = times.feed(sound(0.1), [MouthKey(0, Viseme.AA)])
    assert len(first) == 4
    assert times.feed(sound(0.1), []) == (), "nothing new is not told again"
    assert starts(times.feed(sound(3.8), []))[3] == pytest.approx(4.0 * 9 / 14, abs=0.01), "it speaks slowly"
    last = times.finish([MouthKey(3000, Viseme.SIL)])
    assert starts(last)[3] == pytest.approx(3.0 * 9 / 14, abs=0.01), "and was silent at the end"


def test_a_voice_that_is_asked_to_hurry_is_expected_to() -> None:
    usual = WordTimes(CAPTION).feed(sound(0.1), [])
    hurried = WordTimes(CAPTION, speed=2.0).feed(sound(0.1), [])
    assert starts(hurried)[3] == pytest.approx(starts(usual)[3] / 2, abs=0.01)


def test_a_figure_takes_as_long_as_its_words() -> None:
    times = said_as("It costs 1999 now.", "It costs one thousand nine hundred and ninety nine now.")
    times.feed(sound(5.0), [])
    words = times.finish([MouthKey(0, Viseme.AA), MouthKey(4000, Viseme.SIL)])
    assert texts("It costs 1999 now.", words) == ["It", "costs", "1999", "now."]
    assert starts(words)[3] - starts(words)[2] > 2.5


def test_signs_of_a_script_without_spaces_light_up_one_by_one() -> None:
    times = WordTimes("猫です。はい")
    words = times.feed(sound(0.2), [])
    assert texts("猫です。はい", words) == ["猫", "で", "す", "は", "い"]
    assert starts(words) == sorted(starts(words))


@pytest.mark.parametrize("caption", ["", "…", "🦊", "!?"])
def test_a_caption_without_words_has_no_times(caption: str) -> None:
    times = said_as(caption, "hm")
    assert times.feed(sound(0.5), []) == ()
    assert times.finish([MouthKey(0, Viseme.SIL)]) == ()


def test_times_never_fall_whatever_a_voice_says() -> None:
    times = WordTimes("one two three")
    words = times.feed(sound(0.1, WordTime(0, 3, 0.9), WordTime(4, 7, 0.2), WordTime(400, 410, 0.1)), [])
    assert starts(words) == sorted(starts(words))
