"""Whether a text reads out what she was told to keep to. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from workers.pipeline.repetition import Words, runs, words

GRAM = 8
"""Words in a row that nobody says by chance as they stand in an instruction."""


@lru_cache(maxsize=2048)
def grams_of(text: str) -> frozenset[Words]:
    """All runs of GRAM words of a text. Most of the instructions are the same in every channel of a process."""
    return frozenset(runs(words(text), GRAM))


class Instructions:
    """Texts she keeps to and never reads out."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._grams = tuple(grams for text in texts if (grams := grams_of(text)))

    def read_out_in(self, text: str) -> str:
        """The first words of them in this text, "" where it holds none."""
        if not self._grams:
            return ""
        said = runs(words(text), GRAM)
        return next((" ".join(gram) for gram in said if any(gram in grams for grams in self._grams)), "")
