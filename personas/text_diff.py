"""Two texts in one, with what went and what came, within bounds that no pair of texts breaks. Pure."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

MOST_STEPS = 4_000_000
"""Pairs of equal words that are looked at for a page, about half a second's work."""
SHARE = 4
"""One part of what is left may be used for one way of reading two texts: the next ones need some too."""
Kind = Literal["same", "gone", "new"]
_WORDS = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of a text that stayed, went or came."""

    kind: Kind
    text: str


@dataclass(slots=True)
class Steps:
    """What may still be spent on comparing."""

    left: int = MOST_STEPS


def worded(before: str, after: str, steps: Steps) -> tuple[Piece, ...]:
    """Both texts in one: word by word, line by line where that takes too long, else as a whole.

    Nothing is lost: either text can be read from it.
    """
    for way in (_WORDS, _LINES):
        try:
            return tuple(_compared(way.findall(before), way.findall(after), steps))
        except _TooLong:
            continue
    return tuple(_swapped(_LINES.findall(before), _LINES.findall(after)))


class _TooLong(Exception):
    """The texts have too much in common in too many places."""


class _Matcher(difflib.SequenceMatcher[str]):
    """Counts what each search for the longest common run looks at, and gives up before it is too much."""

    def __init__(self, old: Sequence[str], new: Sequence[str], most: int) -> None:
        super().__init__(None, old, new, autojunk=False)
        self.most = most
        self.spent = 0
        places: dict[str, list[int]] = getattr(self, "b2j")  # noqa: B009 (typeshed does not name it)
        self._looked_at = [0, *itertools.accumulate(1 + len(places.get(word, ())) for word in old)]

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> difflib.Match:
        self.spent += self._looked_at[-1 if ahi is None else ahi] - self._looked_at[alo]
        if self.spent > self.most:
            raise _TooLong
        return super().find_longest_match(alo, ahi, blo, bhi)


def _compared(old: list[str], new: list[str], steps: Steps) -> list[Piece]:
    """Raises _TooLong. What both begin and end with is not searched: most changes are small."""
    head, tail = _ends(old, new)
    a, b = old[head : len(old) - tail], new[head : len(new) - tail]
    matcher = _Matcher(a, b, steps.left // SHARE)
    try:
        found = matcher.get_opcodes()
    finally:
        steps.left -= min(matcher.spent, matcher.most)
    pieces = _pieces("same", old[:head])
    for kind, i, j, k, m in found:
        pieces += _pieces("same", a[i:j]) if kind == "equal" else _replaced("".join(a[i:j]), "".join(b[k:m]))
    return pieces + _pieces("same", old[len(old) - tail :])


def _swapped(before: list[str], after: list[str]) -> list[Piece]:
    """The middle of one for the middle of the other."""
    head, tail = _ends(before, after)
    return [
        *_pieces("same", before[:head]),
        *_pieces("gone", before[head : len(before) - tail]),
        *_pieces("new", after[head : len(after) - tail]),
        *_pieces("same", before[len(before) - tail :]),
    ]


def _replaced(gone: str, new: str) -> list[Piece]:
    """Words stand with the blank behind them; where that is the same, it stayed."""
    blank = gone[len(gone.rstrip()) :]
    if not blank or new[len(new.rstrip()) :] != blank:
        return [*_pieces("gone", gone), *_pieces("new", new)]
    words = _pieces("gone", gone.removesuffix(blank)), _pieces("new", new.removesuffix(blank))
    return [*words[0], *words[1], Piece("same", blank)]


def _ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How much of both is the same at the beginning, and at the end of what is left."""
    head = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    rest = zip(reversed(old[head:]), reversed(new[head:]), strict=False)
    return head, sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], rest))


def _pieces(kind: Kind, run: Sequence[str]) -> list[Piece]:
    return [Piece(kind, "".join(run))] if run else []
