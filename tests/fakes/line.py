"""Neighbours of the line with a script: they behave as told, in loop time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from tests.virtual_time import EPOCH
from workers.pipeline.playout import Playout
from workers.pipeline.ports import LineError
from workers.pipeline.usage import Meter
from workers.pipeline.values import (
    FREE,
    SAMPLE_RATE,
    Action,
    Audio,
    MouthKey,
    Price,
    ReplyRequest,
    Sentence,
    Surface,
    Usage,
    Verdict,
    Viseme,
    VoiceSpec,
    WordTime,
)

PART_SECONDS = 0.1


@dataclass
class TalkingBrain:
    """Says `text` in small deltas, `pause` seconds apart; fails with `error` after `error_after` deltas."""

    text: str = "[happy] Hello there. It is a fine day."
    label: str = "talking brain"
    first: float = 0.35
    pause: float = 0.016
    error: Exception | None = None
    error_after: int = 0
    requests: list[ReplyRequest] = field(default_factory=list)
    cancelled: int = 0

    def reply(self, request: ReplyRequest) -> TalkingReply:
        self.requests.append(request)
        return TalkingReply(self)


class TalkingReply:
    def __init__(self, brain: TalkingBrain) -> None:
        self._brain = brain
        self.usage = Usage()
        self.label, self.detour = brain.label, ""

    async def __aiter__(self) -> AsyncGenerator[str, None]:
        brain = self._brain
        try:
            await asyncio.sleep(brain.first)
            for number, begin in enumerate(range(0, len(brain.text), 4)):
                if brain.error and number >= brain.error_after:
                    raise brain.error
                yield brain.text[begin : begin + 4]
                self.usage = Usage(prompt_tokens=10, completion_tokens=number + 1, exact=True)
                await asyncio.sleep(brain.pause)
            if brain.error:
                raise brain.error
        except asyncio.CancelledError:
            brain.cancelled += 1
            raise


@dataclass
class PacedVoice:
    """Sound of `per_character` seconds, the first part after `first` seconds, then `speed` times real time."""

    label: str = "paced voice"
    first: float = 0.25
    speed: float = 4.0
    per_character: float = 0.07
    error: LineError | None = None
    error_after: int = 0
    price: Price = FREE
    sample: bytes = b"\x10\x00"
    """Its sound, over and over: as it is, next to silence."""
    spoken: list[str] = field(default_factory=list)
    cancelled: int = 0

    async def speak(self, text: str, voice: VoiceSpec) -> AsyncGenerator[Audio, None]:
        self.spoken.append(text)
        try:
            await asyncio.sleep(self.first)
            for number in range(max(1, round(len(text) * self.per_character / PART_SECONDS))):
                if self.error and number >= self.error_after:
                    raise self.error
                yield Audio(self.sample * int(SAMPLE_RATE * PART_SECONDS), price=self.price)
                await asyncio.sleep(PART_SECONDS / self.speed)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise


class OpenMouth:
    """Open with the first part of each clip, shut at its end."""

    def track(self, text: str, language: str) -> OpenTrack:
        return OpenTrack()


class OpenTrack:
    def __init__(self) -> None:
        self._seconds = 0.0

    async def ready(self) -> None:
        pass

    def feed(self, audio: Audio) -> Sequence[MouthKey]:
        first = self._seconds == 0
        self._seconds += len(audio.pcm) / 2 / SAMPLE_RATE
        return [MouthKey(0, Viseme.AA)] if first else []

    def finish(self, heard_ms: float) -> Sequence[MouthKey]:
        return [MouthKey(self._seconds * 1000, Viseme.SIL)]


@dataclass
class MarkerGate:
    """Blocks what holds the word "forbidden"; the endpoint blocks "flagged" after `moderation` seconds."""

    moderation: float = 0.0

    def screen(self, text: str, *, surface: Surface, chatter_id: str = "") -> Verdict:
        return Verdict(Action.DROP, "test.forbidden") if "forbidden" in text else Verdict(Action.ALLOW)

    async def moderate(self, text: str, meter: Meter) -> Verdict:
        await asyncio.sleep(self.moderation)
        return Verdict(Action.DROP, "test.flagged") if "flagged" in text else Verdict(Action.ALLOW)

    def spoken_name(self, name: str) -> str:
        return name

    def deflection(self, language: str) -> str:
        return "Let us talk about something else."


@dataclass
class Shown:
    """One thing the overlay was told, at a second of loop time."""

    at: float
    kind: str
    value: object


class PaperStage:
    """An overlay that plays in loop time and notes everything. `frozen` never acks."""

    def __init__(self, *, frozen: bool = False) -> None:
        self.shown: list[Shown] = []
        self.has_audience = True
        self.frozen = frozen
        self.performances: list[PaperPerformance] = []

    def note(self, kind: str, value: object = None) -> None:
        self.shown.append(Shown(asyncio.get_running_loop().time(), kind, value))

    def kinds(self) -> list[str]:
        return [shown.kind for shown in self.shown]

    def all(self, kind: str) -> list[Shown]:
        return [shown for shown in self.shown if shown.kind == kind]

    async def state(self, name: str) -> None:
        self.note("state", name)

    def perform(self, turn_id: str) -> PaperPerformance:
        performance = PaperPerformance(self, len(self.performances) + 1)
        self.performances.append(performance)
        return performance


class PaperPerformance:
    fault = ""

    def __init__(self, stage: PaperStage, utterance: int) -> None:
        self.utterance = utterance
        self._stage = stage
        self._playout = Playout()

    @property
    def made_seconds(self) -> float:
        return self._playout.sent

    @property
    def playing_at(self) -> float | None:
        begun = self._playout.playing_at
        return None if begun is None else EPOCH + begun

    @property
    def heard_seconds(self) -> float:
        return self._playout.heard(_now())

    async def sentence(self, sentence: Sentence) -> None:
        self._stage.note("sentence", sentence)

    async def audio(self, pcm: bytes, keys: Sequence[MouthKey], words: Sequence[WordTime] = ()) -> None:
        if pcm:
            if self._playout.first_sent_at is None and not self._stage.frozen:
                self._playout.ack("playing", 0, _now())
            self._playout.add(len(pcm) / 2 / SAMPLE_RATE, _now())
            self._stage.note("audio", len(pcm) / 2 / SAMPLE_RATE)
        for key in keys:
            self._stage.note("mouth", key)
        if words:
            self._stage.note("words", tuple(words))

    async def finish(self) -> None:
        self._playout.complete = True
        self._stage.note("finish")

    async def interrupt(self) -> None:
        self._playout.give_up(_now())
        self._stage.note("interrupt", self.heard_seconds)

    async def reached(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds - self.heard_seconds))

    async def ended(self) -> None:
        await asyncio.sleep(max(0.0, self._playout.sent - self.heard_seconds))
        self._playout.ack("ended", self._playout.sent, _now())


def _now() -> float:
    return asyncio.get_running_loop().time()
