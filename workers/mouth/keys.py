"""Turns shapes with times into mouth keys that look right: short sounds join, lips have time to close."""

from __future__ import annotations

from collections.abc import Sequence

from workers.mouth.visemes import CLOSING, Shape
from workers.pipeline.values import MouthKey, Viseme

SHORTEST_CLOSURE_MS = 50.0
"""p, b, m, f, v are held this long, at the cost of their neighbours."""
SHORTEST_SHAPE_MS = 25.0
"""What is shorter is not seen; the shape before it stays."""
SAME_WEIGHT = 0.2
"""Two equal shapes nearer in weight than this are one."""


class KeyWriter:
    """Collects the keys of one clip in rising time."""

    def __init__(self) -> None:
        self._new: list[MouthKey] = []
        self._last: MouthKey | None = None

    def copy(self) -> KeyWriter:
        """A writer that goes on from here by itself, for what is not certain yet."""
        other = KeyWriter()
        other._last = self._last
        return other

    @property
    def last(self) -> MouthKey | None:
        return self._last

    def shape(self, shape: Shape, start: float, end: float) -> None:
        """A shape from `start` to `end` (ms). It may begin later when the lips before it still have to be shut."""
        if shape.viseme is None:
            return
        last = self._last
        if shape.viseme in CLOSING:
            missing = SHORTEST_CLOSURE_MS - (end - start)
            if missing > 0:
                start -= missing / 2
        elif end - start < SHORTEST_SHAPE_MS and last is not None and last.viseme is not Viseme.SIL:
            return
        self._put(start, shape.viseme, shape.weight)

    def shut(self, at: float) -> None:
        """The mouth closes at rest from `at` ms."""
        self._put(at, Viseme.SIL, 1.0)

    def take(self) -> Sequence[MouthKey]:
        """Keys written since the last call."""
        new, self._new = self._new, []
        return new

    def _put(self, at: float, viseme: Viseme, weight: float) -> None:
        last = self._last
        if last is None:
            if at > 0 and viseme is not Viseme.SIL:
                self._write(MouthKey(0.0, Viseme.SIL))
            else:
                at = 0.0
        else:
            if last.viseme is viseme and abs(last.weight - weight) < SAME_WEIGHT:
                return
            held = SHORTEST_CLOSURE_MS if last.viseme in CLOSING else 1.0
            at = max(at, last.at + held)
        self._write(MouthKey(round(max(0.0, at), 1), viseme, weight))

    def _write(self, key: MouthKey) -> None:
        self._last = key
        self._new.append(key)
