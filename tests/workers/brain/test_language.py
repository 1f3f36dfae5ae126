"""The language of a message is told by its letters, and the persona's own is kept where they tell nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.brain.language import detect_language


@pytest.mark.parametrize(
    ("text", "default", "language"),
    [
        ("hello, how are you?", "ru", "en"),
        ("привет, как дела?", "en", "ru"),
        ("как тебе Dark Souls и Elden Ring?", "en", "ru"),
        ("@Luna hi there", "ru", "en"),
        ("@Luna привет", "en", "ru"),
        ("gg wp", "ru", "ru"),
        ("LUL KEKW PogChamp", "ru", "ru"),
        ("https://example.com/some/english/words", "ru", "ru"),
        ("🎉🎉 100", "ru", "ru"),
        ("", "en", "en"),
        ("hola, ¿qué tal?", "es", "es"),
        ("привіт, як справи?", "uk", "uk"),
        ("こんにちは", "ja", "ja"),
        ("hello everyone", "ja", "en"),
        ("HELLO LUNA", "ru", "en"),
    ],
)
def test_language_of_a_message(text: str, default: str, language: str) -> None:
    assert detect_language(text, default) == language


@given(st.text(max_size=200), st.sampled_from(["en", "ru", "de", "ja"]))
def test_the_answer_is_the_default_english_or_russian(text: str, default: str) -> None:
    assert detect_language(text, default) in {default, "en", "ru"}
