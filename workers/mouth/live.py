"""The mouth port: exact engine timings where a voice brings them, the simple method otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, TimeoutError  # noqa: A004 (what Future.result raises)

import numpy as np

from workers.mouth.engine_timed import EngineTimedTrack
from workers.mouth.keys import KeyWriter
from workers.mouth.simple import SimpleTrack
from workers.mouth.visemes import plan
from workers.pipeline.ports import LineError
from workers.pipeline.values import SAMPLE_RATE, Audio, MouthKey

PhonemesOf = Callable[[str, str], "Future[str]"]
"""Text and language to the phoneme string `visemes.plan` reads; the answer may come later."""
PATIENCE_SECONDS = 0.020
"""How long the first sound waits for its phonemes. They were asked for when the voice was, so they are there."""
FILE_PATIENCE_SECONDS = 10.0
"""The same where the sound comes from a file."""
MEMORY = 0.6
"""How much of the known speaking rate a new clip leaves standing."""


class LiveMouth:
    """The mouth of one channel. It learns how fast the channel's voice speaks."""

    def __init__(self, phonemes_of: PhonemesOf | None = None, *, patience: float = PATIENCE_SECONDS) -> None:
        """Without `phonemes_of` the mouth opens by loudness where a voice brings no timings.

        `patience`: seconds the first sound of a clip may wait for its phonemes; more is for files: nobody listens.
        """
        self._phonemes_of = phonemes_of
        self._patience = patience
        self._rates: dict[str, float] = {}

    def track(self, text: str, language: str) -> LiveTrack:
        """The mouth of one clip. Ask for it when the voice is asked, before the sound comes."""
        phonemes = self._phonemes_of(text, language) if self._phonemes_of is not None and text.strip() else None
        return LiveTrack(
            phonemes, self._patience, self._rates.get(language, 1.0), lambda rate: self._learn(language, rate)
        )

    def _learn(self, language: str, rate: float) -> None:
        known = self._rates.get(language)
        self._rates[language] = rate if known is None else MEMORY * known + (1 - MEMORY) * rate


class LiveTrack:
    """One clip. Keys come with the part of the sound they belong to; the first stands at 0."""

    def __init__(
        self, phonemes: Future[str] | None, patience: float, rate: float, learn: Callable[[float], None]
    ) -> None:
        self._phonemes = phonemes
        self._patience = patience
        self._learn = learn
        self._keys = KeyWriter()
        self._simple = SimpleTrack(self._keys, rate=rate)
        self._timed: EngineTimedTrack | None = None
        self._samples = 0

    def feed(self, audio: Audio) -> Sequence[MouthKey]:
        first = self._samples == 0
        self._samples += len(audio.pcm) // 2
        if audio.phones and self._timed is None:
            self._timed = EngineTimedTrack(self._keys)
        if self._timed is not None:
            self._timed.feed(audio.phones, self._samples / SAMPLE_RATE)
        else:
            self._take_phonemes(self._patience if first else 0)
            pcm = np.frombuffer(audio.pcm, "<i2").astype(np.float32) / np.float32(32768)
            self._simple.feed(pcm)
        if self._keys.last is None and self._samples:
            self._keys.shut(0.0)
        return self._keys.take()

    def finish(self) -> Sequence[MouthKey]:
        if self._timed is not None:
            self._timed.finish()
        elif self._samples:
            rate = self._simple.finish()
            if rate is not None:
                self._learn(rate)
        return self._keys.take()

    def _take_phonemes(self, patience: float) -> None:
        if self._phonemes is None or not (patience or self._phonemes.done()):
            return
        try:
            self._simple.follow(plan(self._phonemes.result(patience)))
        except TimeoutError:
            return
        except (LineError, CancelledError, RuntimeError):
            pass  # no phonemes for this text: the mouth opens by loudness
        self._phonemes = None
