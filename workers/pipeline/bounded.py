"""Memories that keep the last so many things noted. Pure."""

from __future__ import annotations

import struct
from typing import TypeVar

T = TypeVar("T")

_HASH = struct.Struct("q")


def note(memory: dict[str, T], key: str, value: T, most: int) -> None:
    """Keeps the last ones noted, so many at most, the oldest first. A plain dict, which takes half of an ordered one:
    each channel has a dozen of these."""
    memory.pop(key, None)
    memory[key] = value
    while len(memory) > most:
        del memory[next(iter(memory))]


class Lately:
    """Which ids came lately: the last `count`.

    Their hashes alone are kept, one after the other, a fifteenth of what the ids would take in a set: each channel
    hears thousands of lines in an hour, and those that Twitch sends again the gateways drop; this is for what they
    missed. To look through a thousand takes three microseconds.
    """

    def __init__(self, count: int = 1000) -> None:
        self._bytes = count * _HASH.size
        self._hashes = bytearray()
        self._at = 0
        """Where the oldest stands, once there are so many."""

    def add(self, key: str) -> None:
        packed = _HASH.pack(hash(key))
        if len(self._hashes) < self._bytes:
            self._hashes += packed
            return
        self._hashes[self._at : self._at + _HASH.size] = packed
        self._at = (self._at + _HASH.size) % self._bytes

    def __contains__(self, key: str) -> bool:
        packed = _HASH.pack(hash(key))
        found = self._hashes.find(packed)
        while found >= 0 and found % _HASH.size:  # across two others
            found = self._hashes.find(packed, found + 1)
        return found >= 0
