"""Many words looked for in a text at once, in a time that grows with the text and hardly with the words."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MAX_KEY = 100
"""Characters of a word that is looked for. Chat never writes a longer one on purpose."""


@dataclass(frozen=True, slots=True)
class Keywords:
    """Words in their order, and for each the places of those it begins with, from the shortest to itself."""

    words: tuple[str, ...] = ()
    chains: tuple[tuple[int, ...], ...] = ()

    @classmethod
    def of(cls, words: Iterable[str]) -> Keywords:
        """Without what is empty or longer than MAX_KEY."""
        ordered = sorted({word for word in words if 0 < len(word) <= MAX_KEY})
        chains: list[tuple[int, ...]] = []
        for number, word in enumerate(ordered):
            chain = chains[-1] if chains else ()
            while chain and not word.startswith(ordered[chain[-1]]):
                chain = chain[:-1]
            chains.append((*chain, number))
        return cls(tuple(ordered), tuple(chains))

    def mark(self, text: str, mark: int, marks: dict[str, int]) -> None:
        """Marks what stands at the beginning of a word: "cat" is in "cats", and not in "education".

        A word that has a lower mark keeps it.
        """
        words = self.words
        if not words:
            return
        for begin in _begins(text):
            seen = text[begin : begin + MAX_KEY]
            # Whatever the text begins with here is the last word in order that is not above it, or begins that one.
            last = bisect.bisect_right(words, seen) - 1
            if last < 0 or words[last][0] != seen[0]:
                continue
            chain = self.chains[last]
            known = 0
            if seen.startswith(words[last]):
                known = len(chain)
            elif len(chain) > 1:
                known = bisect.bisect_left(chain, True, key=lambda number: not seen.startswith(words[number]))
            for number in reversed(chain[:known]):
                # What a marked word begins with was marked with it.
                if marks.get(words[number], mark + 1) <= mark:
                    break
                marks[words[number]] = mark


def _begins(text: str) -> Iterator[int]:
    """Places that have no letter before them, or hold none."""
    after_letter = False
    for place, sign in enumerate(text):
        letter = _is_letter(sign)
        if not (letter and after_letter):
            yield place
        after_letter = letter


def _is_letter(sign: str) -> bool:
    """Of a script that sets spaces between words: Thai, Lao, Chinese and Japanese do not."""
    return sign.isalnum() and not ("\u0e00" <= sign <= "\u0eff" or "\u3040" <= sign <= "\u9fff")
