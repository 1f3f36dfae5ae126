"""Which language a text is spoken in."""

from __future__ import annotations

import pytest

from workers.voice.language import espeak_language, spoken_language


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Hello", "en"),
        ("EN-us", "Hello", "en"),
        ("ru", "Привет", "ru"),
        ("en", "Привет, chat, как дела", "ru"),
        ("ru", "Hello", "en"),
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
