"""Sound as a run sends it to overlays, and where it stands in what was heard."""

from __future__ import annotations

from typing import Any

import numpy as np

from channels_app.overlay import protocol
from tests.fakes.coded_sound import coded
from tests.fakes.opus_page import Samples

PCM = coded("Would you rather own seven small elephants or a mouse that plays the trumpet?")
PART = protocol.RATE // 10 * 2
"""Bytes of 100 ms."""
MILLISECOND = protocol.RATE // 1000


def samples(pcm: bytes) -> Samples:
    return np.frombuffer(pcm, "<i2") / 32768


def tone(seconds: float, hertz: float = 440.0) -> bytes:
    wave = 0.2 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * protocol.RATE)) / protocol.RATE)
    return bytes((wave * 32768).astype("<i2").tobytes())


def run_frames(pcm: bytes, utt: int = 1, part: int = PART) -> list[Any]:
    """What a run sends of one utterance."""
    begin = {"t": "speech.begin", "utt": utt, "enc": protocol.PCM, "from": 0, "seq": 0}
    cuts = range(0, len(pcm), part)
    sound = [protocol.audio_frame(1, utt, n, at // 2, pcm[at : at + part]) for n, at in enumerate(cuts)]
    return [begin, *sound, {"t": "speech.end", "utt": utt, "samples": len(pcm) // 2}]


def lag(sound: Samples, original: Samples) -> int:
    """Samples by which the sound comes too late, by the best likeness within 2 ms."""
    most = 2 * MILLISECOND
    middle = original[most : len(original) - most]
    likeness = [float(sound[most + n : most + n + len(middle)] @ middle) for n in range(-most, most + 1)]
    return int(np.argmax(likeness)) - most
