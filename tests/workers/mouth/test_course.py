"""The sounds of a phoneme string, in order."""

from __future__ import annotations

import pytest

from workers.mouth.course import course
from workers.mouth.sounds import AFTER_SOFT, CLASSES, LETTERS, NEAREST, SOFT, VOWELS
from workers.mouth.visemes import shape_of
from workers.pipeline.values import Viseme


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


def test_what_a_text_has_no_sound_of_is_another_way_to_hear_its_nearest() -> None:
    _, loose, *_ = course("v_ˈɑ_v_ɑ")
    assert loose.also == ("w",)
    _, strict, *_ = course("v_ˈɑ_w_ɑ")
    assert strict.also == ()


def test_only_a_softened_v_may_sound_like_a_glide() -> None:
    sounds = course("vʲ_ˈi w_ɪ v_ˈi pʲ_ˈi")
    assert {(sound.name, sound.also) for sound in sounds if sound.name in {"v", "p"}} == {
        ("v", ("j", "i")), ("v", ()), ("p", ()),
    }  # fmt: skip


@pytest.mark.parametrize("phonemes", ["tʲ_ˈa", "j_ˈa", "ˈja"])
def test_a_vowel_after_a_soft_consonant_or_a_glide_may_sound_as_if_the_tongue_were_still_up(phonemes: str) -> None:
    assert "E" in course(phonemes)[2].also
    assert "E" not in course("t_ˈa")[2].also


def test_vowels_without_stress_open_less_and_after_soft_consonants_are_neither_i_nor_e() -> None:
    stressed, plain, soft, free = (
        next(sound.shape for sound in course(text) if sound.name in VOWELS and sound.shape)
        for text in ("p_ˈɑ", "p_ɑ", "pʲ_i", "p_i")
    )
    assert plain.viseme == stressed.viseme == Viseme.AA
    assert 0.5 < plain.opening < stressed.opening
    assert (soft.viseme, free.viseme) == (Viseme.E, Viseme.I)
    assert next(sound.shape for sound in course("pʲ_ˈi") if sound.name == "i") == free


def test_a_glide_that_is_written_twice_is_spoken_once() -> None:
    assert [sound.name for sound in course("s_j_j_ˈe_ɭ")] == ["sil", "s", "j", "e", "l", "sil"]


def test_every_other_way_to_hear_a_class_is_a_class() -> None:
    for name, others in [*NEAREST.items(), *SOFT.items(), *AFTER_SOFT.items()]:
        assert {name, *others} <= set(CLASSES)
        assert name not in others


def test_the_last_syllable_before_a_pause_is_drawn_out() -> None:
    sounds = course("m_ˈæ_m_ˈæ")
    assert sounds[4].length > sounds[2].length * 1.3


def test_nothing_is_said_by_an_empty_string() -> None:
    assert course("") == course(" \n") == []
