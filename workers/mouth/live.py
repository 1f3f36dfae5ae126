"""The mouth port: exact engine timings where a voice brings them, the text's sounds found by ear otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, TimeoutError  # noqa: A004 (what Future.result raises)

import numpy as np

from workers.mouth.classifier import shared_classifier
from workers.mouth.course import course
from workers.mouth.engine_timed import EngineTimedTrack
from workers.mouth.features import Frames
from workers.mouth.heard import HeardTrack
from workers.mouth.keys import KeyWriter
from workers.mouth.memory import Memory
from workers.pipeline.ports import LineError
from workers.pipeline.values import SAMPLE_RATE, Audio, MouthKey

PhonemesOf = Callable[[str, str], "Future[str]"]
"""Text and language to the phoneme string `course.course` reads; the answer may come later."""
PATIENCE_SECONDS = 0.020
"""How long the first sound waits for its phonemes. They were asked for when the voice was, so they are there."""
FILE_PATIENCE_SECONDS = 10.0
"""The same where the sound comes from a file."""


class LiveMouth:
    """The mouth of one channel. It learns how its voice sounds and how fast it speaks."""

    def __init__(
        self,
        phonemes_of: PhonemesOf | None = None,
        *,
        patience: float = PATIENCE_SECONDS,
        is_hurried: Callable[[], bool] = lambda: False,
    ) -> None:
        """Without `phonemes_of` the sounds are guessed where a voice brings no timings.

        `patience`: seconds the first sound of a clip may wait for its phonemes; more is for files: nobody listens.
        `is_hurried`: whether others wait for this process; the end of a clip is then not looked through once more.
        """
        self._is_hurried = is_hurried
        self._phonemes_of = phonemes_of
        self._patience = patience
        self._memory = Memory(shared_classifier().colour)

    def track(self, text: str, language: str) -> LiveTrack:
        """The mouth of one clip. Ask for it when the voice is asked, before the sound comes."""
        phonemes = self._phonemes_of(text, language) if self._phonemes_of is not None and text.strip() else None
        heard = HeardTrack(shared_classifier(), self._memory, language, is_hurried=self._is_hurried)
        return LiveTrack(phonemes, self._patience, heard)

    def whole(self, pcm: bytes, text: str, language: str) -> Sequence[MouthKey]:
        """The mouth of a whole clip in one go: what `finish` tells, without the guesses before."""
        track = self.track(text, language)
        return track.whole(Audio(pcm)) if pcm else []


class LiveTrack:
    """One clip. Keys come with the part of the sound they belong to; the first stands at 0.

    A list of keys replaces all that were given at or after its first.
    """

    def __init__(self, phonemes: Future[str] | None, patience: float, heard: HeardTrack) -> None:
        self._phonemes = phonemes
        self._patience = patience
        self._heard = heard
        self._keys = KeyWriter()
        self._timed: EngineTimedTrack | None = None
        self._samples = 0

    @property
    def settled(self) -> float:
        """Milliseconds before which no shape changes any more, whatever follows."""
        return self._heard.settled if self._timed is None else self._samples / SAMPLE_RATE * 1000

    async def ready(self) -> None:
        """Waits for the phonemes, as long as the first sound may, and lets other clips go on meanwhile."""
        if self._phonemes is not None and not self._phonemes.done():
            waited = asyncio.wrap_future(self._phonemes)
            # What failed is found by whoever takes them.
            waited.add_done_callback(lambda done: done.cancelled() or done.exception())
            await asyncio.wait({waited}, timeout=self._patience)
        self._patience = 0

    def feed(self, audio: Audio) -> Sequence[MouthKey]:
        first = self._samples == 0
        self._samples += len(audio.pcm) // 2
        if audio.phones and self._timed is None:
            self._timed = EngineTimedTrack(self._keys)
            if not first:  # what was guessed so far stays until the first timed key
                self._keys.shut(0.0)
                self._keys.take()
        if self._timed is None:
            self._take_phonemes(self._patience if first else 0)
            return self._heard.feed(_samples(audio))
        self._timed.feed(audio.phones, self._samples / SAMPLE_RATE)
        if self._keys.last is None and self._samples:
            self._keys.shut(0.0)
        return self._keys.take()

    def whole(self, audio: Audio) -> Sequence[MouthKey]:
        """All keys of a clip that is there from the first to the last sample."""
        self._take_phonemes(self._patience)
        return self._heard.whole(_samples(audio))

    def finish(self, heard_ms: float = 0.0) -> Sequence[MouthKey]:
        """The remaining keys, and better ones for what lies after `heard_ms`; the last is `sil`."""
        if self._timed is None:
            return self._heard.finish(heard_ms) if self._samples else []
        self._timed.finish()
        return self._keys.take()

    def _take_phonemes(self, patience: float) -> None:
        if self._phonemes is None or not (patience or self._phonemes.done()):
            return
        try:
            self._heard.follow(course(self._phonemes.result(patience)))
        except TimeoutError:
            return
        except (LineError, CancelledError, RuntimeError):
            pass  # no phonemes for this text: what is heard must do
        self._phonemes = None


def _samples(audio: Audio) -> Frames:
    return np.frombuffer(audio.pcm, "<i2") * np.float32(1 / 32768)
