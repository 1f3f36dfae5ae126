"""The mouth that was shown against the sound that was heard: how far off each change was, which frames were wrong."""

from __future__ import annotations

import bisect
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from tests.browser.course import Course
from tests.browser.hearing import Frame, Heard

CLOSURE_SECONDS = 0.050
"""Closed lips stay this long on the page, so that they are seen (docs/overlay-protocol.md)."""
CLOSURES = frozenset({"PP", "FF"})
TOLERANCE_SECONDS = 0.025
"""A frame is right when it shows a mouth that holds at an instant this near: a frame at 60 Hz and its lead."""
NEAR_SECONDS = 0.200
"""A change is compared with the key of its shape within this."""
CLOCK_WINDOW_SECONDS = 1.0
"""The audio clock moves in steps; its median distance to the page's clock over this tells the true time."""


class Track:
    """The mouth that belongs to an utterance: (second, viseme) rising, each until the next."""

    def __init__(self, keys: Iterable[tuple[float, str]]) -> None:
        self.changes: list[tuple[float, str]] = []
        """When which shape is to be seen, closures held."""
        for at, viseme in keys:
            if self.changes and self.changes[-1][1] in CLOSURES:
                at = max(at, self.changes[-1][0] + CLOSURE_SECONDS)
            if not self.changes or self.changes[-1][1] != viseme:
                self.changes.append((at, viseme))

    def shapes(self, begin: float, end: float) -> set[str]:
        """Every shape that holds at some instant between two positions."""
        first = bisect.bisect_right(self.changes, (begin, "~")) - 1
        shapes = {viseme for at, viseme in self.changes[max(0, first) :] if at <= end}
        return shapes | {"sil"} if first < 0 else shapes


@dataclass
class Lips:
    """What the mouth did. Offsets are seconds, positive when the mouth came after its sound."""

    offsets: list[float] = field(default_factory=list)
    frames: int = 0
    wrong: list[tuple[float, str]] = field(default_factory=list)
    """Position and shape of each frame that showed what does not hold there."""
    unseen: int = 0
    """Changes that have no key of their shape near by."""

    def add(self, other: Lips) -> None:
        self.offsets += other.offsets
        self.frames += other.frames
        self.wrong += other.wrong
        self.unseen += other.unseen

    def offset(self, share: float) -> float:
        """The distance (s, without sign) below which this share of the changes stays."""
        return float(np.quantile(np.abs(self.offsets), share)) if self.offsets else 0.0

    @property
    def middle(self) -> float:
        """The median offset with its sign."""
        return float(np.median(self.offsets)) if self.offsets else 0.0

    @property
    def wrong_share(self) -> float:
        return len(self.wrong) / max(1, self.frames)


def heard_at(frames: list[Frame]) -> list[float]:
    """For each frame the audio time that is heard while it is drawn, freed of the clock's steps."""
    times = np.asarray([frame.at for frame in frames])
    distances = np.asarray([frame.clock - frame.latency - frame.at for frame in frames])
    first = np.searchsorted(times, times - CLOCK_WINDOW_SECONDS)
    last = np.searchsorted(times, times + CLOCK_WINDOW_SECONDS)
    return [float(at + np.median(distances[a:b])) for at, a, b in zip(times, first, last, strict=True)]


def lips(heard: Heard, course: Course, track: Track, *, seconds: float) -> Lips:
    """Compares every frame with the sound of one utterance of this length that was heard while it was drawn."""
    result = Lips()
    shown: str | None = None
    for frame, clock in zip(heard.frames, heard_at(heard.frames), strict=True):
        position = course.position(clock - heard.begin)
        if position is None or not 0 <= position <= seconds:
            shown = frame.mouth
            continue
        result.frames += 1
        if frame.mouth not in track.shapes(position - TOLERANCE_SECONDS, position + TOLERANCE_SECONDS):
            result.wrong.append((position, frame.mouth))
        if shown is not None and frame.mouth != shown:
            near = [
                position - at
                for at, viseme in track.changes
                if viseme == frame.mouth and abs(position - at) < NEAR_SECONDS
            ]
            if near:
                result.offsets.append(min(near, key=abs))
            else:
                result.unseen += 1
        shown = frame.mouth
    return result
