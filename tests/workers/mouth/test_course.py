"""The sounds of a phoneme string, in order."""

from __future__ import annotations

import pytest

from workers.mouth.course import course
from workers.mouth.sounds import CLASSES, LETTERS
from workers.mouth.visemes import shape_of


@pytest.mark.parametrize("letter", sorted(LETTERS))
def test_every_letter_has_a_class_and_a_shape(letter: str) -> None:
    assert LETTERS[letter] in CLASSES
    assert shape_of(letter)


def test_pauses_may_be_between_words_and_are_expected_between_clauses_and_at_the_ends() -> None:
    sounds = course("m_ˈaɪ m_ˈæ_p\nh_ə_l_ˈəʊ")
    assert [sound.name for sound in sounds] == [
        "sil", "m", "a", "I", "sil", "m", "ae", "p", "sil", "h", "@", "l", "@", "U", "sil",
    ]  # fmt: skip
    assert [sound.between_clauses for sound in sounds if sound.shape is None] == [True, False, True, True]


def test_a_breath_looks_like_what_follows_it() -> None:
    sounds = course("h_ˈuː")
    assert sounds[1].shape == sounds[2].shape


def test_language_switch_marks_are_not_spoken() -> None:
    assert course("(en)_h_ə_l_ˈəʊ_(ru)") == course("h_ə_l_ˈəʊ")


def test_the_last_syllable_before_a_pause_is_drawn_out() -> None:
    sounds = course("m_ˈæ_m_ˈæ")
    assert sounds[4].length > sounds[2].length * 1.3


def test_nothing_is_said_by_an_empty_string() -> None:
    assert course("") == course(" \n") == []
