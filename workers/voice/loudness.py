"""One loudness for every voice: measured as ITU-R BS.1770 and EBU R 128 say, learned over a voice's clips."""

from __future__ import annotations

import math
from collections import OrderedDict, deque
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from workers.pipeline.values import SAMPLE_RATE
from workers.voice.pcm import Samples

TARGET_LUFS = -19.0
"""Loudness of speech everywhere: quiet enough that nothing is squashed, loud enough beside a game."""
CEILING = 10 ** (-1.2 / 20)
"""Highest sample: -1 dB true peak after the overlay has doubled the rate."""
KNEE = 0.70
"""Where the limiter begins to bend; everything below passes unchanged."""
STEP_SECONDS = 0.1
BLOCK_STEPS = 4
"""A gating block is 400 ms, one each 100 ms."""
ABSOLUTE_GATE = -60.0
"""LUFS under which a block is a pause. The norm says -70; streamed voices hiss louder than programmes."""
RELATIVE_GATE = -10.0
"""LU under the mean at which a block no longer counts."""
MEMORY_BLOCKS = 300
"""The last half minute of speech counts, so that a changed preset is followed."""
GAIN_LIMITS = (0.2, 8.0)
FIRST_GAIN_LIMITS = (0.35, 3.0)
"""The same for a voice nobody has heard yet, judged by its first syllable."""
GAIN_SLOPE = 2.0
"""How much the gain may change in a second: its own value doubled or halved once."""
_STEP = round(STEP_SECONDS * SAMPLE_RATE)
_OFFSET = -0.691


def _weights() -> npt.NDArray[np.float64]:
    """Power response of the K filter at a step's frequencies: head shelf, then high pass (the norm's biquads)."""
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(_STEP, 1 / SAMPLE_RATE) / 48_000)
    shelf = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z**2) / (
        1 - 1.69065929318241 * z + 0.73248077421585 * z**2
    )
    high_pass = (1 - 2 * z + z**2) / (1 - 1.99004745483398 * z + 0.99007225036621 * z**2)
    power = np.abs(shelf * high_pass) ** 2
    power[1:-1] *= 2  # rfft holds one half of the spectrum
    return np.asarray(power / _STEP**2, np.float64)


_K = _weights()


def lufs(energy: float) -> float:
    """Loudness of a mean K-weighted power."""
    return _OFFSET + 10 * math.log10(max(energy, 1e-10))


def energy_of(loudness: float) -> float:
    return float(10 ** ((loudness - _OFFSET) / 10))


class Meter:
    """K-weighted power of one clip's gating blocks, as they become known."""

    def __init__(self) -> None:
        self._rest: Samples = np.zeros(0, np.float32)
        self._steps: deque[float] = deque(maxlen=BLOCK_STEPS)

    def feed(self, samples: Samples) -> list[float]:
        """One value for each 100 ms; the first ones cover less than 400 ms."""
        samples = np.concatenate([self._rest, samples])
        whole = len(samples) // _STEP
        self._rest = samples[whole * _STEP :]
        if not whole:
            return []
        spectra = np.fft.rfft(samples[: whole * _STEP].reshape(whole, _STEP), axis=1)
        blocks = []
        for step in (np.abs(spectra) ** 2 @ _K).tolist():
            self._steps.append(step)
            blocks.append(sum(self._steps) / len(self._steps))
        return blocks


def gated(blocks: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The blocks that count: above the absolute gate, then less than 10 LU below their mean."""
    spoken = blocks[blocks > energy_of(ABSOLUTE_GATE)]
    if not len(spoken):
        return spoken
    kept: npt.NDArray[np.float64] = spoken[spoken > spoken.mean() * 10 ** (RELATIVE_GATE / 10)]
    return kept


def integrated(samples: Samples) -> float:
    """Programme loudness of a whole sound in LUFS; -inf where there is nothing to hear."""
    blocks = gated(np.asarray(Meter().feed(samples)[BLOCK_STEPS - 1 :], np.float64))
    return lufs(float(blocks.mean())) if len(blocks) else -math.inf


class VoiceLevel:
    """How loud one voice speaks by itself, learned over its clips. Shared by all clips of that voice."""

    def __init__(self, loudness: float | None = None) -> None:
        """`loudness` (LUFS) is believed before anything is heard, and fades as speech is heard."""
        self._prior = None if loudness is None else energy_of(loudness)
        self._blocks: deque[float] = deque(maxlen=MEMORY_BLOCKS)
        self._gain: float | None = None
        """What `gain` came to, until more is heard: parts are shorter than blocks."""

    @property
    def known(self) -> bool:
        return self._prior is not None or len(self._blocks) >= BLOCK_STEPS

    def hear(self, blocks: list[float]) -> None:
        """Learns from blocks at their original level. Pauses say nothing."""
        if spoken := [block for block in blocks if block > energy_of(ABSOLUTE_GATE)]:
            self._blocks.extend(spoken)
            self._gain = None

    @property
    def gain(self) -> float:
        """Factor that brings this voice to the common loudness."""
        if self._gain is None:
            self._gain = self._gain_now()
        return self._gain

    def _gain_now(self) -> float:
        heard = gated(np.fromiter(self._blocks, np.float64))
        total, count = float(heard.sum()), float(len(heard))
        if self._prior is not None:
            weight = max(0.0, 50 - len(self._blocks) / 6)
            total, count = total + weight * self._prior, count + weight
        if not count:
            return 1.0
        low, high = GAIN_LIMITS
        return min(high, max(low, math.sqrt(energy_of(TARGET_LUFS) * count / total)))


class Levels:
    """The levels of one engine's voices, by name: they differ among themselves by several LU."""

    MOST = 64

    def __init__(self, known: Mapping[str, float] | None = None) -> None:
        """`known`: loudness of voices by name (LUFS), measured beforehand."""
        self._known = dict(known or {})
        self._levels: OrderedDict[str, VoiceLevel] = OrderedDict()

    def of(self, name: str) -> VoiceLevel:
        level = self._levels.get(name)
        if level is None:
            level = self._levels[name] = VoiceLevel(self._known.get(name))
        self._levels.move_to_end(name)
        if len(self._levels) > self.MOST:
            self._levels.popitem(last=False)
        return level


class Leveller:
    """Brings one clip to the common loudness. Gain glides and the limiter has no memory: parts join without a click."""

    def __init__(self, level: VoiceLevel) -> None:
        self._level = level
        self._meter = Meter()
        self._gain = level.gain if level.known else None

    def feed(self, samples: Samples) -> Samples:
        """The same number of samples, at once: nothing is held back."""
        if not len(samples):
            return samples
        self._level.hear(self._meter.feed(samples))
        wanted = self._level.gain
        if self._gain is None:
            low, high = FIRST_GAIN_LIMITS
            self._gain = min(high, max(low, wanted))
        span = GAIN_SLOPE ** (len(samples) / SAMPLE_RATE)
        wanted = min(self._gain * span, max(self._gain / span, wanted))
        factor: Samples | np.float32 = np.float32(wanted)
        if wanted != self._gain:
            factor = np.linspace(self._gain, wanted, len(samples), endpoint=False, dtype=np.float32)
        self._gain = wanted
        return limit(samples * factor)


def limit(samples: Samples) -> Samples:
    """Bends what exceeds `KNEE` softly under the ceiling."""
    size = np.abs(samples)
    if not len(samples) or float(size.max()) <= KNEE:
        return samples
    room = CEILING - KNEE
    bent = KNEE + room * np.tanh((size - KNEE) / room)
    return np.where(size > KNEE, np.sign(samples) * bent, samples).astype(np.float32)
