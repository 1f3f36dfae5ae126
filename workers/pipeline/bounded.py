"""Memories that keep the last so many things noted. Pure."""

from __future__ import annotations

from collections import OrderedDict
from typing import TypeVar

T = TypeVar("T")


def note(memory: OrderedDict[str, T], key: str, value: T, most: int) -> None:
    """Keeps the last ones noted, so many at most."""
    memory[key] = value
    memory.move_to_end(key)
    while len(memory) > most:
        memory.popitem(last=False)


class Lately:
    """Which ids came lately: the last `count` at least, and twice as many at most.

    Their hashes alone are kept, a fifth of what the ids would take: each channel hears thousands of lines in an hour,
    and those that Twitch sends again the gateways drop; this is for what they missed.
    """

    def __init__(self, count: int = 1000) -> None:
        self._count = count
        self._new: set[int] = set()
        self._old: set[int] = set()

    def add(self, key: str) -> None:
        self._new.add(hash(key))
        if len(self._new) >= self._count:
            self._old, self._new = self._new, set()

    def __contains__(self, key: str) -> bool:
        found = hash(key)
        return found in self._new or found in self._old
