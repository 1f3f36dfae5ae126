"""Which language a text can be spoken in: by its script where that contradicts the language asked for."""

from __future__ import annotations

import unicodedata
from collections import Counter

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


def script_of(text: str) -> str:
    """The script most letters are in ("LATIN", "CYRILLIC"); empty without letters."""
    names = Counter(unicodedata.name(letter, "").split(" ")[0] for letter in text if letter.isalpha())
    return names.most_common(1)[0][0] if names else ""


def spoken_language(language: str, text: str) -> str:
    """The base language ("en", "ru") the text is to be spoken in. Unknown scripts keep the language asked for."""
    base = language.lower().replace("_", "-").split("-")[0] or "en"
    script = script_of(text)
    expected = SCRIPTS.get(base, "LATIN")
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
