"""What work costs the processor, told beside a piece of work that is always the same.

A bound in seconds fails on a machine half as fast and proves nothing on one twice as fast. Figures of speed are in
`benchmarks`; what is tested is only that hostile input costs no multiple of what it should.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

_TEXT = "The quick brown fox, 17 of them, jumps over the lazy dog. " * 8
_WORD = re.compile(r"\w+")


def _piece() -> None:
    """A little of what Python programs do: about a millisecond of a server's processor of 2023."""
    for _ in range(24):
        words = [word.lower() for word in _WORD.findall(_TEXT)]
        sorted({word: len(word) + index for index, word in enumerate(words)}.items())


def _cost_of_a_piece() -> float:
    began = time.process_time()
    for _ in range(4):
        _piece()
    return (time.process_time() - began) / 4


@contextmanager
def effort(most: float) -> Iterator[None]:
    """Fails when the block costs this process more than `most` pieces (about so many milliseconds)."""
    cost = _cost_of_a_piece()
    began = time.process_time()
    yield
    spent = time.process_time() - began
    if spent > most * cost:  # perhaps the machine became slower meanwhile
        cost = max(cost, _cost_of_a_piece())
    assert spent <= most * cost, f"{spent / cost:.0f} pieces of work, {spent * 1000:.0f} ms: more than {most:g}"
