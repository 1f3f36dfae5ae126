"""Which language a text is spoken in."""

from __future__ import annotations

import pytest

from workers.voice.language import espeak_language, readable, spoken_language


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Hello", "en"),
        ("EN-us", "Hello", "en"),
        ("ru", "Привет", "ru"),
        ("en", "Привет, chat, как дела", "ru"),
        ("ru", "Hello", "en"),
        ("ru", "я люблю Minecraft и Dark Souls", "ru"),
        ("en", "I love борщ", "en"),
        ("uk", "Привіт", "uk"),
        ("ja", "日本語", "ja"),
        ("ja", "カタカナ", "ja"),
        ("de", "Grüße", "de"),
        ("ru", "12345 !", "ru"),
        ("", "", "en"),
    ],
)
def test_the_script_decides_where_the_language_cannot_read_it(language: str, text: str, expected: str) -> None:
    assert spoken_language(language, text) == expected


@pytest.mark.parametrize(
    ("language", "expected"), [("en", "en-us"), ("en-GB", "en-gb"), ("pt", "pt-br"), ("ru", "ru"), ("de-AT", "de")]
)
def test_espeak_gets_the_names_it_knows(language: str, expected: str) -> None:
    assert espeak_language(language, "") == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "I really love борщ, my Друг", "I really love borsh, my Droog"),
        ("ru", "Я играю в Minecraft", "Я играю в Minecraft"),
        ("en", "Привет, как дела", "Привет, как дела"),
        ("en", "plain-text", "plain-text"),
    ],
)
def test_single_foreign_words_are_sounded_out_and_not_spelled(language: str, text: str, expected: str) -> None:
    assert readable(text, language) == expected
