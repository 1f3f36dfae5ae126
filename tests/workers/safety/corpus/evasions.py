"""Documented ways of writing a word that people read and filters do not. Their tables are not the normaliser's."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable

Evasion = Callable[[str, random.Random], str]


def _table(letters: str, written: str) -> dict[str, str]:
    return dict(zip(letters, written.split(" "), strict=True))


_ENGLISH = "abcdefghijklmnopqrstuvwxyz"
_RUSSIAN = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
_LEET = {"a": "4@", "e": "3", "i": "1!", "o": "0", "s": "5$", "t": "7", "b": "8", "g": "9"}
_LEET_RU = {"о": "0", "з": "3", "а": "@", "б": "6", "ч": "4", "с": "$", "и": "1"}
_ALIKE = dict(zip("aeocpxiskhygunr", "аеосрхіѕкһуɡυոг", strict=True))
_ALIKE_RU = dict(zip("аеосрхукивмтн", "aeocpxykubmth", strict=True))
_SMALL = dict(zip("abcdefghijklmnoprstuvwyz", "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", strict=True))
_TURNED = dict(zip("abcdefghijklmnopqrtuvwy", "ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹʇnʌʍʎ", strict=True))
_NAMES = _table(
    _ENGLISH, "ay bee cee dee ee eff gee aitch eye jay kay el em en oh pee cue are ess tee you vee double-u ex why zee"
)
_NATO = _table(
    _ENGLISH,
    "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa quebec romeo "
    "sierra tango uniform victor whiskey xray yankee zulu",
)
_NAMES_RU = _table(_RUSSIAN, "а бэ вэ гэ дэ е жэ зэ и й ка эль эм эн о пэ эр эс тэ у эф ха цэ че ша ща ъ ы ь э ю я")
_LATIN = _table(_RUSSIAN + "ё", "a b v g d e zh z i y k l m n o p r s t u f h c ch sh sch  y  e yu ya yo")
_CYRILLIC_NAMES = _table(
    _ENGLISH, "эй би си ди и эф джи эйч ай джей кей эл эм эн оу пи кью ар эс ти ю ви дабл-ю икс вай зед"
)


def is_russian(text: str) -> bool:
    return bool(re.search("[а-яё]", text))


def plain(text: str, rng: random.Random) -> str:
    return text


def upper(text: str, rng: random.Random) -> str:
    return text.upper()


def leet(text: str, rng: random.Random) -> str:
    table = _LEET_RU if is_russian(text) else _LEET
    return "".join(
        rng.choice(table[c]) if c in table and place and rng.random() < 0.8 else c for place, c in enumerate(text)
    )


def homoglyph(text: str, rng: random.Random) -> str:
    table = _ALIKE_RU if is_russian(text) else _ALIKE
    return "".join(table[c] if c in table and rng.random() < 0.7 else c for c in text)


def zero_width(text: str, rng: random.Random) -> str:
    return "".join(c + rng.choice("\u200b\u200c\u200d\u2060\ufeff\u00ad") for c in text)


def zalgo(text: str, rng: random.Random) -> str:
    return "".join(c + "".join(chr(rng.randint(0x300, 0x36F)) for _ in range(rng.randint(1, 4))) for c in text)


def accents(text: str, rng: random.Random) -> str:
    return unicodedata.normalize("NFC", "".join(c + rng.choice(["", "\u0301", "\u0308", "\u0302"]) for c in text))


def tags(text: str, rng: random.Random) -> str:
    return "".join(chr(0xE0000 + ord(c)) for c in text) if text.isascii() else zero_width(text, rng)


def right_to_left(text: str, rng: random.Random) -> str:
    return "\u202e" + text[::-1] + "\u202c"


def backwards(text: str, rng: random.Random) -> str:
    return text[::-1]


def regional(text: str, rng: random.Random) -> str:
    return "".join(chr(0x1F1E6 + ord(c) - 97) + "\u200b" if c in _NAMES else c for c in text)


def enclosed(text: str, rng: random.Random) -> str:
    first = rng.choice([0x24D0, 0x1F130, 0x1F150, 0x1F170, 0x249C])
    return "".join(chr(first + ord(c) - 97) if c in _NAMES else c for c in text)


def styled(text: str, rng: random.Random) -> str:
    first = rng.choice([0x1D41A, 0x1D5EE, 0x1D656, 0x1D68A, 0xFF41, 0x1D4EA, 0x1D586])
    return "".join(chr(first + ord(c) - 97) if c in _NAMES else c for c in text)


def small_capitals(text: str, rng: random.Random) -> str:
    return "".join(_SMALL.get(c, c) for c in text)


def turned(text: str, rng: random.Random) -> str:
    return "".join(_TURNED.get(c, c) for c in reversed(text))


def spaced(text: str, rng: random.Random) -> str:
    return " ".join(text.replace(" ", ""))


def dotted(text: str, rng: random.Random) -> str:
    return (
        rng.choice(".-_*|/").join(text.replace(" ", ""))
        if " " not in text
        else " ".join(".".join(w) for w in text.split())
    )


def chunks(text: str, rng: random.Random) -> str:
    def cut(word: str) -> str:
        place = rng.randint(2, max(2, len(word) - 2))
        return word[:place] + rng.choice([" ", "-", ".", " "]) + word[place:] if len(word) > 3 else word

    longest = max(text.split(), key=len)
    return text.replace(longest, cut(longest))


def stretched(text: str, rng: random.Random) -> str:
    vowels = [place for place, c in enumerate(text) if c in "aeiouyаеёиоуыэюя"]
    place = rng.choice(vowels or [1])
    return text[:place] + text[place] * rng.randint(3, 7) + text[place + 1 :]


def doubled(text: str, rng: random.Random) -> str:
    return "".join(c * rng.randint(2, 3) if c != " " else c for c in text)


def joined(text: str, rng: random.Random) -> str:
    return text.replace(" ", "")


def alternating(text: str, rng: random.Random) -> str:
    return "".join(c.upper() if place % 2 else c for place, c in enumerate(text))


def starred(text: str, rng: random.Random) -> str:
    word = max(text.split(), key=len)
    vowels = [place for place, c in enumerate(word) if c in "aeiouаеёиоуыэюя" and 0 < place < len(word) - 1]
    place = rng.choice(vowels or [1])
    return text.replace(word, word[:place] + rng.choice("**#") + word[place + 1 :])


def spelled(text: str, rng: random.Random) -> str:
    table = _NAMES_RU if is_russian(text) else rng.choice([_NAMES, _NATO, _CYRILLIC_NAMES])
    return " ".join(table.get(c, c) for c in text.replace(" ", ""))


def as_in(text: str, rng: random.Random) -> str:
    word = text.replace(" ", "")
    if is_russian(text):
        return spelled(text, rng)
    return " ".join(f"{c.upper()} {rng.choice(['as in', 'for'])} {_NATO.get(c, c)}" for c in word)


def other_alphabet(text: str, rng: random.Random) -> str:
    return "".join(_LATIN.get(c, c) for c in text) if is_russian(text) else leet(homoglyph(text, rng), rng)


def mixed(text: str, rng: random.Random) -> str:
    return zero_width(leet(text, rng), rng) if rng.random() < 0.5 else homoglyph(stretched(text, rng), rng)


def emoji_between(text: str, rng: random.Random) -> str:
    return rng.choice("🔥💀😂").join(text.replace(" ", ""))


LATIN_ONLY: tuple[Evasion, ...] = (tags, regional, enclosed, styled, small_capitals, turned)
ANY: tuple[Evasion, ...] = (
    plain, upper, leet, homoglyph, zero_width, zalgo, accents, right_to_left, backwards, spaced, dotted, chunks,
    stretched, doubled, joined, alternating, starred, spelled, as_in, other_alphabet, mixed, emoji_between,
)  # fmt: skip
SHORT = 4
"""A word as short as this stays recognisable to nobody when it is cut or starred."""


def evasions_for(word: str) -> list[Evasion]:
    """Those that leave the word readable to a person."""
    found = list(ANY) + ([] if is_russian(word) else list(LATIN_ONLY))
    if len(word) <= SHORT:
        found = [each for each in found if each not in {chunks, starred, other_alphabet, mixed}]
    return found
