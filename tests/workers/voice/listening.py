"""What a listener notices about a clip."""

from __future__ import annotations

from collections.abc import AsyncIterator

import numpy as np

from workers.pipeline.ports import Voice
from workers.pipeline.values import SAMPLE_RATE, Audio, VoiceSpec
from workers.voice.pcm import Samples, to_float

BLOCK = SAMPLE_RATE // 50


async def clip(voice: Voice, text: str, spec: VoiceSpec | None = None) -> list[Audio]:
    return [part async for part in voice.speak(text, spec or VoiceSpec())]


def sound_of(parts: list[Audio]) -> Samples:
    return to_float(b"".join(part.pcm for part in parts))


def length(sound: Samples) -> float:
    return len(sound) / SAMPLE_RATE


def loudness(sound: Samples) -> float:
    """RMS of the blocks in which somebody speaks."""
    power = (sound[: len(sound) // BLOCK * BLOCK].reshape(-1, BLOCK) ** 2).mean(axis=1)
    spoken = power[power > 0.01**2]
    return float(np.sqrt(spoken.mean())) if len(spoken) else 0.0


def silence_before(sound: Samples) -> float:
    return float(np.flatnonzero(np.abs(sound) > 0.006)[0]) / SAMPLE_RATE


def silence_after(sound: Samples) -> float:
    return (len(sound) - 1 - float(np.flatnonzero(np.abs(sound) > 0.006)[-1])) / SAMPLE_RATE


def worst_step(sound: Samples) -> float:
    """The largest jump between neighbouring samples: a click is one that speech has not."""
    return float(np.abs(np.diff(sound)).max())


def pitch_of(sound: Samples) -> float:
    """Median pitch in hertz of the loud stretches, by autocorrelation."""
    size = SAMPLE_RATE // 20
    found = []
    for start in range(0, len(sound) - size, size):
        frame = sound[start : start + size]
        if np.sqrt((frame**2).mean()) < 0.04:
            continue
        spectrum = np.fft.rfft(frame, 4 * size)
        correlation = np.fft.irfft(np.abs(spectrum) ** 2)
        low, high = SAMPLE_RATE // 400, SAMPLE_RATE // 110
        found.append(SAMPLE_RATE / (low + int(np.argmax(correlation[low:high]))))
    return float(np.median(found))


async def parts_of(*parts: Audio) -> AsyncIterator[Audio]:
    for part in parts:
        yield part
