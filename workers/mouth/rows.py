"""Frames that become more while a clip streams in. Hundreds of clips do so at one time, and some wait for it."""

from __future__ import annotations

from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

Number = TypeVar("Number", np.float32, np.uint8)

ROOM = 128
"""Rows there is room for once there is one; it doubles."""


class Rows(Generic[Number]):
    """Rows of numbers. Adding some does not copy what is there."""

    def __init__(self, width: int, kind: type[Number]) -> None:
        self._room: npt.NDArray[Number] = np.empty((0, width), kind)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def all(self) -> npt.NDArray[Number]:
        """What was added so far."""
        return self._room[: self._count]

    def add(self, rows: npt.NDArray[Number]) -> None:
        count = self._count + len(rows)
        if count > len(self._room):
            room = np.empty((max(count, ROOM, 2 * len(self._room)), self._room.shape[1]), self._room.dtype)
            room[: self._count] = self.all
            self._room = room
        self._room[self._count : count] = rows
        self._count = count
