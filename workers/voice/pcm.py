"""Sound as numbers: reassembly, sample rates and silence of streamed PCM. Pure numpy."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from workers.pipeline.values import SAMPLE_RATE

Samples = npt.NDArray[np.float32]

SILENCE_PEAK = 0.006
"""Peak (-44 dBFS) under which a block counts as silence at the ends of a clip."""
LEAD_SECONDS = 0.060
"""Silence kept before the first sound of a clip."""
TAIL_SECONDS = 0.200
"""Silence after the last sound of a clip: the pause between two sentences."""
TAPS = 24
"""Input samples each output sample of the resampler hears, when the rate goes up."""


def to_float(pcm: bytes) -> Samples:
    """PCM s16le to -1..1. The length must be even."""
    return np.frombuffer(pcm, dtype="<i2").astype(np.float32) / np.float32(32768)


def to_pcm(samples: Samples) -> bytes:
    """-1..1 to PCM s16le; what is louder is clipped."""
    return (np.clip(samples, -1.0, 32767 / 32768) * 32768).round().astype("<i2").tobytes()


def seconds(pcm: bytes) -> float:
    """Length of PCM at the house rate."""
    return len(pcm) / 2 / SAMPLE_RATE


def split(pcm: bytes, part_seconds: float) -> Iterator[bytes]:
    """The sound in parts of at most this length, none of them empty."""
    size = max(2, round(part_seconds * SAMPLE_RATE) * 2)
    for start in range(0, len(pcm), size):
        yield pcm[start : start + size]


class SampleBytes:
    """Joins streamed bytes into whole samples: networks cut them anywhere."""

    def __init__(self, frame: int = 2) -> None:
        self._frame = frame
        self._rest = b""

    def feed(self, data: bytes) -> bytes:
        """All whole frames known now. An unfinished last frame waits for its other bytes, or is lost at the end."""
        data = self._rest + data
        whole = len(data) - len(data) % self._frame
        self._rest = data[whole:]
        return data[:whole]


class Resampler:
    """Changes the sample rate of a stream: windowed sinc, exact ratio, no seam between parts."""

    def __init__(self, source: int, target: int = SAMPLE_RATE) -> None:
        common = math.gcd(source, target)
        self._up, self._down = target // common, source // common
        cutoff = min(1.0, target / source) * 0.94
        self._half = math.ceil(TAPS / 2 / cutoff)
        phases = np.arange(self._up)[:, None] / self._up
        distance = np.arange(-self._half + 1, self._half + 1)[None, :] - phases
        window = np.cos(np.pi / 2 * np.clip(distance / self._half, -1, 1)) ** 2
        kernel = np.sinc(distance * cutoff) * window
        self._kernel = (kernel / kernel.sum(axis=1, keepdims=True)).astype(np.float32)
        self._input: Samples = np.zeros(self._half - 1, np.float32)
        self._made = 0
        self._dropped = -(self._half - 1)
        self._fed = 0

    def feed(self, samples: Samples) -> Samples:
        """The output that no later input can change."""
        self._fed += len(samples)
        self._input = np.concatenate([self._input, samples])
        ready = max(0, self._fed - self._half)
        return self._make(math.ceil(ready * self._up / self._down))

    def finish(self) -> Samples:
        """The rest, so that input and output last equally long."""
        self._input = np.concatenate([self._input, np.zeros(self._half + 1, np.float32)])
        return self._make(round(self._fed * self._up / self._down))

    def _make(self, end: int) -> Samples:
        if end <= self._made:
            return np.zeros(0, np.float32)
        where = np.arange(self._made, end, dtype=np.int64) * self._down
        first = where // self._up - (self._half - 1) - self._dropped
        windows = np.lib.stride_tricks.sliding_window_view(self._input, 2 * self._half)
        out = np.einsum("ij,ij->i", windows[first], self._kernel[where % self._up])
        self._made = end
        unused = (end * self._down) // self._up - (self._half - 1) - self._dropped
        self._input = self._input[unused:]
        self._dropped += unused
        return np.asarray(out, np.float32)


class LeadTrim:
    """Takes the silence before the first sound of a clip down to `LEAD_SECONDS`."""

    def __init__(self) -> None:
        self._held: Samples = np.zeros(0, np.float32)
        self._began = False
        self._cut = 0

    @property
    def cut_seconds(self) -> float:
        """How much was taken away; timings of the clip come earlier by this."""
        return self._cut / SAMPLE_RATE

    def feed(self, samples: Samples) -> Samples:
        """Empty while only silence has come."""
        if self._began:
            return samples
        held = np.concatenate([self._held, samples])
        loud = np.flatnonzero(np.abs(held) > SILENCE_PEAK)
        lead = round(LEAD_SECONDS * SAMPLE_RATE)
        if not len(loud):
            spare = max(0, len(held) - lead)
            self._cut += spare
            self._held = held[spare:]
            return np.zeros(0, np.float32)
        self._began = True
        spare = max(0, int(loud[0]) - lead)
        self._cut += spare
        start = held[spare:]
        if self._cut:  # a voice's own hiss must not begin with an edge
            fade = min(len(start), round(0.005 * SAMPLE_RATE))
            start[:fade] *= np.linspace(0, 1, fade, dtype=np.float32)
        return start


class Tail:
    """Sees to it that a clip ends in silence, so that the next sentence does not stumble into it."""

    def __init__(self) -> None:
        self._silent = 0
        self._last = 0.0
        self.sounded = False

    def feed(self, samples: Samples) -> None:
        if not len(samples):
            return
        loud = np.flatnonzero(np.abs(samples) > SILENCE_PEAK)
        self._silent = len(samples) - 1 - int(loud[-1]) if len(loud) else self._silent + len(samples)
        self._last = float(samples[-1])
        self.sounded = True

    def missing(self) -> bytes:
        """What is to be appended: from the last sample to zero in 5 ms, then the rest of `TAIL_SECONDS`."""
        rest = np.zeros(max(0, round(TAIL_SECONDS * SAMPLE_RATE) - self._silent), np.float32)
        fade = min(len(rest), round(0.005 * SAMPLE_RATE))
        rest[:fade] = np.linspace(self._last, 0, fade, dtype=np.float32)
        return to_pcm(rest)


def trim_tail(samples: Samples) -> Samples:
    """A finished clip with at most `TAIL_SECONDS` of silence at its end, faded out."""
    loud = np.flatnonzero(np.abs(samples) > SILENCE_PEAK)
    if not len(loud):
        return samples
    kept = samples[: int(loud[-1]) + round(TAIL_SECONDS * SAMPLE_RATE)].copy()
    fade = min(len(kept), round(0.010 * SAMPLE_RATE))
    kept[len(kept) - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
    return kept
