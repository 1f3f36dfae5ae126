"""Finds a known string of sounds in judged frames: a Viterbi search over segments that have probable lengths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from workers.mouth.features import FRAME_SECONDS, Frames

LONGEST = 40
"""Frames of one segment; a pause or a vowel that goes on is several in a row."""
NEVER = np.float32(-1e6)
FRAME_SHARE = np.float32(0.7)
"""How much of a frame's log likelihood counts: neighbours hear mostly the same."""
ALSO = np.float32(-0.5)
"""Log likelihood of a sound's being heard as one of its `also` instead of as itself."""
BEAM = np.float32(60.0)
"""How far (log likelihood) a place in the string may be behind the best and still be followed."""
BEAM_EVERY = 36
BEAM_AHEAD = 12
"""Frames between two looks at what is still worth following, and places looked further ahead: more than are said in
that time. A look costs as much as following a few places more for some frames."""
BEFORE = 2
"""Places that do not exist before the first, so that every place has two before it."""


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
    also: tuple[int, ...] = ()
    """Other classes it may be heard as."""


class Segment(NamedTuple):
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
    # In double precision, where nothing vanishes: `logaddexp` takes many times as long.
    at_least = np.log(np.add.accumulate(np.exp(logs, dtype=np.float64), axis=0))
    return logs.astype(np.float32), np.minimum(at_least, 0).astype(np.float32)


class Aligner:
    """Search through one stretch of speech. Feed judged frames, then ask for the best path so far or for the whole."""

    def __init__(self, places: Sequence[Place]) -> None:
        """`places` begin where the sound begins, and are at least two."""
        count = len(places)
        self._hear_also(places)
        self._lengths, self._at_least = _lengths(places)
        skip = np.array([place.skip for place in places], np.float32)
        self._skip_last = skip[-1]
        # What it costs to come to a place over the one before it, from the one before it, and from itself (rows).
        self._steps = np.zeros((3, count), np.float32)
        self._steps[0, 1:] = skip[:-1]
        self._steps[2] = [place.again for place in places]
        self._count = count
        self.frames = 0
        self._room = 256
        # Row t: totals of all frames before t; scores of places that end, and that begin, at frame t. These two are
        # without the totals: what a place gains from frame to frame need not be added to each of them then.
        self._totals = np.zeros((self._room, BEFORE + count), np.float32)
        self._ending = np.full((self._room, BEFORE + count), NEVER, np.float32)
        self._ending[:, :BEFORE] = -np.inf
        # Rows of `_beginning` lie LONGEST further down, so that the search can always look back.
        self._beginning = np.full((self._room + LONGEST, count), NEVER, np.float32)
        self._low, self._high = 0, min(count, BEAM_AHEAD)
        self._beginning[LONGEST, 0] = 0.0
        self._beginning[LONGEST, 1:] = np.cumsum(skip)[:-1]
        self._came: dict[tuple[int, int], Segment] = {}
        """What is best before a place (second) that begins at a frame (first). It never changes: it lies behind."""
        self._see_threes()
        self._fit(1)

    def feed(self, judged: Frames) -> None:
        """More frames (n, classes)."""
        if not len(judged):
            return
        self._make_room(len(judged))
        at, until = self.frames, self.frames + len(judged)
        totals = self._totals[at : until + 1, BEFORE:]
        np.multiply(self._likely(judged), FRAME_SHARE, totals[1:])
        np.add.accumulate(totals, 0, None, totals)
        now = at + 1
        while now <= until:
            if now % BEAM_EVERY == 0:
                self._narrow(now)
            after = min(until + 1, (now // BEAM_EVERY + 1) * BEAM_EVERY)
            self._step(now, after)
            now = after
        self.frames = until

    def _hear_also(self, places: Sequence[Place]) -> None:
        """A column for each class, and one more for each way to hear a class as others, too."""
        ways = sorted({(place.number, *place.also) for place in places if place.also})
        most = max(map(len, ways), default=0)
        self._ways = np.array([(*way, *way[:1] * (most - len(way))) for way in ways], np.intp).T
        self._prices = np.where(self._ways == self._ways[:1], np.float32(0), ALSO)
        column = {way: -len(ways) + index for index, way in enumerate(ways)}
        self._columns = np.array([column.get((place.number, *place.also), place.number) for place in places])

    def _likely(self, judged: Frames) -> Frames:
        """Log likelihood of each place (columns) in each frame."""
        if self._ways.size:
            heard = np.maximum.reduce(judged.take(self._ways, axis=1) + self._prices, axis=1)
            judged = np.concatenate([judged, heard], axis=1)
        return judged.take(self._columns, axis=1)

    def _step(self, first: int, after: int) -> None:
        """Frames [first, after) for the places that are followed. Few and plain calls: it runs for each frame."""
        low, high, since, until = self._low, self._high, first - self._base, after - self._base
        lengths, lasting, reached = self._lengths_followed, self._lasting, self._reached
        over, before, again = reached
        add, larger, largest = np.add, np.maximum, np.maximum.reduce
        # What it costs to come to a place from those before it, with the change from their totals to its own.
        changes = self._totals_coming[first:after, :, low:high] - self._totals_coming[first:after, 2:, low:high]
        changes += self._steps_followed
        for near, ending, coming, change, begin in zip(
            self._windows[since:until],
            self._ending[first:after, low + BEFORE : high + BEFORE],
            self._coming[first:after, :, low:high],
            changes,
            self._near[since + LONGEST : until + LONGEST],
            strict=True,
        ):
            add(near, lengths, lasting)
            largest(lasting, 0, None, ending)
            add(coming, change, reached)
            larger(over, before, out=begin)
            larger(begin, again, out=begin)
        self._beginning[first + LONGEST : after + LONGEST, low:high] = self._near[since + LONGEST : until + LONGEST]

    def _narrow(self, now: int) -> None:
        """Gives up what lies too far behind, and looks further ahead."""
        low, high = self._low, self._high
        scores = np.maximum.reduce(self._near[now - self._base : now - self._base + LONGEST], axis=0)
        scores += self._totals[now - 1, low + BEFORE : high + BEFORE]
        near = np.flatnonzero(scores > scores.max() - BEAM)
        self._low, self._high = low + int(near[0]), min(self._count, low + int(near[-1]) + 1 + BEAM_AHEAD)
        self._fit(now)

    def _fit(self, now: int) -> None:
        """Tables and scratch space for just the places that are followed from frame `now` on.

        They lie without gaps: adding takes a third of the time then.
        """
        low, high = self._low, self._high
        self._lengths_followed = np.ascontiguousarray(self._lengths[:, low:high])
        self._steps_followed = np.ascontiguousarray(self._steps[:, low:high])
        self._lasting = np.empty((LONGEST, high - low), np.float32)
        self._reached = np.empty((3, high - low), np.float32)
        self._base = now
        self._near = np.empty((LONGEST + BEAM_EVERY, high - low), np.float32)
        self._near[:LONGEST] = self._beginning[now : now + LONGEST, low:high]
        row, size = self._near.strides
        shape = (BEAM_EVERY, LONGEST, high - low)
        self._windows = np.ndarray(shape, np.float32, self._near, 0, (row, row, size))
        """Of each frame: the scores of places that begin in the `LONGEST` frames before it."""

    def _see_threes(self) -> None:
        """`_coming[t, :, p]` shows the scores of places p - 2, p - 1 and p that end at frame t; and their totals."""
        row, size = self._ending.strides
        shape, strides = (self._room, 1 + BEFORE, self._count), (row, size, size)
        self._coming = np.ndarray(shape, np.float32, self._ending, 0, strides)
        self._totals_coming = np.ndarray(shape, np.float32, self._totals, 0, strides)

    def _make_room(self, more: int) -> None:
        if self.frames + more + 1 <= self._room:
            return
        extra = max(self._room, more + 1)
        self._room += extra
        more_rows = np.full((extra, BEFORE + self._count), NEVER)
        self._totals = np.concatenate([self._totals, np.zeros_like(more_rows)])
        self._beginning = np.concatenate([self._beginning, more_rows[:, BEFORE:]])
        more_rows[:, :BEFORE] = -np.inf
        self._ending = np.concatenate([self._ending, more_rows])
        self._see_threes()

    def so_far(self, since: int = 0) -> tuple[list[Segment], float]:
        """The best path through the frames fed, back to about frame `since`, and its log likelihood.

        Its last segment is perhaps not over. Before any frame there is none.
        """
        now, low, high = self.frames, self._low, self._high
        if not now:
            return [], 0.0
        near = now - self._base
        scores = self._near[near : near + LONGEST] + self._at_least[:, low:high]
        scores += self._totals[now, low + BEFORE : high + BEFORE]
        back, place = divmod(int(scores.argmax()), high - low)
        score, begin = float(scores[back, place]), now - LONGEST + back
        place += low
        return [*self._before(begin, place, since), Segment(place, begin, now)], score

    def to_the_end(self, since: int = 0) -> tuple[list[Segment], float]:
        """Like `so_far`, but the whole of the string where that is not much less likely."""
        so_far, whole = self.so_far(since), self.whole(since)
        return whole if whole[1] > so_far[1] - self.frames else so_far

    def whole(self, since: int = 0) -> tuple[list[Segment], float]:
        """The best path that reaches the end of the string with the last frame, back to about frame `since`.

        With its log likelihood. A `NEVER`-like likelihood says that there is none.
        """
        last = self._count - 1
        ending = self._ending[self.frames, BEFORE:] + self._totals[self.frames, BEFORE:]
        early = ending[last - 1] + self._skip_last
        place = last if ending[last] >= early else last - 1
        begin = self._begin_of(place, self.frames)
        path = [*self._before(begin, place, since), Segment(place, begin, self.frames)]
        return path, float(max(ending[last], early))

    def _begin_of(self, place: int, end: int) -> int:
        column = self._beginning[end : end + LONGEST, place] + self._lengths[:, place]
        return end - LONGEST + int(column.argmax())

    def _before(self, begin: int, place: int, since: int = 0) -> list[Segment]:
        """Segments before one that begins at a frame, in order, back to about frame `since`."""
        found: list[Segment] = []
        while begin > since:
            segment = self._came.get((begin, place))
            if segment is None:
                segment = self._came[begin, place] = self._best_before(begin, place)
            found.append(segment)
            begin, place = segment.begin, segment.place
        return found[::-1]

    def _best_before(self, end: int, after: int) -> Segment:
        """The segment that ends best at a frame when the place `after` begins there."""
        came = self._coming[end, ::-1, after] + self._totals_coming[end, ::-1, after]
        scores = (came + self._steps[::-1, after]).tolist()
        place = after - scores.index(max(scores))
        return Segment(place, self._begin_of(place, end), end)


def tied(segments: Sequence[Segment]) -> list[Segment]:
    """Each up to where the next begins."""
    before = [Segment(segment.place, segment.begin, after.begin) for segment, after in pairwise(segments)]
    return [*before, *segments[-1:]]


def joined(segments: Sequence[Segment]) -> list[Segment]:
    """Neighbours of one place as one."""
    found: list[Segment] = []
    for segment in segments:
        if found and found[-1].place == segment.place:
            found[-1] = Segment(segment.place, found[-1].begin, segment.end)
        else:
            found.append(segment)
    return found
