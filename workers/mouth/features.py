"""Sound to what the classifier hears: twenty log-mel bands every 10 ms, relative to the voice's level and colour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workers.pipeline.values import SAMPLE_RATE

Frames = npt.NDArray[np.float32]

HOP = SAMPLE_RATE // 100
WINDOW = SAMPLE_RATE // 40
FRAME_SECONDS = 0.010
FRAME_CENTRE = 0.0125
"""Seconds from a frame's first sample to its middle."""
BANDS = 20
LOWEST, HIGHEST = 80.0, 7000.0
"""Hz."""
QUIETEST = 1e-7
"""Added to each band's power: below it is digital silence."""
DEPTH = 12.0
"""Nepers of power below the loudest band of a voice at which everything is equally quiet (52 dB)."""
LOUD = 6.0
"""Frames so near (nepers of power) to the loudest are what a voice's colour is measured on."""
SCALE = np.float32(1 / 3)
TYPICAL_TOP = 7.5
"""Loudest band of speech at the house level."""
TYPICAL_COLOUR = np.zeros(BANDS, np.float32)
"""Mean log power of loud frames per band, relative to the loudest."""


def _mel(hertz: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(1127 * np.log(1 + hertz / 700))


def _filters() -> Frames:
    low, high = _mel(np.array([LOWEST, HIGHEST])).tolist()
    edges = np.linspace(low, high, BANDS + 2)
    bins = _mel(np.asarray(np.fft.rfftfreq(WINDOW, 1 / SAMPLE_RATE), np.float64))[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return np.asarray(np.maximum(0, np.minimum(rising, falling)), np.float32)


_FILTERS = _filters()
_SEEN = slice(int(np.flatnonzero(_FILTERS.any(axis=1))[0]), int(np.flatnonzero(_FILTERS.any(axis=1))[-1]) + 1)
"""Lines of the spectrum that are in a band."""
_POWER_FILTERS = np.repeat(_FILTERS[_SEEN], 2, axis=0)
"""The filters for squares of real and imaginary parts in turn."""
MOST = 32
"""Frames transformed in one go: their spectra stay in the processor's cache."""
_HANN = np.hanning(WINDOW).astype(np.float32)


def _log_powers(windows: Frames) -> Frames:
    parts = np.fft.rfft(windows * _HANN)[:, _SEEN].view(np.float32)
    bands: Frames = np.square(parts) @ _POWER_FILTERS
    bands += np.float32(QUIETEST)
    return np.log(bands, out=bands)


class Spectra:
    """Log power per band of a stream of samples, frame by frame, whatever way the stream is cut."""

    def __init__(self) -> None:
        self._rest = np.zeros(0, np.float32)

    def feed(self, samples: Frames) -> Frames:
        """The frames (n, BANDS) that these samples complete. Frame k begins at sample k * HOP."""
        sound = np.concatenate([self._rest, samples])
        count = (len(sound) - WINDOW) // HOP + 1
        if count <= 0:
            self._rest = sound
            return np.zeros((0, BANDS), np.float32)
        self._rest = sound[count * HOP :]
        # A view of overlapping windows; `sliding_window_view` would take longer than all the rest for short parts.
        size = sound.itemsize
        windows = np.ndarray((count, WINDOW), np.float32, buffer=sound, strides=(HOP * size, size))
        if count <= MOST:
            return _log_powers(windows)
        return np.concatenate([_log_powers(windows[at : at + MOST]) for at in range(0, count, MOST)])

    def finish(self) -> Frames:
        """The last frame, filled up with silence, when half a frame or more is left."""
        missing = WINDOW - len(self._rest)
        return self.feed(np.zeros(missing, np.float32)) if len(self._rest) > HOP else self.feed(self._rest[:0])


@dataclass(frozen=True, slots=True)
class Voice:
    """What is known of a voice: how loud its loudest band is, and the mean log power of its loud frames per band."""

    top: float
    colour: Frames

    def heard_by(self, spectra: Frames) -> Frames:
        """Frames relative to this voice, as the classifier takes them (n, BANDS)."""
        return (np.maximum(spectra, np.float32(self.top - DEPTH)) - self.colour) * SCALE


def with_edges(frames: Frames, before: int, after: int) -> Frames:
    """The frames with the first of them repeated so often before it, and the last after it."""
    return frames.take(np.arange(-before, len(frames) + after), axis=0, mode="clip")


def voice_of(spectra: Frames) -> Voice:
    """The voice of a whole clip."""
    loudest = spectra.max(axis=1)
    # Not the very loudest frame: one click must not decide.
    top = float(np.sort(loudest)[-max(1, len(loudest) // 100)]) if len(loudest) else TYPICAL_TOP
    return Voice(top, spectra[loudest >= top - LOUD].mean(axis=0) if len(loudest) else TYPICAL_TOP + TYPICAL_COLOUR)
