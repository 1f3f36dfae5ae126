"""Finds a known string of sounds in judged frames: a Viterbi search over segments that have probable lengths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workers.mouth.features import FRAME_SECONDS, Frames

LONGEST = 40
"""Frames of one segment; a pause or a vowel that goes on is several in a row."""
NEVER = np.float32(-1e6)
FRAME_SHARE = np.float32(0.7)
"""How much of a frame's log likelihood counts: neighbours hear mostly the same."""
BEAM = np.float32(60.0)
"""How far (log likelihood) a place in the string may be behind the best and still be followed."""
BEAM_EVERY = 12
BEAM_AHEAD = 12
"""Frames between two looks at what is still worth following, and places looked further ahead."""


@dataclass(frozen=True, slots=True)
class Place:
    """One sound of the string as the search sees it."""

    number: int
    """Class."""
    seconds: float
    """What it probably lasts."""
    spread: float
    """Of the logarithm of that."""
    shortest: int
    longest: int
    """Frames; outside of them it costs extra."""
    skip: float
    """Log probability of its not being spoken."""
    cost: float
    """Log probability of its being spoken."""
    again: float
    """Log probability of its going on after `LONGEST`; `NEVER` for what cannot."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Where a place was found: frames [begin, end)."""

    place: int
    begin: int
    end: int


OUTSIDE = np.float32(-3.0)
"""What each frame outside of [shortest, longest] costs."""


def _lengths(places: Sequence[Place]) -> tuple[Frames, Frames]:
    """Log probability of each length (rows: LONGEST ... 1 frames), and of lasting at least that long."""
    frames = np.arange(LONGEST, 0, -1, dtype=np.float32)[:, None]
    mean = np.array([place.seconds for place in places], np.float32) / FRAME_SECONDS
    spread = np.array([place.spread for place in places], np.float32)
    shortest = np.array([place.shortest for place in places], np.float32)
    longest = np.array([place.longest for place in places], np.float32)
    logs = -0.5 * ((np.log(frames) - np.log(mean)) / spread) ** 2 - np.log(frames * spread)
    logs += np.array([place.cost for place in places], np.float32)
    logs += OUTSIDE * (np.maximum(0, shortest - frames) + np.maximum(0, frames - longest))
    at_least = np.logaddexp.accumulate(logs, axis=0)
    return logs.astype(np.float32), np.minimum(at_least, 0).astype(np.float32)


class Aligner:
    """Search through one stretch of speech. Feed judged frames, then ask for the best path so far or for the whole."""

    def __init__(self, places: Sequence[Place]) -> None:
        """`places` begin where the sound begins, and are at least two."""
        count = len(places)
        self._numbers = np.array([place.number for place in places])
        self._lengths, self._at_least = _lengths(places)
        self._again = np.array([place.again for place in places], np.float32)
        self._skip = np.array([place.skip for place in places], np.float32)
        self._count = count
        self.frames = 0
        self._room = 256
        # Row t: totals of all frames before t; scores of places that end, and that begin, at frame t.
        self._totals = np.zeros((self._room, count), np.float32)
        self._ending = np.full((self._room, count), NEVER, np.float32)
        # Rows of `_beginning` lie LONGEST further down, so that the search can always look back.
        self._beginning = np.full((self._room + LONGEST, count), NEVER, np.float32)
        self._low, self._high = 0, min(count, BEAM_AHEAD)
        self._beginning[LONGEST, 0] = 0.0
        self._beginning[LONGEST, 1:] = np.cumsum(self._skip)[:-1]
        self._lasting = np.empty((LONGEST, count), np.float32)
        self._skipped = np.empty(count, np.float32)

    def feed(self, judged: Frames) -> None:
        """More frames (n, classes)."""
        if not len(judged):
            return
        self._make_room(len(judged))
        at, until = self.frames, self.frames + len(judged)
        self._totals[at + 1 : until + 1] = judged[:, self._numbers] * FRAME_SHARE
        np.cumsum(self._totals[at : until + 1], axis=0, out=self._totals[at : until + 1])
        for now in range(at + 1, until + 1):
            if now % BEAM_EVERY == 0:
                self._narrow(now)
            self._step(now)
        self.frames = until

    def _step(self, now: int) -> None:
        low, high = self._low, self._high
        lasting, skipped = self._lasting[:, low:high], self._skipped[: max(0, high - low - 2)]
        ending, totals = self._ending[now, low:high], self._totals[now, low:high]
        begin = self._beginning[now + LONGEST, low:high]
        np.add(self._beginning[now : now + LONGEST, low:high], self._lengths[:, low:high], out=lasting)
        np.maximum.reduce(lasting, axis=0, out=ending)
        ending += totals
        np.add(ending, self._again[low:high], out=begin)
        np.maximum(begin[1:], ending[:-1], out=begin[1:])
        np.add(ending[:-2], self._skip[low + 1 : max(low + 1, high - 1)], out=skipped)
        np.maximum(begin[2:], skipped, out=begin[2:])
        begin -= totals

    def _narrow(self, now: int) -> None:
        """Gives up what lies too far behind, and looks further ahead."""
        low, high = self._low, self._high
        scores = np.maximum.reduce(self._beginning[now : now + LONGEST, low:high], axis=0)
        scores += self._totals[now - 1, low:high]
        near = np.flatnonzero(scores > scores.max() - BEAM)
        self._low, self._high = low + int(near[0]), min(self._count, low + int(near[-1]) + 1 + BEAM_AHEAD)

    def _make_room(self, more: int) -> None:
        if self.frames + more + 1 <= self._room:
            return
        extra = max(self._room, more + 1)
        self._room += extra
        self._totals = np.pad(self._totals, ((0, extra), (0, 0)))
        self._ending = np.pad(self._ending, ((0, extra), (0, 0)), constant_values=NEVER)
        self._beginning = np.pad(self._beginning, ((0, extra), (0, 0)), constant_values=NEVER)

    def so_far(self, since: int = 0) -> tuple[list[Segment], float]:
        """The best path through the frames fed, back to about frame `since`, and its log likelihood.

        Its last segment is perhaps not over.
        """
        now = self.frames
        lasting = self._beginning[now : now + LONGEST] + self._at_least
        scores = lasting.max(axis=0) + self._totals[now]
        place = int(scores.argmax())
        begin = now - LONGEST + int(lasting[:, place].argmax())
        return [*self._before(begin, place, since), Segment(place, begin, now)], float(scores[place])

    def whole(self) -> tuple[list[Segment], float]:
        """The best path that reaches the end of the string with the last frame; its log likelihood.

        A `NEVER`-like likelihood says that there is none.
        """
        last = self._count - 1
        ending = self._ending[self.frames]
        early = ending[last - 1] + self._skip[last]
        place = last if ending[last] >= early else last - 1
        begin = self._begin_of(place, self.frames)
        return [*self._before(begin, place), Segment(place, begin, self.frames)], float(max(ending[last], early))

    def _begin_of(self, place: int, end: int) -> int:
        column = self._beginning[end : end + LONGEST, place] + self._lengths[:, place]
        return end - LONGEST + int(column.argmax())

    def _before(self, begin: int, place: int, since: int = 0) -> list[Segment]:
        """Segments before one that begins at a frame, in order, back to about frame `since`."""
        found: list[Segment] = []
        end, after = begin, place
        while end > since:
            ending = self._ending[end, max(0, after - 2) : after + 1].tolist()[::-1]
            ending[0] += self._again[after]
            if len(ending) > 2:
                ending[2] += self._skip[after - 1]
            previous = after - ending.index(max(ending))
            start = self._begin_of(previous, end)
            found.append(Segment(previous, start, end))
            end, after = start, previous
        return found[::-1]


def joined(segments: Sequence[Segment]) -> list[Segment]:
    """Neighbours of one place as one."""
    found: list[Segment] = []
    for segment in segments:
        if found and found[-1].place == segment.place:
            found[-1] = Segment(segment.place, found[-1].begin, segment.end)
        else:
            found.append(segment)
    return found
