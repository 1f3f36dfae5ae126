"""Whether a text reads out what she was told to keep to. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from workers.pipeline.repetition import Words, runs, words

GRAM = 8
"""Words in a row that nobody says by chance as they stand in an instruction."""


def grams_of(text: str) -> set[Words]:
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
