"""Where a spoken word stands in the caption: voices time the words they were given, captions show those of the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from difflib import SequenceMatcher

from workers.pipeline.values import WordTime

_WORD = re.compile(r"\S*\w\S*")


class CaptionWords:
    """Moves word times from the spoken text to its caption. Several words said for one figure share its place."""

    def __init__(self, caption: str, spoken: str) -> None:
        self._text = spoken
        self._spoken = [match.span() for match in _WORD.finditer(spoken)]
        self._places: list[tuple[int, int]] = []
        written = list(_WORD.finditer(caption))
        matcher = SequenceMatcher(
            None, [_key(match[0]) for match in written], [_key(spoken[b:e]) for b, e in self._spoken], autojunk=False
        )
        for kind, first, last, begin, end in matcher.get_opcodes():
            if kind == "equal":
                self._places += [match.span() for match in written[first:last]]
            elif begin < end:
                here = written[min(first, len(written) - 1) : max(first + 1, last)]
                place = (here[0].start(), here[-1].end()) if here else (0, len(caption))
                self._places += [place] * (end - begin)

    def heard(self) -> Iterator[tuple[str, int]]:
        """Each spoken word, and where its place in the caption begins."""
        for (begin, end), (place, _over) in zip(self._spoken, self._places, strict=True):
            yield self._text[begin:end], place

    def move(self, words: tuple[WordTime, ...]) -> tuple[WordTime, ...]:
        """The same times at the places of the caption, one for each place."""
        moved: list[WordTime] = []
        for word in words:
            index = next((i for i, (begin, end) in enumerate(self._spoken) if begin <= word.begin < end), None)
            if index is None:
                continue
            begin, end = self._places[index]
            if not moved or moved[-1].begin != begin:
                moved.append(replace(word, begin=begin, end=end))
        return tuple(moved)


def _key(word: str) -> str:
    return re.sub(r"\W", "", word).lower()
