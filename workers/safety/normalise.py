"""Text as its reader hears it: one spelling for the many ways of writing the same word. Pure."""

from __future__ import annotations

import re
import unicodedata

_LOOKALIKES = str.maketrans("аеорсухкмтвнзіјѕԁԛԝ", "aeopcyxkmtbh3ijsdqw")
"""Cyrillic letters that look like Latin ones; the way back is `_LOOKALIKES_BACK`."""
_LOOKALIKES_BACK = str.maketrans("aeopcyxkmtbh3", "аеорсухкмтвнз")
_LEET = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
    "|[\U000e0000-\U000e007f]"
)
_LETTER_EMOJI = {chr(0x1F1E6 + i): chr(97 + i) for i in range(26)} | {"🅰": "a", "🅱": "b", "🅾": "o", "🅿": "p"}
_STRETCHED = re.compile(r"(\w)\1{2,}")
_SPACED = re.compile(r"(?<!\w)(?:\w[\s.\-_*|/,]{1,3}){2,}\w(?!\w)")


def plain(text: str) -> str:
    """Lower case, compatibility forms folded, invisible characters and piled-up accents gone."""
    text = _INVISIBLE.sub("", text)
    text = "".join(_LETTER_EMOJI.get(character, character) for character in text)
    folded = unicodedata.normalize("NFKC", text)
    # й and ё are letters of their own and stand composed; every other mark is decoration.
    kept = [character for character in unicodedata.normalize("NFC", folded) if not unicodedata.combining(character)]
    return "".join(kept).lower().replace("ё", "е")


def readings(text: str) -> tuple[str, ...]:
    """The ways a text may be read: as it stands, with stretched letters shortened, as Latin, as Cyrillic, unspaced."""
    base = _STRETCHED.sub(r"\1", plain(text))
    joined = _SPACED.sub(lambda found: re.sub(r"[\s.\-_*|/,]+", "", found[0]), base)
    latin = _strip_accents(joined.translate(_LOOKALIKES))
    found = (base, joined, latin, _STRETCHED.sub(r"\1", latin.translate(_LEET)), joined.translate(_LOOKALIKES_BACK))
    return tuple(dict.fromkeys(found))


def _strip_accents(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
