"""How sound travels to one page: as it comes or, where the page asked for it, as Opus."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from channels_app.overlay import opus, protocol

log = logging.getLogger(__name__)

MANY_REPETITIONS = "it asked for too many repetitions"


class Coding:
    """Takes the frames of a run in the order in which the page gets them. From a page without Opus nothing is kept."""

    def __init__(self) -> None:
        self._voice: opus.OpusVoice | None = None
        self._fence = 0
        self._refused = ""
        self._repeats_left = opus.MOST_REPEATED
        """Seconds of sound that may be coded for this page again."""
        self._repeated_at = 0.0

    def use_opus(self) -> None:
        self._voice = opus.OpusVoice()

    @property
    def costs(self) -> bool:
        """Whether it takes the processor a while."""
        return self._voice is not None

    @property
    def holds(self) -> bool:
        """Whether something waits for the next part."""
        return self._voice is not None and self._voice.holds

    def note_repetition(self, frames: Sequence[opus.Frame]) -> None:
        """Repetitions cost the processor what they cost the page nothing: a page that asks without end gets PCM."""
        now = time.monotonic()
        self._repeats_left = min(opus.MOST_REPEATED, self._repeats_left + now - self._repeated_at)
        self._repeated_at = now
        self._repeats_left -= sum(len(frame) for frame in frames if isinstance(frame, bytes)) / 2 / protocol.RATE
        if self._repeats_left <= 0:
            self._refused = MANY_REPETITIONS

    def take(self, frame: opus.Frame) -> list[opus.Frame]:
        """What the page gets for this frame; PCM from here on when the encoder fails."""
        if self._voice is None:
            return [frame]
        if self._refused:
            return self._pcm_instead(self._voice, self._refused, frame)
        fence = protocol.frame_header(frame)[0] if isinstance(frame, bytes) else frame.get("fence", 0)
        if fence > self._fence:
            # Another run: nothing of the old one goes on.
            self._fence = fence
            self._voice.clear()
        try:
            return self._voice.take(frame)
        except opus.CodingError as error:
            return self._pcm_instead(self._voice, str(error), frame)

    def rest(self) -> list[opus.Frame]:
        """What is left of everything: no more seems to come."""
        if self._voice is None:
            return []
        try:
            return self._voice.rest()
        except opus.CodingError as error:
            return self._pcm_instead(self._voice, str(error))

    def clear(self) -> None:
        """Silence: nothing of what is held back is told any more."""
        if self._voice is not None:
            self._voice.clear()

    def _pcm_instead(self, voice: opus.OpusVoice, reason: str, frame: opus.Frame | None = None) -> list[opus.Frame]:
        """From here on the page gets PCM: what tells it so, and the frame."""
        log.warning("an overlay gets PCM instead of Opus: %s", reason)
        self._voice = None
        return voice.as_pcm(frame)
