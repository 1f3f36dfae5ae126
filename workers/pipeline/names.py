"""Her name as people type it: with a slip, stretched, in a Russian case, in the other alphabet. Pure.

No ordinary word is ever taken for a name: better somebody calls her twice than she answers who did not mean her.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby

from workers.pipeline.ordinary_words import is_first_name, is_ordinary

SLIP_LETTERS = 5
"""A name of fewer letters is one letter away from too many words."""
LEAST_LETTERS = 3
"""Of whatever is heard as a name."""
SURE_RUN = 3
"""So many of the same letter in a row are a stretched one; two may be how another word is spelled."""

_WORD = re.compile(r"(?<![\w'’.])@?([^\W\d_]{3,})(?!\w)(?!\.\w)")
_CYRILLIC = re.compile(r"[а-я]")
_LATIN = re.compile(r"[a-z]")
_VOWELS = "аеиоуыэюя"
_HELD = re.compile(r"(.)\1+")

_A_CASES = "а ы и е у ой ою"
_YA_CASES = "я и е ю ей ею"
_CONSONANT_CASES = "а у ом е ы"
_SOFT_CASES = {"ь": "ь и ю ью я ем е", "й": "й я ю ем е и"}
_SOUNDED_CASES = {
    "ia": "ia i e iu ei iei",
    "a": "a i e u oi oiu",
    "": "a u om e ia iu em",
}
"""Ending of a Latin name as it sounds -> endings its Cyrillic cases have, as they sound."""

_SOUNDS = {
    "дж": "j", "йо": "e", "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "j", "з": "z", "и": "i",
    "й": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u",
    "ф": "f", "х": "h", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sh", "ъ": "", "ы": "i", "ь": "", "э": "e", "ю": "iu",
    "я": "ia", "shch": "sh", "sch": "sh", "zh": "j", "kh": "h", "ph": "f", "th": "t", "ck": "k", "ch": "ch", "ce": "se",
    "ci": "si", "cy": "si", "c": "k", "ee": "i", "oo": "u", "qu": "kv", "q": "k", "w": "v", "x": "ks", "yo": "e",
    "ye": "e", "y": "i",
}  # fmt: skip
"""Letters of either alphabet -> about how they sound."""
_SOUND = re.compile("|".join(sorted(_SOUNDS, key=len, reverse=True)))


class Misspellings:
    """Hears these names where they are not written as they are. Exact spellings are not its business."""

    def __init__(self, names: Iterable[str]) -> None:
        plain = {_plain("".join(name.split())) for name in names}
        plain = {name for name in plain if name.isalpha() and len(name) >= LEAST_LETTERS}
        self._forms = {form for name in plain for form in (name, *_cases(name))}
        self._in_cyrillic = {form for name in plain if _LATIN.search(name) for form in _sounded_cases(sound(name))}
        self._in_latin = {sound(name) for name in plain if _CYRILLIC.search(name)}
        self._stretched: dict[str, list[str]] = defaultdict(list)
        self._by_length: dict[int, list[str]] = defaultdict(list)
        for form in self._forms:
            self._stretched[squeezed(form)].append(form)
        long = [name for name in plain if len(name) >= SLIP_LETTERS]
        for form in {form for name in long for form in (name, *_cases(name)) if len(form) >= SLIP_LETTERS}:
            for length in (len(form) - 1, len(form), len(form) + 1):
                self._by_length[length].append(form)

    def find(self, text: str) -> re.Match[str] | None:
        """The first word that is one of the names, with the @ before it."""
        return next((word for word in _WORD.finditer(text) if self._is_name(_plain(word[1]))), None)

    def _is_name(self, word: str) -> bool:
        meant = (
            word in self._forms
            or self._is_stretched(word)
            or self._is_in_other_letters(word)
            or self._is_slip_of_one(word)
        )
        return meant and not is_ordinary(word)

    def _is_slip_of_one(self, word: str) -> bool:
        slip = any(is_slip(word, form) for form in self._by_length.get(len(word), ()))
        return slip and not is_first_name(word)

    def _is_stretched(self, word: str) -> bool:
        # Hardly a word of a chat has one letter twice: the others are not taken apart.
        forms = self._stretched.get(squeezed(word), ()) if _HELD.search(word) else ()
        return any(is_stretched(word, form) for form in forms)

    def _is_in_other_letters(self, word: str) -> bool:
        heard: set[str] = set()
        if self._in_cyrillic and _CYRILLIC.search(word):
            heard |= self._in_cyrillic
        if self._in_latin and _LATIN.search(word):
            heard |= self._in_latin
        return bool(heard) and sound(word) in heard


def is_slip(word: str, name: str) -> bool:
    """Whether one letter is another, missing or too much, or two neighbours are swapped.

    The first letter is hardly ever wrong, and a letter behind the last one makes another word, such as a plural.
    """
    same = next((place for place, (one, other) in enumerate(zip(word, name, strict=False)) if one != other), None)
    if same is None:
        return len(word) + 1 == len(name)
    if len(word) == len(name):
        swapped = word[same : same + 2] == name[same : same + 2][::-1] and word[same + 2 :] == name[same + 2 :]
        return swapped or (same > 0 and word[same + 1 :] == name[same + 1 :])
    if len(word) > len(name):
        return same > 0 and word[same + 1 :] == name[same:]
    return same > 0 and word[same:] == name[same + 1 :]


def is_stretched(word: str, name: str) -> bool:
    """Whether the word is the name with one or more of its letters held longer."""
    typed, spelled = ([(letter, len(list(run))) for letter, run in groupby(text)] for text in (word, name))
    if word == name or [letter for letter, _run in typed] != [letter for letter, _run in spelled]:
        return False
    longer = all(run >= least for (_letter, run), (_same, least) in zip(typed, spelled, strict=True))
    return longer and (len(name) > LEAST_LETTERS or max(run for _letter, run in typed) >= SURE_RUN)


def sound(word: str) -> str:
    """About how a word sounds, the same in both alphabets: "Katya" and "Катя" are "katia"."""
    return squeezed(_SOUND.sub(lambda letters: _SOUNDS[letters[0]], word))


def _plain(word: str) -> str:
    return word.casefold().replace("ё", "е")


def squeezed(word: str) -> str:
    """Without stretched letters: each run of the same character is one of it."""
    return _HELD.sub(_once, word)


def _once(run: re.Match[str]) -> str:
    return run[1]


def _cases(name: str) -> list[str]:
    """The Russian cases of a name in Cyrillic letters, and the short form one calls by: "Насть"."""
    if not _CYRILLIC.search(name):
        return []
    stem, last = name[:-1], name[-1]
    if last == "а":
        cases = [stem + ending for ending in _A_CASES.split()] + ([stem] if len(name) >= SLIP_LETTERS else [])
    elif last == "я":
        call = [] if stem[-1] in _VOWELS or len(name) < SLIP_LETTERS else [f"{stem}ь"]
        cases = [stem + ending for ending in _YA_CASES.split()] + call
    elif last in _SOFT_CASES:
        cases = [stem + ending for ending in _SOFT_CASES[last].split()]
    elif last in _VOWELS:
        cases = []
    else:
        cases = [name + ending for ending in _CONSONANT_CASES.split()]
    return [form for form in cases if len(form) >= LEAST_LETTERS]


def _sounded_cases(sounded: str) -> list[str]:
    """How a Latin name sounds in Russian letters, in each case."""
    ending = "ia" if sounded.endswith("ia") else sounded[-1:]
    if ending in _SOUNDED_CASES:
        stem, endings = sounded.removesuffix(ending), _SOUNDED_CASES[ending]
    else:
        stem, endings = sounded, "" if ending in "eiou" else _SOUNDED_CASES[""]
    forms = {sounded, *(squeezed(stem + each) for each in endings.split())}
    return [form for form in forms if len(form) >= LEAST_LETTERS]
