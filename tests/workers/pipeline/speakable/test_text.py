"""What holds for every text that is made speakable, and for the persona's dictionary."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.pipeline.speakable.captions import CaptionWords
from workers.pipeline.speakable.pronunciation import Pronunciation, SayAs
from workers.pipeline.speakable.text import speakable
from workers.pipeline.values import WordTime

SCRAPS = (
    "haha soooo GG т.е. 5-й 18:30 1,000 $5 http://a.b/c @a_1 #tag Kappa III 2024 году x2 3D ааа THE xD :D )) 24/7 5k"
)
CHAT = st.lists(
    st.sampled_from(SCRAPS.split())
    | st.text(alphabet="abхаeoХdDkKМЁй .,!?:;-()[]*_~`'\"<3>0123456789%$€₽#@&+=/|^№°…\u0301\u200b\n😀", max_size=6),
    max_size=8,
).map("".join)
LANGUAGES = st.sampled_from(["en", "ru", "de"])


@settings(max_examples=300)
@given(CHAT | st.text(max_size=40), LANGUAGES)
def test_what_is_speakable_stays_as_it_is(text: str, language: str) -> None:
    once = speakable(text, language)
    assert speakable(once, language) == once


@settings(max_examples=300)
@given(CHAT | st.text(max_size=40), LANGUAGES)
def test_a_voice_gets_words_and_nothing_it_would_choke_on(text: str, language: str) -> None:
    said = speakable(text, language)
    assert not any(unicodedata.category(character).startswith("C") for character in said)
    assert any(map(str.isalnum, said)) or not any(map(str.isalnum, text))
    assert len(said) <= 12 * len(text) + 16


@given(CHAT, st.sampled_from(["en", "ru"]))
def test_no_figure_is_left_to_the_voice(text: str, language: str) -> None:
    assert not any("0" <= character <= "9" for character in speakable(text, language))


def test_other_languages_keep_their_figures() -> None:
    assert speakable("Ich habe 5 Äpfel <3", "de") == "Ich habe 5 Äpfel"


NAMES = Pronunciation(
    (
        SayAs("Mika", "Mee kah"),
        SayAs("Mika chan", "Mee kah chahn"),
        SayAs("xQc", "ex cue see"),
        SayAs("xQc", "икс-кью-си", "ru"),
        SayAs("GG", "good game"),
        SayAs("D1NG0", "dingo"),
    )
)


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("Hi mika!", "en", "Hi Mee kah!"),
        ("MIKA CHAN is here", "en", "Mee kah chahn is here"),
        ("Mikado is a game", "en", "Mikado is a game"),
        ("xQc and GG", "en", "ex cue see and good game"),
        ("xQc тут", "ru", "икс-кью-си тут"),
        ("D1NG0, 5 points", "en", "dingo, five points"),
        ("see https://mika.tv/GG", "en", "see link"),
    ],
)
def test_the_dictionary_is_heard_before_every_rule(text: str, language: str, said: str) -> None:
    assert speakable(text, language, NAMES) == said


def test_word_times_move_to_the_caption() -> None:
    caption, spoken = "I have $5 left :D", "I have five dollars left"
    starts = [0, 2, 7, 12, 20]
    times = tuple(WordTime(begin, begin + 1, begin / 10) for begin in starts)
    moved = CaptionWords(caption, spoken).move(times)
    assert [caption[word.begin : word.end] for word in moved] == ["I", "have", "$5", "left"]
    assert [word.start for word in moved] == [0, 0.2, 0.7, 2.0]


def test_a_caption_without_words_of_its_own_is_one_place() -> None:
    assert CaptionWords("…", "hm").move((WordTime(0, 2, 0.0),)) == (WordTime(0, 1, 0.0),)
