"""Made-up sound for the provider fake: speech-like, audible, as long as a voice would need for the text."""

from __future__ import annotations

import functools
import struct

import numpy as np
import numpy.typing as npt

RATE = 24_000
CHARACTERS_PER_SECOND = 14.0
NUMBERS = 60_000
"""Samples after which the numbering repeats (2.5 s)."""

_VOWELS = {
    "a": (800, 1200), "e": (500, 1900), "i": (300, 2300), "o": (500, 900), "u": (320, 800), "y": (300, 2100),
    "а": (800, 1200), "е": (500, 1900), "ё": (500, 1000), "и": (300, 2300), "о": (500, 900), "у": (320, 800),
    "ы": (320, 1600), "э": (550, 1800), "ю": (320, 1100), "я": (750, 1300),
}  # fmt: skip
_HISSES = frozenset("sfzhcxтсфшщжхцч")
_CLOSED = frozenset("pbmtdkgпбмтдкг")


def speech(text: str, *, characters_per_second: float = CHARACTERS_PER_SECOND) -> bytes:
    """PCM s16le mono 24 kHz: vowels hum with their formants, hisses hiss, closures and spaces are quiet."""
    per_character = max(1, round(RATE / characters_per_second))
    generator = np.random.default_rng(len(text))
    parts = [_piece(character, per_character, index, generator) for index, character in enumerate(text.lower())]
    if not parts:
        return b""
    return (np.clip(np.concatenate(parts), -1, 1) * 20_000).astype("<i2").tobytes()


def numbered(text: str) -> bytes:
    """As long as `speech`, but each sample is its own number (modulo `NUMBERS`): for ways that change no value."""
    ramp = np.arange(len(speech(text)) // 2, dtype=np.int64) % NUMBERS - NUMBERS // 2
    return ramp.astype("<i2").tobytes()


def numbers(pcm: bytes) -> list[int]:
    """The number of every sample of numbered sound, modulo `NUMBERS`."""
    return [int(value) + NUMBERS // 2 for value in np.frombuffer(pcm, dtype="<i2")]


def streamed_wav_header() -> bytes:
    """A WAV header as streaming voices send it: both lengths unknown (0xFFFFFFFF)."""
    unknown = 0xFFFFFFFF
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, RATE * 2, 2, 16)
    return struct.pack("<4sI4s", b"RIFF", unknown, b"WAVE") + form + struct.pack("<4sI", b"data", unknown)


def _piece(character: str, length: int, index: int, generator: np.random.Generator) -> npt.NDArray[np.float64]:
    if character in _VOWELS:
        return _vowel(character, length, index)
    time = np.arange(length) / RATE
    if character in _HISSES:
        return np.asarray(0.12 * generator.standard_normal(length) * np.hanning(length))
    if character in _CLOSED:
        burst = np.exp(-time * 90) * generator.standard_normal(length)
        return np.asarray(0.15 * np.roll(burst, length // 2))
    if character.isalnum():
        return np.asarray(0.25 * np.sin(2 * np.pi * 220 * time) * np.hanning(length))
    return np.zeros(length)


@functools.lru_cache(400)
def _vowel(character: str, length: int, index: int) -> npt.NDArray[np.float64]:
    """All texts begin at 0: the vowel of one is that of many others."""
    time = np.arange(length) / RATE
    pitch = 210 + 25 * np.sin(index * 0.7)
    sound = np.zeros(length)
    for harmonic in range(1, 14):
        frequency = pitch * harmonic
        gain = sum(1 / (1 + ((frequency - formant) / 180) ** 2) for formant in _VOWELS[character])
        sound += gain * np.sin(2 * np.pi * frequency * time)
    return np.asarray(0.45 * sound * np.hanning(length) ** 0.3)
