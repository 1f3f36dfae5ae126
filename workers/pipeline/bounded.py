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
