"""The built-in voice for every language: espeak-ng in processes of its own, with exact phone and word times."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
from collections.abc import AsyncGenerator
from concurrent.futures import Future
from contextlib import aclosing

from workers.pipeline.ports import VoiceError
from workers.pipeline.speakable.captions import CaptionWords
from workers.pipeline.values import Audio, PhoneTime, VoiceSpec, WordTime
from workers.voice.espeak_pool import EspeakPool, shared_pool
from workers.voice.language import espeak_language, readable
from workers.voice.pcm import Resampler, to_float, to_pcm

RATE = 22_050
"""Samples per second of espeak-ng."""
WORDS_PER_MINUTE = 165
PITCH = 62
"""0..99; a little above the middle suits the female variants."""
OCTAVE = 82
"""So many of its steps double the pitch, measured on vowels from 0 to 99."""
PITCHES = (0.6, 1.4)
"""How far its steps reach."""
PITCH_RANGE = 58
"""How far her melody rises and falls, in hertz: a higher voice needs more of it."""
LONGEST_TEXT = 4000
"""Characters of one request, as the hosted voices have it."""
EVENTS = b"e"
"""Kind of the frames that tell where phones and words begin."""
TRIES = 4
"""Once in two hundred answers of two busy processes the library forgets what begins in its first sound. Asked twice,
about a clip in a thousand was still without: its first letters are found by ear then, and late."""
VARIANTS = {
    "annie": "Annie",
    "bright": "f3",
    "soft": "f5",
    "linda": "linda",
    "deep": "m3",
}
"""Voice names of the catalogue to espeak-ng's variant files."""
DEFAULT_VARIANT = "annie"


class EspeakVoice:
    """Speaks with espeak-ng. Text in another script than the language's is spoken in a language that can read it."""

    label = "built-in robot voice (espeak-ng)"

    def __init__(self, pool: EspeakPool | None = None) -> None:
        self._pool = pool or shared_pool()

    async def speak(self, text: str, voice: VoiceSpec) -> AsyncGenerator[Audio, None]:
        """Parts of about 100 ms; each brings all phones that begin in it. Raises VoiceError."""
        request = request_for(text, voice)
        corrections, places = _corrections(espeak_language(voice.language, text)), _places(text, voice.language)
        for tries_left in reversed(range(TRIES)):
            clip = _Clip(corrections, places)
            async with aclosing(self._frames(request)) as frames:
                async for kind, payload in frames:
                    if clip.is_new and kind != EVENTS and tries_left:
                        break
                    if (part := clip.feed(kind, payload)) is not None:
                        yield part
                else:
                    for part in clip.finish():
                        yield part
                    return

    async def _frames(self, request: dict[str, object]) -> AsyncGenerator[tuple[bytes, bytes], None]:
        """The frames of one answer."""
        loop = asyncio.get_running_loop()
        frames: asyncio.Queue[tuple[bytes, bytes] | None] = asyncio.Queue()

        def on_frame(kind: bytes, payload: bytes) -> None:
            _call(loop, frames, (kind, payload))

        # The answer is read at full speed whatever pace the listener has, so that no slow listener holds a process.
        work = self._pool.ask(request, on_frame)
        work.add_done_callback(lambda _: _call(loop, frames, None))
        try:
            while (frame := await frames.get()) is not None:
                yield frame
            if not work.cancelled() and (error := work.exception()) is not None:
                raise error
        finally:
            work.cancel()


def request_for(text: str, voice: VoiceSpec) -> dict[str, object]:
    """The request of one sentence for the espeak-ng process."""
    language = espeak_language(voice.language, text)
    variant = VARIANTS.get(voice.name.lower(), VARIANTS[DEFAULT_VARIANT])
    pitch = min(PITCHES[1], max(PITCHES[0], voice.pitch))
    return {
        "voices": [f"{language}+{variant}", f"{language.split('-')[0]}+{variant}", language, "en-us"],
        "text": readable(text, voice.language)[:LONGEST_TEXT],
        "rate": round(min(450, max(80, WORDS_PER_MINUTE * voice.speed))),
        "pitch": round(PITCH + OCTAVE * math.log2(pitch)),
        "range": round(PITCH_RANGE * pitch),
    }


def phonemes(text: str, language: str, pool: EspeakPool | None = None) -> Future[str]:
    """The IPA of a text without speaking it: a line per clause, words parted by spaces, phones by underscores."""
    spoken = espeak_language(language, text)
    voices = [spoken, spoken.split("-")[0], "en-us"]
    return (pool or shared_pool()).phonemes(readable(text, language)[:LONGEST_TEXT], voices, _corrections(spoken))


def _corrections(language: str) -> dict[int, str]:
    """espeak-ng writes the East Slavic ы as a rounded vowel; the lips would pout."""
    return {ord("y"): "ɨ"} if language in {"ru", "be", "uk"} else {}


def _places(text: str, language: str) -> CaptionWords | None:
    """Where the words of the text stand when it had to be written differently for the engine."""
    read = readable(text, language)
    return CaptionWords(text, read) if read != text else None


def _call(
    loop: asyncio.AbstractEventLoop,
    frames: asyncio.Queue[tuple[bytes, bytes] | None],
    frame: tuple[bytes, bytes] | None,
) -> None:
    """Hands a frame to the loop; where that has ended nobody listens any more."""
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(frames.put_nowait, frame)


class _Clip:
    """Puts frames together: sound at the house rate, held back until the end of every phone in it is known."""

    def __init__(self, corrections: dict[int, str], places: CaptionWords | None) -> None:
        self._corrections = corrections
        self._places = places
        self._resampler = Resampler(RATE)
        self._pcm = b""
        self._samples = 0
        self._open: tuple[str, float] | None = None
        self._phones: list[PhoneTime] = []
        self._words: list[WordTime] = []
        self._sounded = False
        self.is_new = True
        """Whether nothing has been fed yet."""

    def feed(self, kind: bytes, payload: bytes) -> Audio | None:
        """The events of a stretch of sound come just before it."""
        self.is_new = False
        if kind == EVENTS:
            for mark in json.loads(payload):
                self._mark(mark)
        else:
            self._samples += len(payload) // 2
            self._pcm += to_pcm(self._resampler.feed(to_float(payload)))
        known = self._samples / RATE if self._open is None else self._open[1]
        return self._part() if self._pcm and known >= self._samples / RATE else None

    def finish(self) -> list[Audio]:
        """The last part, with the last phone's end."""
        self._close(self._samples / RATE)
        self._pcm += to_pcm(self._resampler.finish())
        if not self._sounded:
            raise VoiceError("espeak-ng made no sound of this text.", code="nothing_to_say", retryable=False)
        return [self._part()] if self._pcm else []

    def _part(self) -> Audio:
        words = tuple(self._words)
        part = Audio(self._pcm, tuple(self._phones), self._places.move(words) if self._places else words)
        self._pcm, self._phones, self._words = b"", [], []
        return part

    def _mark(self, mark: list[object]) -> None:
        kind, sample, *rest = mark
        at = float(str(sample)) / RATE
        if kind == "w":
            begin, length = (int(str(value)) for value in rest)
            self._words.append(WordTime(begin - 1, begin - 1 + length, at))
            return
        self._close(at)
        self._sounded = self._sounded or bool(rest[0])
        self._open = (str(rest[0]), at)

    def _close(self, at: float) -> None:
        if self._open is not None and at > self._open[1]:
            phone = self._open[0].translate(self._corrections)
            self._phones.append(PhoneTime(phone, self._open[1], at))
        self._open = None
