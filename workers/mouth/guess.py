"""What is probably said, where no text tells: a Viterbi search over the classes of sound."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from workers.mouth.align import Segment
from workers.mouth.features import Frames
from workers.mouth.sounds import CLASSES, LETTERS
from workers.mouth.visemes import Shape, shape_of

CHANGE = np.float32(-2.5)
"""Log probability of another sound beginning, besides what follows what: sounds last some frames."""
FOLLOWERS_SHARE = np.float32(0.5)
_LETTER_OF = {name: letter for letter, name in reversed(LETTERS.items())}
SHAPES: Mapping[int, Shape | None] = {
    number: shape_of(_LETTER_OF[name]) if name in _LETTER_OF else None for number, name in enumerate(CLASSES)
}
"""How each class looks; the pause has no shape."""


class Guess:
    """Search through judged frames without a text. `Segment.place` is the number of a class."""

    def __init__(self, followers: Frames) -> None:
        """`followers`: log probability of each class after each."""
        steps = followers * FOLLOWERS_SHARE + CHANGE
        np.fill_diagonal(steps, 0.0)
        self._steps = np.asarray(steps.T, np.float32).copy()
        self._scores = np.zeros(len(followers), np.float32)
        self._from: list[npt.NDArray[np.int64]] = []

    @property
    def frames(self) -> int:
        return len(self._from)

    def feed(self, judged: Frames) -> None:
        """More frames (n, classes)."""
        for row in judged:
            reached = self._steps + self._scores
            self._from.append(reached.argmax(axis=1))
            self._scores = reached.max(axis=1) + row
            self._scores -= self._scores.max()

    def so_far(self, since: int = 0) -> list[Segment]:
        """The best path through the frames fed, back to about frame `since`."""
        place, end = int(self._scores.argmax()), len(self._from)
        found: list[Segment] = []
        for frame in range(end - 1, max(since, 1) - 1, -1):
            before = int(self._from[frame][place])
            if before != place:
                found.append(Segment(place, frame, end))
                place, end = before, frame
        if end:
            found.append(Segment(place, max(0, since), end))
        return found[::-1]
