"""What is probably said, where no text tells: a Viterbi search over the classes of sound."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np

from workers.mouth.align import Segment
from workers.mouth.classifier import Classifier
from workers.mouth.features import Frames
from workers.mouth.rows import Rows
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


@cache
def steps_to(ear: Classifier) -> Frames:
    """What it costs to come to each class (rows) from each."""
    steps = ear.followers * FOLLOWERS_SHARE + CHANGE
    np.fill_diagonal(steps, 0.0)
    return np.asarray(steps.T, np.float32).copy()


class Guess:
    """Search through judged frames without a text. `Segment.place` is the number of a class."""

    def __init__(self, ear: Classifier) -> None:
        self._steps = steps_to(ear)
        self._scores = np.zeros(len(self._steps), np.float32)
        self._from = Rows(len(self._steps), np.uint8)
        """Of each frame: from which class the best way to each class came."""

    @property
    def frames(self) -> int:
        return len(self._from)

    def feed(self, judged: Frames) -> None:
        """More frames (n, classes)."""
        if not len(judged):
            return
        came = np.empty((len(judged), len(self._steps)), np.uint8)
        steps, scores, reached = self._steps, self._scores, np.empty_like(self._steps)
        flat, rows = reached.reshape(-1), np.arange(0, reached.size, len(steps))
        add = np.add
        # Few and plain calls: it runs for each frame. To pick the best where they stand takes half the time of `max`.
        for best_of_frame, row in zip(came, judged, strict=True):
            add(steps, scores, reached)
            best = reached.argmax(axis=1)
            best_of_frame[:] = best
            best += rows
            scores = flat.take(best)
            scores += row
        self._scores = scores - scores.max()
        self._from.add(came)

    def so_far(self, since: int = 0) -> list[Segment]:
        """The best path through the frames fed, back to about frame `since`."""
        place, end, came = int(self._scores.argmax()), len(self._from), self._from.all
        found: list[Segment] = []
        for frame in range(end - 1, max(since, 1) - 1, -1):
            before = int(came[frame, place])
            if before != place:
                found.append(Segment(place, frame, end))
                place, end = before, frame
        if end:
            found.append(Segment(place, max(0, since), end))
        return found[::-1]
