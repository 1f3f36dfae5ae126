"""The mouth for sound that is already in files: one JSON line in, one out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from workers.mouth.live import LiveMouth, LiveTrack
from workers.mouth.visemes import opening_of
from workers.pipeline.speakable.text import speakable
from workers.pipeline.values import Audio, MouthKey, Viseme, revised
from workers.voice.pcm import seconds, split
from workers.voice.wav import UnknownSoundError, read_wav

CHUNK_SECONDS = 0.020
"""Sound fed at a time when streaming."""
LOOKAHEAD_SECONDS = 0.150
"""How much of the sound is there and not yet heard when streaming."""


def answer_lines(lines: Iterable[str], mouth: LiveMouth, *, chunk_seconds: float | None = None) -> Iterator[str]:
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
            language = str(asked.get("lang") or "en")
            text = speakable(str(asked.get("text") or ""), language)
            visemes = entries(pcm, text, language, mouth, chunk_seconds)
            answer: dict[str, Any] = {"id": identity, "set": "ovr", "visemes": visemes}
        except (ValueError, KeyError, AttributeError, TypeError, OSError, UnknownSoundError) as error:
            answer = {"id": identity, "error": f"{type(error).__name__}: {error}"}
        yield json.dumps(answer, ensure_ascii=False)


def entries(
    pcm: bytes, text: str, language: str, mouth: LiveMouth, chunk_seconds: float | None
) -> list[dict[str, Any]]:
    """Every shape but silence: start, length, name, opening 0..1, and when it was final (seconds)."""
    if not pcm:
        return []
    length = seconds(pcm)
    if chunk_seconds is None:
        keys: list[MouthKey] = list(mouth.whole(pcm, text, language))
        final = [length] * len(keys)
    else:
        keys, final = _streamed(pcm, mouth.track(text, language), chunk_seconds)
    ends = [key.at for key in keys[1:]] + [length * 1000]
    return [
        {
            "t": round(key.at / 1000, 4),
            "dur": round(max(0.0, end - key.at) / 1000, 4),
            "v": key.viseme.value,
            "open": opening_of(key),
            "emit": round(emit, 4),
        }
        for key, end, emit in zip(keys, ends, final, strict=True)
        if key.viseme is not Viseme.SIL
    ]


def _streamed(pcm: bytes, track: LiveTrack, chunk_seconds: float) -> tuple[list[MouthKey], list[float]]:
    """The keys as somebody would have seen them who listens `LOOKAHEAD_SECONDS` later, and when each was final."""
    keys: list[MouthKey] = []
    final: list[float] = []
    fed = 0.0
    for part in split(pcm, chunk_seconds):
        fed += seconds(part)
        keys = revised(keys, track.feed(Audio(part)))
        settled = track.settled
        while len(final) < len(keys) and keys[len(final)].at <= settled:
            final.append(fed)
    if fed:
        keys = revised(keys, track.finish(max(track.settled, (fed - LOOKAHEAD_SECONDS) * 1000)))
    return keys, final[: len(keys)] + [fed] * (len(keys) - len(final))
