"""The mouth for sound that is already in files: one JSON line in, one out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from workers.mouth.visemes import opening_of
from workers.pipeline.ports import Mouth
from workers.pipeline.values import SAMPLE_RATE, Audio, MouthKey, Viseme
from workers.voice.pcm import seconds, split
from workers.voice.wav import UnknownSoundError, read_wav

CHUNK_SECONDS = 0.020
"""Sound fed at a time when streaming."""


def answer_lines(lines: Iterable[str], mouth: Mouth, *, chunk_seconds: float | None = None) -> Iterator[str]:
    """An answer for each line, as they come. A line that cannot be answered says why in `error`.

    `chunk_seconds` None feeds a whole file at once; `emit` (seconds of sound fed when an entry's shape and start became
    final) is then its end.
    """
    for line in lines:
        if not line.strip():
            continue
        identity: object = None
        try:
            asked = json.loads(line)
            identity = asked.get("id")
            pcm = read_wav(Path(asked["wav"]))
            visemes = entries(pcm, str(asked.get("text", "")), str(asked.get("lang", "en")), mouth, chunk_seconds)
            answer: dict[str, Any] = {"id": identity, "set": "ovr", "visemes": visemes}
        except (ValueError, KeyError, AttributeError, TypeError, OSError, UnknownSoundError) as error:
            answer = {"id": identity, "error": f"{type(error).__name__}: {error}"}
        yield json.dumps(answer, ensure_ascii=False)


def entries(pcm: bytes, text: str, language: str, mouth: Mouth, chunk_seconds: float | None) -> list[dict[str, Any]]:
    """Every shape but silence: start, length, name, opening 0..1, and when it was final (seconds)."""
    track = mouth.track(text, language)
    known: list[tuple[MouthKey, float]] = []
    fed = 0.0
    for part in split(pcm, chunk_seconds or max(1 / SAMPLE_RATE, seconds(pcm))):
        fed += seconds(part)
        known += [(key, fed) for key in track.feed(Audio(part))]
    known += [(key, fed) for key in track.finish()]
    ends = [key.at for key, _ in known[1:]] + [fed * 1000]
    return [
        {
            "t": round(key.at / 1000, 4),
            "dur": round(max(0.0, end - key.at) / 1000, 4),
            "v": key.viseme.value,
            "open": opening_of(key),
            "emit": round(emit, 4),
        }
        for (key, emit), end in zip(known, ends, strict=True)
        if key.viseme is not Viseme.SIL
    ]
