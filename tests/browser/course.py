"""The course of position-coded sound as it was heard: which instant sounded when, what was missing, what clicked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tests.fakes.speech_sound import RATE

Samples = npt.NDArray[np.float64]

BLOCK_SECONDS = 0.010
WINDOW_SECONDS = 0.040
"""Sound needed to tell an instant from all others."""
VOICED = 0.03
"""RMS of a block that is surely coded sound (its loudness is 0.1)."""
ONSET = 0.004
LIKENESS = 0.97
"""Correlation with the expected wave from which an instant counts as found."""
SMALLEST_BREAK = 0.002
"""Seconds by which sound must come late or early to be a gap or a loss."""
BEND = 0.02
"""Second difference from which three samples are a click; the code's own stays under 0.007 at 44.1 kHz."""
CLICK_SECONDS = 0.002
"""Bends nearer than this are one click."""


@dataclass(frozen=True, slots=True)
class Break:
    """The sound did not go on as it should: at a second of the capture and of the utterance.

    `silence`: seconds that were inserted. `lost`: seconds of the utterance that were never heard.
    """

    at: float
    position: float
    silence: float
    lost: float


@dataclass(frozen=True, slots=True)
class Course:
    """What was heard of one utterance. Times are seconds of the capture, positions seconds of the utterance."""

    onset: float
    times: Samples
    positions: Samples
    """Middle of each recognised block, and where in the utterance it stands."""
    unknown: int
    """Blocks with sound that belongs nowhere."""
    breaks: tuple[Break, ...]
    clicks: tuple[float, ...]
    last: float
    """Position of the last recognised sound."""

    def position(self, time: float) -> float | None:
        """Where in the utterance the sound stands at a time; None before it began and inside a break."""
        index = int(np.searchsorted(self.times, time))
        near = [i for i in (index - 1, index) if 0 <= i < len(self.times)]
        if not near or time < self.onset:
            return None
        shifts = [float(self.positions[i] - self.times[i]) for i in near]
        if len(near) == 2 and abs(shifts[0] - shifts[1]) > SMALLEST_BREAK:
            return None
        return time + shifts[0]


def course(captured: Samples, rate: int, utterance: Samples) -> Course:
    """Follows `utterance` (expected, at the clip rate) through `captured` (at the output's rate).

    Raises ValueError when nothing of it was heard.
    """
    expected = resampled(utterance, rate)
    block, window = round(BLOCK_SECONDS * rate), round(WINDOW_SECONDS * rate)
    loud = np.flatnonzero(np.abs(captured) > ONSET)
    if not len(loud):
        raise ValueError("Nothing was heard.")
    finder = _Finder(expected, window)
    times, positions, unknown = [], [], 0
    offset: int | None = None
    """Index of the expected wave minus index of the capture, while the sound runs on."""
    for begin in range(int(loud[0]) // block * block, int(loud[-1]), block):
        piece = captured[begin : begin + block]
        if len(piece) < block or np.sqrt((piece**2).mean()) < VOICED:
            continue
        if offset is None or not _alike(piece, expected, begin + offset):
            found = finder.find(captured[begin : begin + window])
            if found is None:
                unknown += 1
                continue
            offset = found - begin
        times.append((begin + block / 2) / rate)
        positions.append((begin + offset + block / 2) / rate)
    if not times:
        raise ValueError("Sound was heard, but none of what was said.")
    at, where = np.asarray(times), np.asarray(positions)
    return Course(
        onset=float(loud[0]) / rate,
        times=at,
        positions=where,
        unknown=unknown,
        breaks=tuple(_breaks(at, where)),
        clicks=tuple(clicks(captured, rate)),
        last=float(where.max()),
    )


def resampled(samples: Samples, rate: int) -> Samples:
    """At another rate, by cubic (Catmull-Rom) interpolation."""
    where = np.arange(int(len(samples) * rate / RATE)) * (RATE / rate)
    whole = where.astype(int)
    t = where - whole
    padded = np.pad(samples, (1, 2))
    a, b, c, d = (padded[whole + step] for step in range(4))
    return np.asarray(b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))))


def clicks(captured: Samples, rate: int) -> list[float]:
    """Times at which neighbouring samples do not belong together."""
    bends = np.flatnonzero(np.abs(np.diff(captured, 2)) > BEND) / rate
    return [float(at) for index, at in enumerate(bends) if index == 0 or at - bends[index - 1] > CLICK_SECONDS]


def _alike(piece: Samples, expected: Samples, at: int) -> bool:
    other = expected[max(0, at) : max(0, at) + len(piece)]
    if len(other) < len(piece):
        return False
    size = float(np.sqrt((piece**2).sum() * (other**2).sum()))
    return size > 0 and float(piece @ other) / size > LIKENESS


class _Finder:
    """Tells where in the expected wave a piece of sound stands."""

    def __init__(self, expected: Samples, window: int) -> None:
        self._window = window
        self._places = len(expected) - window + 1
        # A power of two: other lengths may take a hundred times as long.
        self._length = 1 << (len(expected) + window).bit_length()
        self._spectrum = np.fft.rfft(expected, self._length)
        power = np.concatenate([[0.0], np.cumsum(expected**2)])
        self._size = np.sqrt(np.maximum(power[window:] - power[:-window], 1e-6))

    def find(self, piece: Samples) -> int | None:
        """Index of its first sample, or None when it is nowhere."""
        if len(piece) < self._window:
            return None
        product = np.fft.irfft(self._spectrum * np.conj(np.fft.rfft(piece, self._length)), self._length)
        likeness = product[: self._places] / (self._size * max(1e-9, float(np.sqrt((piece**2).sum()))))
        best = int(np.argmax(likeness))
        return best if likeness[best] > LIKENESS else None


def _breaks(times: Samples, positions: Samples) -> list[Break]:
    found = []
    for index in range(1, len(times)):
        passed = times[index] - times[index - 1]
        moved = positions[index] - positions[index - 1]
        if abs(passed - moved) > SMALLEST_BREAK:
            # Without a break position and time advance alike; what goes beyond a block's step was lost.
            found.append(
                Break(
                    at=float(times[index - 1]),
                    position=float(positions[index - 1]),
                    silence=float(max(0.0, passed - moved)),
                    lost=float(max(0.0, moved - passed)),
                )
            )
    return found
