"""Her replies as captions alone: silence as long as it takes to read a sentence, and a mouth that stays shut."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from workers.pipeline.values import SAMPLE_RATE, Audio, MouthKey, Viseme, VoiceSpec

LABEL = "captions only"
READ_CHARACTERS = 15.0
"""In a second, as subtitles are timed."""
LEAST_SECONDS = 1.5
PART_SECONDS = 0.2


class CaptionVoice:
    """Takes the place of a voice. It costs nothing."""

    label = LABEL

    async def speak(self, text: str, voice: VoiceSpec) -> AsyncGenerator[Audio, None]:
        seconds = max(LEAST_SECONDS, len(text) / READ_CHARACTERS)
        part = b"\x00\x00" * int(SAMPLE_RATE * PART_SECONDS)
        for _number in range(round(seconds / PART_SECONDS)):
            yield Audio(part, voice=LABEL, stands_in=True)


class ShutMouth:
    """Takes the place of a mouth."""

    def track(self, text: str, language: str) -> ShutTrack:
        return ShutTrack()


class ShutTrack:
    """One clip."""

    def __init__(self) -> None:
        self._samples = 0

    async def ready(self) -> None:
        """It needs nothing."""

    def feed(self, audio: Audio) -> Sequence[MouthKey]:
        is_first = self._samples == 0
        self._samples += len(audio.pcm) // 2
        return [MouthKey(0, Viseme.SIL)] if is_first else []

    def finish(self, heard_ms: float) -> Sequence[MouthKey]:
        return [MouthKey(self._samples * 1000 / SAMPLE_RATE, Viseme.SIL)]
