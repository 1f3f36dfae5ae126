"""Which language a text can be spoken in: by its script where that contradicts the language asked for."""

from __future__ import annotations

import unicodedata
from collections import Counter

from workers.pipeline.speakable.lists import listed

ESPEAK_NAMES = {"en": "en-us", "pt": "pt-br", "fr": "fr-fr", "zh": "cmn", "no": "nb", "es": "es", "en-gb": "en-gb"}
"""Language tags whose espeak-ng voice has another name."""
SCRIPTS = {
    "ru": "CYRILLIC", "uk": "CYRILLIC", "be": "CYRILLIC", "bg": "CYRILLIC", "sr": "CYRILLIC", "mk": "CYRILLIC",
    "kk": "CYRILLIC", "ky": "CYRILLIC", "tt": "CYRILLIC", "ba": "CYRILLIC", "cv": "CYRILLIC",
    "el": "GREEK", "he": "HEBREW", "ar": "ARABIC", "fa": "ARABIC", "ur": "ARABIC", "hi": "DEVANAGARI",
    "mr": "DEVANAGARI", "ne": "DEVANAGARI", "ja": "HIRAGANA",
    "ko": "HANGUL", "zh": "CJK", "cmn": "CJK", "ka": "GEORGIAN", "hy": "ARMENIAN",
    "th": "THAI", "ta": "TAMIL", "te": "TELUGU", "bn": "BENGALI",
}  # fmt: skip
"""Script of each language that is not written in Latin letters."""
READERS = {
    "LATIN": "en", "CYRILLIC": "ru", "GREEK": "el", "HEBREW": "he", "ARABIC": "ar", "DEVANAGARI": "hi",
    "HIRAGANA": "ja",
    "KATAKANA": "ja", "HANGUL": "ko", "CJK": "zh", "GEORGIAN": "ka", "ARMENIAN": "hy", "THAI": "th", "TAMIL": "ta",
    "TELUGU": "te", "BENGALI": "bn",
}  # fmt: skip
"""Who reads a script when the asked language does not."""
SAME = {"KATAKANA": "HIRAGANA"}

SOUNDS = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґў",
        listed("a b v g d e yo zh z ee y k l m n o p r s t oo f h ts ch sh sh - i - e yu ya ee yee ye g w"),
        strict=True,
    )
)
"""Cyrillic letters as an English reader would sound them; a dash is silent."""


def script_of(text: str) -> str:
    """The script most letters are in ("LATIN", "CYRILLIC"); empty without letters."""
    names = Counter(_script(letter) for letter in text if letter.isalpha())
    return names.most_common(1)[0][0] if names else ""


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").split(" ")[0]


def spoken_language(language: str, text: str) -> str:
    """The base language ("en", "ru") the text is to be spoken in. Unknown scripts keep the language asked for.

    Everybody reads Latin letters besides their own, so a Russian sentence full of English names stays Russian.
    """
    base = language.lower().replace("_", "-").split("-")[0] or "en"
    script = script_of(text)
    expected = SCRIPTS.get(base, "LATIN")
    if script == "LATIN" and expected != "LATIN" and any(_script(letter) == expected for letter in text):
        return base
    if not script or SAME.get(script, script) == expected or (base == "ja" and script == "CJK"):
        return base
    return READERS.get(script, base)


def espeak_language(language: str, text: str) -> str:
    """The name of espeak-ng's voice for this text."""
    tag = language.lower().replace("_", "-")
    base = spoken_language(language, text)
    if base == tag.split("-")[0] and tag in ESPEAK_NAMES:
        return ESPEAK_NAMES[tag]
    return ESPEAK_NAMES.get(base, base)


def readable(text: str, language: str) -> str:
    """The text for an engine that reads one script: Cyrillic words among Latin ones are sounded out, not spelled."""
    if SCRIPTS.get(spoken_language(language, text)) == "CYRILLIC":
        return text
    return "".join(_sounded(letter) for letter in text)


def _sounded(letter: str) -> str:
    sound = SOUNDS.get(letter.lower(), letter)
    if sound == "-" != letter:
        return ""
    return sound.capitalize() if letter.isupper() and sound != letter else sound
