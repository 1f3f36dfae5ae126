"""Speaks a text into a WAV file: voice and mouth without a channel."""

from __future__ import annotations

import time
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workers.pipeline.ports import Mouth, Voice
from workers.pipeline.speakable.text import speakable
from workers.pipeline.values import Audio, MouthKey, VoiceSpec, WordTime, revised
from workers.voice.pcm import seconds
from workers.voice.wav import write_wav


@dataclass(frozen=True, slots=True)
class SpokenFile:
    """What was spoken, and how quickly it came. Times in seconds, keys in ms."""

    label: str
    seconds: float
    first_part_seconds: float
    total_seconds: float
    keys: tuple[MouthKey, ...]
    words: tuple[WordTime, ...]
    pcm: bytes

    def as_json(self) -> dict[str, Any]:
        """Plain values; `visemes` is a list of [ms, viseme, weight]."""
        return {
            "voice": self.label,
            "seconds": round(self.seconds, 3),
            "first_part_ms": round(self.first_part_seconds * 1000, 1),
            "real_time_factor": round(self.total_seconds / self.seconds, 4),
            "visemes": [[key.at, key.viseme.value, key.weight] for key in self.keys],
            "words": [[word.begin, word.end, round(word.start, 3)] for word in self.words],
        }


async def speak_to_file(voice: Voice, mouth: Mouth, text: str, spec: VoiceSpec, target: Path) -> SpokenFile:
    """Speaks, writes the WAV, and returns the whole clip with its mouth. Raises VoiceError or OSError."""
    spoken = await speak_whole(voice, mouth, text, spec)
    write_wav(target, spoken.pcm)
    return spoken


async def speak_whole(voice: Voice, mouth: Mouth, text: str, spec: VoiceSpec) -> SpokenFile:
    """The whole clip in memory, as for the dashboard's listen button. Raises VoiceError."""
    began = time.perf_counter()
    first: float | None = None
    parts: list[Audio] = []
    keys: list[MouthKey] = []
    spoken = speakable(text, spec.language)
    track = mouth.track(spoken, spec.language)
    async with aclosing(voice.speak(spoken, spec)) as stream:
        async for part in stream:
            first = first or time.perf_counter() - began
            keys += track.feed(part)
            parts.append(part)
    keys = revised(keys, track.finish(0.0))
    pcm = b"".join(part.pcm for part in parts)
    return SpokenFile(
        label=voice.label,
        seconds=seconds(pcm),
        first_part_seconds=first or 0.0,
        total_seconds=time.perf_counter() - began,
        keys=tuple(keys),
        words=tuple(word for part in parts for word in part.words),
        pcm=pcm,
    )
