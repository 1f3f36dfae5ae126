"""What a channel's mouth remembers of its voice from sentence to sentence: level, colour and pace."""

from __future__ import annotations

import numpy as np

from workers.mouth.features import DEPTH, LOUD, TYPICAL_TOP, Frames, Voice

KEPT = 0.6
"""How much of what is known a new clip leaves standing."""
SURE_FRAMES = 50
"""Frames of speech after which a clip's own level counts and no longer the remembered one."""
TRUST, TRUST_TYPICAL = 80.0, 30.0
"""Loud frames that a remembered colour, and a typical voice's, are worth."""
QUIETEST_TOP = TYPICAL_TOP - 7.0
"""What is quieter (30 dB under the house level) is no voice."""
QUIET = 4.0
"""Nepers over the quietest frame at which something is said."""


class Memory:
    """The voice as earlier clips showed it."""

    def __init__(self, typical_colour: Frames) -> None:
        self.voice: Voice | None = None
        self.typical_colour = typical_colour
        self._rates: dict[str, float] = {}

    def rate(self, language: str) -> float:
        return self._rates.get(language, 1.0)

    def learn_rate(self, language: str, rate: float) -> None:
        known = self._rates.get(language)
        self._rates[language] = rate if known is None else KEPT * known + (1 - KEPT) * rate

    def refine(self, heard: Voice, frames: int) -> Voice:
        """The voice of a whole clip of so many frames, with what is known besides."""
        known = self.typical_colour if self.voice is None else self.voice.colour - self.voice.top
        trust = TRUST_TYPICAL if self.voice is None else TRUST
        top = max(heard.top, QUIETEST_TOP)
        expected = known + np.float32(top)
        colour = (heard.colour * frames + expected * np.float32(trust)) / np.float32(frames + trust)
        return Voice(top, np.asarray(colour, np.float32))

    def learn_voice(self, heard: Voice) -> None:
        known = self.voice
        if known is None or abs(known.top - heard.top) > LOUD:  # another voice, or the same through another line
            self.voice = heard
        else:
            colour = KEPT * known.colour + (1 - KEPT) * heard.colour
            self.voice = Voice(KEPT * known.top + (1 - KEPT) * heard.top, colour)


class Ears:
    """Level and colour of a clip's voice while it streams in: remembered first, then more and more its own."""

    def __init__(self, memory: Memory) -> None:
        known = memory.voice
        self._expected = TYPICAL_TOP if known is None else known.top
        self._colour = memory.typical_colour if known is None else known.colour - known.top
        self._trust = TRUST_TYPICAL if known is None else TRUST
        self._peak = -np.inf
        self._quietest = np.inf
        self._speaking = 0
        self._loud_sum = np.zeros_like(self._colour)
        self._loud = 0

    def hear(self, spectra: Frames) -> list[float]:
        """More frames of the clip; how loud each is in its loudest band."""
        if not len(spectra):
            return []
        loudest: list[float] = np.maximum.reduce(spectra, axis=1).tolist()
        self._peak = max(self._peak, *loudest)
        self._quietest = min(self._quietest, *loudest)
        speech = max(self._quietest + QUIET, self._peak - DEPTH / 2)
        self._speaking += len([value for value in loudest if value > speech])
        least = self.top - LOUD
        loud = [index for index, value in enumerate(loudest) if value > least]
        if loud:
            # Mostly all are loud or none: no copy then.
            self._loud_sum = self._loud_sum + np.add.reduce(spectra if len(loud) == len(spectra) else spectra[loud])
            self._loud += len(loud)
        return loudest

    @property
    def top(self) -> float:
        """The expectation gives way to what was heard within `SURE_FRAMES` of speech."""
        return max(self._peak, self._expected - DEPTH * self._speaking / SURE_FRAMES, QUIETEST_TOP)

    @property
    def voice(self) -> Voice:
        top = self.top
        expected = self._colour + np.float32(top)
        colour = (self._loud_sum + np.float32(self._trust) * expected) / np.float32(self._loud + self._trust)
        return Voice(top, np.asarray(colour, np.float32))
