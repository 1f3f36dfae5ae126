"""Frames that become more while a clip streams in."""

from __future__ import annotations

import numpy as np

from workers.mouth.features import Frames

ROOM = 256
"""Rows there is room for at first; it doubles."""


class Rows:
    """Rows of numbers. Adding some does not copy what is there."""

    def __init__(self, width: int) -> None:
        self._room = np.empty((ROOM, width), np.float32)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def all(self) -> Frames:
        """What was added so far."""
        return self._room[: self._count]

    def add(self, rows: Frames) -> None:
        count = self._count + len(rows)
        if count > len(self._room):
            room = np.empty((max(count, 2 * len(self._room)), self._room.shape[1]), np.float32)
            room[: self._count] = self.all
            self._room = room
        self._room[self._count : count] = rows
        self._count = count
