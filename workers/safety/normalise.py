"""Text as its reader hears it: the few spellings behind the many ways of writing the same words. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from workers.safety import spelling
from workers.safety.tables import lines_under

JOINED = "joined"
"""The reading without signs inside words: a missing blank after a full stop makes long false words of it."""
FILLED = "stars"
"""The readings in which stars are vowels."""


class Reading(NamedTuple):
    """One way a text may be read: words of letters only or figures only, with one space between them."""

    how: str
    """"" as it stands, else what was undone: leet, pieces, script, look, spelled, hidden, turned, stars."""
    words: str


def _signs() -> dict[int, str]:
    """What stands for Latin letters: the list, and the blocks of Unicode that hold whole alphabets."""
    lines = (line.split() for line in lines_under("lookalikes.txt")[""])
    signs = {ord(sign): letter for letter, all_signs in lines for sign in (*all_signs, *all_signs.lower())}
    for first in (0x1F1E6, 0x249C, 0x1F110, 0x1F150, 0x1F170):
        signs |= {first + place: chr(97 + place) for place in range(26) if first + place not in signs}
    return signs


_TABLES = {
    name: {ord(pair[0]): pair[1:] for line in lines for pair in line.split()}
    for name, lines in lines_under("scripts.txt").items()
}
_SIGNS = _signs()
_UNSEEN = dict.fromkeys(
    code
    for code in (*range(0x20000), *range(0xE0000, 0xE01F0))
    if unicodedata.category(chr(code)) in {"Mn", "Me", "Cf"}
)
"""Marks above and below letters, and characters that show nothing; there are none elsewhere."""
_BLANKS = re.compile("[\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800]")
"""Letters and signs that show nothing."""
_STRETCHED = re.compile(r"([^\W\d_])(?=\1\1)")
"""A letter that is repeated more than once; without it the last two are left."""
_APOSTROPHES = re.compile(r"(?<=\w)['’‘`´ʼ′](?=\w)")
_WORD = re.compile(r"[^\W\d_]+|\d+")
_SINGLES = re.compile(r"(?<![^\W_])[\w@$!|](?:[^\w]{1,3}[\w@$!|](?![^\W_])){2,}")
_RUN = "\x01"
"""Marks a word that was put together."""
_NO_SIGN = re.compile(r"[^\w@$!|]|_")
_INNER = re.compile(r"(?<=[^\W\d_])[.\-_|/,~+\"\\:;=]{1,2}(?=[^\W\d_])")
"""Signs inside what may be one word."""
_LEET_CHUNK = re.compile(r"(?<!\S)\S*[0-9@$!|€£¥+(<{]\S*")
_LEET_GROUPS = (
    ("|_|", "u"),
    ("\\/", "v"),
    ("/\\", "a"),
    ("|<", "k"),
    ("|-|", "h"),
    ("()", "o"),
    ("[]", "o"),
    ("|)", "d"),
)
_EDGES = ".,?!;:|)(<{+\"'"
_LETTERS = re.compile(r"[^\W\d_]+")
_LATIN, _CYRILLIC = re.compile(r"[a-z]"), re.compile(r"[а-яєіїјґѕԁԛԝһӏ]")
_LOOK_ONLY_CYRILLIC = re.compile(r"[авекмнорстухіјѕԁԛԝһӏ]{3,}")
_LOOK_ONLY_LATIN = re.compile(r"[abcehkmoptxyu]{3,}")
_LOOK_ONLY: dict[str, re.Pattern[str] | None] = {
    "look_latin": re.compile(r"[авекмнорстухіјѕԁԛԝһӏ]+"),
    "look_cyrillic": re.compile(r"[abcehkmoptxyu]+"),
    "sound_latin": None,
    "sound_cyrillic": None,
}
"""Beside mixed words, those that belong to neither alphabet for sure."""
_TURNED = str.maketrans("ɐɔǝɟƃɥᴉɾʞɯɹʇʌʍʎunpdbqmw", "acefghijkmrtvwynudpqbwm")
_TURNED_SIGNS = frozenset("ɐɔǝɟƃɥᴉɾʞɯɹʇʌʍʎ")
_VOWELS = ("a", "e", "i", "o", "u", "а", "е", "и", "о", "у", "я")
_OVERRIDDEN = re.compile("[\u202d\u202e\u2067]([^\u202c\u2069]*)[\u202c\u2069]?")
"""What is shown from right to left."""
_SURROUNDINGS = 8
"""Words on either side of a changed one that may belong to a phrase with it."""
_LONGEST_FILLED = 200
_MASKED = re.compile(r"(?<=[^\W\d_])[*#%&•]+(?=[^\W\d_])|(?<=[^\W\d_])[-–—_](?=[^\W\d_])|(?<=[^\W\d_]{2})\*{2,}")
_HYPHENED = re.compile(r"(?<!\w)(?:по[-–—]но(?:вому|вои|вогоднему|рмальному|рвежски|чному)|a[-–—]z)(?!\w)")
"""Words whose hyphen stands for itself: with a letter in its place some would hold a root, others be a word."""
_MASK_CHUNK = re.compile(r"[^\W\d_*]+\*[^\W\d_]*(?:\*+[^\W\d_]*)*")


def plain(text: str) -> str:
    """Lower case, compatibility forms folded, invisible characters and accents gone; й and ё are read as и and е."""
    if text.isascii():
        return text.lower()
    text = _BLANKS.sub("", text.translate(_SIGNS))
    folded = unicodedata.normalize("NFKD", text)
    return folded.translate(_UNSEEN).lower().translate(_SIGNS)


def readings(text: str, base: str) -> tuple[Reading, ...]:
    """The ways a text may be read, as it stands first; none twice. `base` is the plain text."""
    found: dict[str, str] = {}
    for how, variant in _variants(text, base):
        words = variant if how.startswith(("spelled", "look")) else words_of(variant)
        if words:
            found.setdefault(words, how)
    return tuple(Reading(how, words) for words, how in found.items())


def masked(base: str) -> str:
    """The words of plain text in which stars stand for letters, or ""."""
    starred = _MASKED.sub(lambda sign: "*" * len(sign[0]), _HYPHENED.sub(" ", base))
    return " ".join(_MASK_CHUNK.findall(_STRETCHED.sub("", starred))) if "*" in starred else ""


def filled(base: str) -> tuple[Reading, ...]:
    """The readings of plain text in which stars inside words are taken for one vowel or another: for phrases."""
    if len(base) > _LONGEST_FILLED or not _MASKED.search(base):
        return ()
    return tuple(Reading(FILLED, words_of(_MASKED.sub(vowel, base))) for vowel in _VOWELS)


def words_of(text: str) -> str:
    """The words of plain text with one space between them; letters are repeated at most once."""
    return " ".join(_WORD.findall(_STRETCHED.sub("", _APOSTROPHES.sub("", text))))


def _variants(text: str, base: str) -> Iterator[tuple[str, str]]:
    yield "", base
    joined = _SINGLES.sub(lambda run: _NO_SIGN.sub("", run[0]), base)
    sources = [base]
    if joined != base:
        runs = _SINGLES.sub(lambda run: _RUN + _NO_SIGN.sub("", run[0]), base)
        yield "pieces", _around_changes(runs.replace(_RUN, ""), runs, joined)
    if _INNER.search(base):
        yield JOINED, _INNER.sub("", base)
    if _LEET_CHUNK.search(joined):
        for one in ("i", "l"):
            leet = _LEET_CHUNK.sub(lambda chunk: _unleet(chunk[0], one), joined)  # noqa: B023 (used at once)
            sources.append(leet)
            yield "leet", _around_changes(joined, leet)
    for source in sources[:2]:
        yield from _scripts(source)
    if not text.isascii():
        if _OVERRIDDEN.search(text):
            yield "turned", plain(_OVERRIDDEN.sub(lambda part: part[1][::-1], text))
        yield "hidden", _hidden(text)
        yield "turned", _turned(text)
    for spelled in spelling.spelled(words_of(base)):
        yield "spelled", spelled


def _around_changes(text: str, changed: str, shown: str = "") -> str:
    """The changed text without what lies far from any change: that is judged in another reading already.

    `shown` is given instead of the changed text, where more is to be read differently than what makes it worthwhile.
    """
    before, after = text.split(), changed.split()
    if len(before) != len(after):
        return shown or changed
    kept: set[int] = set()
    for place in (place for place, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1]):
        kept.update(range(place - _SURROUNDINGS, place + _SURROUNDINGS + 1))
    words = shown.split() if shown else after
    return " ".join(word if place in kept else "," for place, word in enumerate(words)) if kept else ""


def _unleet(chunk: str, one: str) -> str:
    """Figures and signs inside a word as the letters they stand for. A chunk without letters stays."""
    core = chunk.strip(_EDGES)
    if not (_LATIN.search(core) or _CYRILLIC.search(core)):
        return chunk
    for group, letter in _LEET_GROUPS:
        core = core.replace(group, letter)
    if _CYRILLIC.search(core) and not _LATIN.search(core):
        return core.translate(_TABLES["leet_cyrillic"])
    return core.translate(_TABLES["leet_latin"] | {ord(sign): one for sign in "1!|"})


def _scripts(text: str) -> Iterator[tuple[str, str]]:
    """The text with words of mixed alphabets read in one of them; words that only look like the other one, alone."""
    words = _LETTERS.findall(text)
    mixed = set[str]() if text.isascii() else {word for word in words if _LATIN.search(word) and _CYRILLIC.search(word)}
    if mixed:
        for name in ("look_latin", "sound_latin", "look_cyrillic", "sound_cyrillic"):
            table, look_only = _TABLES[name], _LOOK_ONLY[name]
            changed = {word: word.translate(table) for word in mixed}
            alike_too = {word: word.translate(table) for word in words if look_only and look_only.fullmatch(word)}
            yield "script", _around_changes(text, _with_words(text, changed), _with_words(text, alike_too | changed))
    for table_name, pattern in (("look_latin", _LOOK_ONLY_CYRILLIC), ("look_cyrillic", _LOOK_ONLY_LATIN)):
        alike = [word.translate(_TABLES[table_name]) for word in words if pattern.fullmatch(word)]
        yield "look", " , ".join(alike)


def _with_words(text: str, changed: Mapping[str, str]) -> str:
    return _LETTERS.sub(lambda word: changed.get(word[0], word[0]), text)


def _hidden(text: str) -> str:
    """What is written in tag characters, which show nothing but are read by a model."""
    return "".join(chr(ord(sign) - 0xE0000) if 0xE0020 <= ord(sign) <= 0xE007E else " " for sign in text).lower()


def _turned(text: str) -> str:
    """Letters that stand on their heads, from the last to the first; "" where there are none."""
    return text.lower().translate(_TURNED)[::-1] if _TURNED_SIGNS & set(text) else ""
