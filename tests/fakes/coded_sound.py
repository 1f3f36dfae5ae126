"""Position-coded sound: no 40 ms of it sound like any other, so what is heard tells which instant of what it is.

The code is in the wave's shape and not in the value of a sample, so it survives what every voice goes through:
trimming, levelling, resampling. It has one loudness throughout, which the leveller leaves as it is, and nothing above
`HIGHEST_HZ`, so that a jump between two samples is a fault of the player.
"""

from __future__ import annotations

import re
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.fakes.speech_sound import CHARACTERS_PER_SECOND, RATE

LOUDNESS = 0.1
"""RMS while it sounds: the product's own target, so that its gain stays at 1."""
LOWEST_HZ, HIGHEST_HZ = 150.0, 1500.0
PAUSE_SECONDS = 0.25
"""Silence at each punctuation mark and at the end of a clip; the product adds none of its own then."""
EDGE_SECONDS = 0.005
"""How long a word group takes to come up from silence and to go down again."""

PHONES = {
    "p": "PP", "f": "FF", "θ": "TH", "t": "DD", "k": "kk", "ʃ": "CH", "s": "SS",
    "n": "nn", "ɹ": "RR", "a": "aa", "ɛ": "E", "i": "I", "ɔ": "O", "u": "U",
}  # fmt: skip
"""Phone -> the mouth that belongs to it."""
PHONE_SECONDS = (0.08, 0.13)

Samples = npt.NDArray[np.float64]


def coded(text: str) -> bytes:
    """PCM s16le mono 24 kHz for this text, always the same for the same text."""
    generator = np.random.default_rng(zlib.crc32(text.encode()))
    parts = [part for length in _groups(text) for part in (_sound(length, generator), np.zeros(_pause()))]
    if not parts:
        return b""
    return (np.concatenate(parts) * 32768).round().astype("<i2").tobytes()


def phones(text: str) -> list[tuple[str, float, float]]:
    """What this text's sound is said to consist of: phones with begin and end in seconds, none in pauses."""
    generator = np.random.default_rng(zlib.crc32(text.encode()) + 1)
    found: list[tuple[str, float, float]] = []
    begin = 0.0
    for length in _groups(text):
        at, end = begin, begin + length / RATE
        while end - at > 1e-6:
            others = [phone for phone in PHONES if not found or phone != found[-1][0]]
            over = at + generator.uniform(*PHONE_SECONDS)
            over = end if end - over < PHONE_SECONDS[0] else over
            found.append((str(generator.choice(others)), at, over))
            at = over
        begin = end + PAUSE_SECONDS
    return found


def mouths(text: str) -> list[tuple[float, str]]:
    """The mouth that belongs to this text's sound: (second, viseme), each until the next."""
    known: list[tuple[float, str]] = []
    over = 0.0
    for phone, begin, end in phones(text):
        if begin > over + 1e-6:
            known.append((over, "sil"))
        known.append((begin, PHONES[phone]))
        over = end
    return [*known, (over, "sil")] if known else []


def phoneme_timestamps(text: str) -> dict[str, Any]:
    """The same as a field of a speech event, in the way of servers that time their phonemes."""
    names, begins, ends = zip(*phones(text), strict=True) if phones(text) else ((), (), ())
    return {"phoneme_timestamps": {"phonemes": list(names), "start": list(begins), "end": list(ends)}}


def words(text: str) -> list[tuple[str, float, float]]:
    """What this text's sound is said to say: words with begin and end in seconds, by their place in their group."""
    found: list[tuple[str, float, float]] = []
    begin = 0.0
    for group in _runs(text):
        for word in re.finditer(r"\S+", group):
            first, over = (begin + place / CHARACTERS_PER_SECOND for place in word.span())
            found.append((word[0], first, over))
        begin += len(group) / CHARACTERS_PER_SECOND + PAUSE_SECONDS
    return found


def word_timestamps(text: str) -> dict[str, Any]:
    """The same as a field of a speech event, in the way of servers that time their words."""
    names, begins, ends = zip(*words(text), strict=True) if words(text) else ((), (), ())
    return {"word_timestamps": {"words": list(names), "start": list(begins), "end": list(ends)}}


def _runs(text: str) -> list[str]:
    """Each run of words without a punctuation mark."""
    return [run for group in re.split(r"[^\w\s'’-]+", text) if (run := group.strip())]


def _groups(text: str) -> list[int]:
    """Length in samples of each run."""
    return [round(len(run) / CHARACTERS_PER_SECOND * RATE) for run in _runs(text)]


def _pause() -> int:
    return round(PAUSE_SECONDS * RATE)


def _sound(length: int, generator: np.random.Generator) -> Samples:
    """Noise between the two frequencies, equally loud throughout, with soft edges."""
    size = 1 << length.bit_length()  # other sizes may take a hundred times as long
    spectrum = np.fft.rfft(generator.standard_normal(size))
    frequencies = np.fft.rfftfreq(size, 1 / RATE)
    spectrum[(frequencies < LOWEST_HZ) | (frequencies > HIGHEST_HZ)] = 0
    noise = np.fft.irfft(spectrum, size)[:length]
    window = np.hanning(round(0.020 * RATE) | 1)
    loudness = np.sqrt(np.convolve(noise**2, window / window.sum(), "same"))
    noise *= LOUDNESS / np.maximum(loudness, loudness.max() / 4)
    edge = min(round(EDGE_SECONDS * RATE), length // 2)
    slope = 0.5 - 0.5 * np.cos(np.pi * np.arange(edge) / edge)
    noise[:edge] *= slope
    noise[length - edge :] *= slope[::-1]
    return np.asarray(noise)
