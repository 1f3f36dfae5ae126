"""The mouth without timings: the text's probable course laid over the speech that is heard, shut in every pause."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from workers.mouth.keys import KeyWriter
from workers.mouth.visemes import BREATH, Planned, Shape
from workers.pipeline.values import SAMPLE_RATE, Viseme

FRAME_SECONDS = 0.010
PAUSE_FRAMES = 10
"""So much silence is a pause; a closed consonant is shorter."""
QUIETEST_SPEECH = 0.004
"""RMS under which nothing is speech."""
BELOW_PEAK = 0.09
"""Speech is louder than this share of the loudest frame of late."""
PEAK_DECAY = 0.9985
"""Of the remembered peak per frame: halves in 4.6 s."""
NEAR_PAUSE = 0.45
"""Seconds of the plan within which a heard pause is taken for a planned one."""
RATES = (0.6, 1.7)
TALKING = Shape(Viseme.E, 0.4, 0.06)
OPEN_SHAPES = ((0.62, Viseme.AA), (0.30, Viseme.E), (0.0, Viseme.I))
"""Opening by loudness where no text helps: the share of the peak above which a shape is shown."""
HISS_CROSSINGS = 0.30
"""Share of samples that change sign in a hiss."""
HOLD_FRAMES = 6

Frames = npt.NDArray[np.float32]


class SimpleTrack:
    """Steps through the plan while speech is heard. `rate` is plan seconds per heard second, kept right by pauses."""

    def __init__(self, keys: KeyWriter, *, rate: float = 1.0) -> None:
        self._keys = keys
        self._plan: list[Planned] = []
        self._ends: list[float] = []
        self._rest = np.zeros(0, np.float32)
        self._frame = 0
        self._peak = 0.0
        self._quiet = PAUSE_FRAMES
        self._position = 0.0
        self._step = -1
        self._spoken = 0.0
        self._shown = 0
        self.rate = rate

    def follow(self, plan: Sequence[Planned]) -> None:
        """The plan, once it is known."""
        self._plan = list(plan)
        self._ends = np.cumsum([step.seconds for step in self._plan]).tolist()
        self._position = min(self._spoken * self.rate, self._ends[-1] if self._ends else 0.0)

    def feed(self, samples: Frames) -> None:
        self._rest = np.concatenate([self._rest, samples])
        size = round(FRAME_SECONDS * SAMPLE_RATE)
        whole = len(self._rest) // size
        frames, self._rest = self._rest[: whole * size].reshape(whole, size), self._rest[whole * size :]
        loudness = np.sqrt((frames**2).mean(axis=1))
        crossings = (np.diff(np.signbit(frames), axis=1) != 0).mean(axis=1) if whole else loudness
        speech = self._is_speech(loudness)
        for index in range(whole):
            self._hear(bool(speech[index]), speech[index:], float(loudness[index]), float(crossings[index]))
            self._frame += 1

    def finish(self) -> float | None:
        """The sound is over: the mouth shuts. The rate this voice really spoke at, where the clip was long enough."""
        self._keys.shut((self._frame - self._quiet) * FRAME_SECONDS * 1000)
        planned = sum(step.seconds for step in self._plan if step.shape is not None)
        return _bounded(planned / self._spoken) if planned > 0.5 and self._spoken > 0.5 else None

    def _is_speech(self, loudness: Frames) -> npt.NDArray[np.bool_]:
        found = np.zeros(len(loudness), bool)
        for index, value in enumerate(loudness.tolist()):
            self._peak = max(value, self._peak * PEAK_DECAY)
            found[index] = value > max(QUIETEST_SPEECH, BELOW_PEAK * self._peak)
        return found

    def _hear(self, speaking: bool, ahead: npt.NDArray[np.bool_], loudness: float, crossings: float) -> None:
        at = self._frame * FRAME_SECONDS * 1000
        if not speaking:
            self._quiet += 1
            # A pause shuts the mouth where it begins when the whole of it is already known, else as soon as it is sure.
            known = int(np.argmax(ahead)) if ahead.any() else len(ahead)
            if self._quiet < PAUSE_FRAMES and self._quiet - 1 + known < PAUSE_FRAMES:
                self._advance(at)
            elif self._step != -1:
                self._keys.shut(at)
                self._align()
                self._step = -1
            return
        self._spoken += FRAME_SECONDS * (1 + (self._quiet if self._quiet < PAUSE_FRAMES else 0))
        self._quiet = 0
        if self._plan and self._position < self._ends[-1]:
            self._advance(at)
        else:
            self._by_loudness(at, loudness, crossings)

    def _advance(self, at: float) -> None:
        """One frame on in the plan; writes the key of the step that begins."""
        if not self._plan or self._position >= self._ends[-1]:
            return
        step = int(np.searchsorted(self._ends, self._position, side="right"))
        while step < len(self._plan) and self._plan[step].shape is None:  # a planned pause nobody makes
            self._position = self._ends[step]
            step += 1
        if step >= len(self._plan):
            return
        if step != self._step:
            shape = self._plan[step].shape
            if shape is BREATH:
                following = (later.shape for later in self._plan[step + 1 :])
                shape = next((s for s in following if s is not None and s is not BREATH), TALKING)
            if shape is not None:
                self._keys.shape(shape, at, at + self._plan[step].seconds / self.rate * 1000)
            self._step = step
        self._position += FRAME_SECONDS * self.rate

    def _align(self) -> None:
        """A heard pause: go to the planned one near by, and learn the rate from how far off it was."""
        boundaries = [
            (before, after)
            for before, step, after in zip([0.0, *self._ends], self._plan, self._ends, strict=False)
            if step.shape is None
        ]
        if not boundaries:
            return
        before, after = min(
            boundaries, key=lambda ends: min(abs(ends[0] - self._position), abs(ends[1] - self._position))
        )
        if min(abs(before - self._position), abs(after - self._position)) > NEAR_PAUSE:
            return
        if self._spoken > 0.5:
            spoken_plan = before - sum(
                s.seconds for s, e in zip(self._plan, self._ends, strict=True) if s.shape is None and e <= before
            )
            self.rate = _bounded(spoken_plan / self._spoken)
        self._position = after

    def _by_loudness(self, at: float, loudness: float, crossings: float) -> None:
        """Opening by loudness: better than a still mouth."""
        self._step = 0 if self._step == -1 else self._step
        if self._frame < self._shown:
            return
        self._shown = self._frame + HOLD_FRAMES
        share = loudness / max(self._peak, QUIETEST_SPEECH)
        viseme = Viseme.SS if crossings > HISS_CROSSINGS else next(v for least, v in OPEN_SHAPES if share >= least)
        self._keys.shape(Shape(viseme, min(1.0, 0.15 + share), 0.06), at, at + HOLD_FRAMES * FRAME_SECONDS * 1000)


def _bounded(rate: float) -> float:
    low, high = RATES
    return min(high, max(low, rate))
