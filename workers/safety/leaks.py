"""Whether a text reads out what she was told to keep to. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

GRAM = 8
"""Words in a row that nobody says by chance as they stand in an instruction."""
_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """In small letters, without signs."""
    return _WORD.findall(text.lower())


def runs(told: Sequence[str], length: int) -> list[tuple[str, ...]]:
    """All runs of so many words."""
    return [tuple(told[at : at + length]) for at in range(len(told) - length + 1)]


def grams_of(text: str) -> set[tuple[str, ...]]:
    """All runs of GRAM words of a text."""
    return set(runs(words(text), GRAM))


class Instructions:
    """Texts she keeps to and never reads out."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._grams = frozenset(gram for text in texts for gram in grams_of(text))

    def read_out_in(self, text: str) -> str:
        """The first words of them in this text, "" where it holds none."""
        if not self._grams:
            return ""
        return next((" ".join(gram) for gram in runs(words(text), GRAM) if gram in self._grams), "")
