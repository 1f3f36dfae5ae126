"""The overlay as the line sees it: frames out, acks in. Crosses from the line to the channel layer."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from channels_app import push
from channels_app.overlay import protocol
from workers.fleet import gauges
from workers.pipeline.playout import Playout
from workers.pipeline.values import SAMPLE_RATE, MouthKey, Sentence, WordTime

BYTES_PER_SECOND = SAMPLE_RATE * 2
Send = Callable[[str, dict[str, Any]], Awaitable[Any]]
Frame = Mapping[str, Any] | bytes
REPEAT_FRAMES = 64
"""Frames of a repetition that travel in one message of the channel layer."""
REPEAT_SECONDS = 0.25
"""A page is not told the same utterance again sooner than this."""


class OverlayPerformance:
    """One utterance: the sound of one turn, laid end to end. Implements the `Performance` port."""

    def __init__(self, stage: OverlayStage, turn_id: str, utterance: int) -> None:
        self.turn_id = turn_id
        self.playout = Playout()
        self._stage = stage
        self._utterance = utterance
        self._samples = 0
        self._told: list[dict[str, Any]] = []
        self._frames: list[bytes] = []
        """What was said of it and its sound, for pages that missed some or come in the middle."""
        self._repeated: dict[str, float] = {}
        self._changed = asyncio.Event()
        self._begun = False
        self.interrupted = False
        """A page that was away when it was silenced must hear of it when it comes back."""

    @property
    def utterance(self) -> int:
        return self._utterance

    @property
    def sent_seconds(self) -> float:
        return self._samples / SAMPLE_RATE

    @property
    def playing_at(self) -> float | None:
        return self.playout.playing_at

    @property
    def heard_seconds(self) -> float:
        return self.playout.heard(self._stage.now())

    def hold(self) -> None:
        """Nobody plays it any more: until a page says otherwise, the sound stands where it was."""
        if not self.playout.over:
            self.playout.ack("underrun", self.heard_seconds, self._stage.now())

    async def sentence(self, sentence: Sentence) -> None:
        """A new sentence begins at the present end of the sound: caption, mood."""
        at = round(self.sent_seconds * 1000, 1)
        mood = sentence.mood.value if sentence.mood else None
        new = {"t": "sentence", "utt": self._utterance, "at": at, "text": sentence.text, "mood": mood}
        announced = self._begun
        self._begun = True
        self._told.append(new)
        await self._stage.send([new] if announced else [self._announcement(0.0), new])

    def _announcement(self, begin: float, seq: int = 0) -> dict[str, Any]:
        """`begin`: the second at which a page that does not have the utterance is to come in, with frame `seq`."""
        return {
            "t": "speech.begin",
            "utt": self._utterance,
            "turn": self.turn_id,
            "rate": SAMPLE_RATE,
            "enc": protocol.PCM,
            "from": round(begin * 1000, 1),
            "seq": seq,
        }

    async def audio(self, pcm: bytes, keys: Sequence[MouthKey], words: Sequence[WordTime] = ()) -> None:
        """More sound (PCM s16le at `SAMPLE_RATE`), with mouth keys in ms from the utterance's first sample.

        Mouth, words and sound leave in one message, the sound last: none is ever without its mouth.
        """
        mouth = [[round(key.at, 1), key.viseme.value, round(key.weight, 2)] for key in keys]
        told = [{"t": "mouth", "utt": self._utterance, "v": mouth}] if mouth else []
        if words and (timed := self._timed(words)):
            told.append(timed)
        self._told += told
        sound = list(protocol.audio_frames(self._stage.fence, self._utterance, len(self._frames), self._samples, pcm))
        self._frames += sound
        self._samples += len(pcm) // 2
        self.playout.add(len(pcm) / BYTES_PER_SECOND, self._stage.now())
        await self._stage.send([*told, *sound])

    def _timed(self, words: Sequence[WordTime]) -> dict[str, Any] | None:
        """The words of the sentence told last. A page that comes later needs only their newest times."""
        sentence = next((said for said in reversed(self._told) if said["t"] == "sentence"), None)
        if sentence is None:
            return None
        at, text = sentence["at"], sentence["text"]
        times = [[protocol.units(text[: word.begin]), round(at + word.start * 1000, 1)] for word in words]
        self._told = [said for said in self._told if said["t"] != "words" or said["at"] != at]
        return {"t": "words", "utt": self._utterance, "at": at, "v": times[: protocol.MOST_WORDS]}

    async def finish(self) -> None:
        """No more sound will come. Returns at once; `ended` tells when it was heard."""
        self.playout.complete = True
        if not self._begun:
            self.playout.over = True
        else:
            end = {"t": "speech.end", "utt": self._utterance, "samples": self._samples}
            self._told.append(end)
            await self._stage.send([end])
        self._changed.set()

    async def interrupt(self) -> None:
        """Silence now: 8 ms fade, mouth shut."""
        self.playout.complete = True
        self.playout.give_up(self._stage.now())
        self._changed.set()
        self.interrupted = True
        if self._begun:
            await self._stage.send([{"t": "interrupt", "utt": self._utterance}])

    def ack(self, event: str, position_ms: float) -> None:
        """The audio owner's word."""
        self.playout.ack(event, position_ms / 1000, self._stage.now())
        self._changed.set()

    async def reached(self, seconds: float) -> None:
        """Returns when the sound at `seconds` is being heard, or the utterance is over."""
        while not self.playout.over and self.heard_seconds < seconds:
            rest = seconds - self.heard_seconds
            if self.playout.complete and self.playout.due(self._stage.now()) <= 0:
                return
            await self._wait(max(0.02, min(rest, 1.0)))

    async def ended(self) -> None:
        """Returns when the overlay has played the last sample, was interrupted, or its answer is overdue."""
        while not self.playout.over:
            rest = self.playout.due(self._stage.now())
            if rest <= 0:
                self.playout.give_up(self._stage.now())
                break
            await self._wait(rest)

    async def _wait(self, seconds: float) -> None:
        self._changed.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()

    async def repeat(self, connection: str, seq: int | None) -> None:
        """Tells one page the utterance again: sound from frame `seq` on or, with None, from where it is heard now."""
        now = self._stage.now()
        if not self._begun or now - self._repeated.get(connection, -REPEAT_SECONDS) < REPEAT_SECONDS:
            return
        self._repeated[connection] = now
        begin = self.heard_seconds
        first = self._frame_at(begin) if seq is None else seq
        frames: list[Frame] = [self._announcement(begin, first), *self._told, *self._frames[first:]]
        for start in range(0, len(frames), REPEAT_FRAMES):
            await self._stage.send(frames[start : start + REPEAT_FRAMES], only=connection)

    def _frame_at(self, second: float) -> int:
        """Number of the frame in which this second of the utterance sounds."""
        sample = second * SAMPLE_RATE
        later = (number for number, frame in enumerate(self._frames) if protocol.frame_header(frame)[3] > sample)
        return max(0, next(later, len(self._frames)) - 1)


class OverlayStage:
    """All overlays of one channel. Implements the `Stage` port; `send` is the channel layer's."""

    def __init__(
        self,
        public_id: str,
        *,
        fence: int,
        alive: Callable[[], bool],
        send: Send = push.send,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.fence = fence
        self.now = now
        self.name = "offline"
        self.audience = 0
        """Connected overlay pages, by the presence rows."""
        self._public_id = public_id
        self._alive = alive
        self._send = send
        self._utterances = 0
        self._playing: dict[int, OverlayPerformance] = {}

    @property
    def has_audience(self) -> bool:
        return self.audience > 0

    async def state(self, name: str) -> None:
        """One of `protocol.STATES`; told to overlays and dashboard."""
        self.name = name
        await self.send([{"t": "state", "name": name}])
        await self.tell_dashboards()

    async def tell_dashboards(self) -> None:
        """What she is doing, for dashboards alone."""
        body = {"t": "state", "state": self.name, "fence": self.fence}
        await self._send(push.dashboard_group(self._public_id), {"type": "dashboard.message", "body": body})

    def perform(self, turn_id: str) -> OverlayPerformance:
        """A new utterance."""
        self._utterances += 1
        performance = OverlayPerformance(self, turn_id, self._utterances)
        self._playing = {number: old for number, old in self._playing.items() if not old.playout.over}
        self._playing[self._utterances] = performance
        return performance

    def count(self, audience: int) -> None:
        """So many pages are connected now."""
        if self.audience and not audience:
            for performance in self._playing.values():
                performance.hold()
        self.audience = audience

    async def send(self, frames: Sequence[Frame], only: str | None = None) -> None:
        """Frames to the overlays, with the fence. A run whose lease is over stays silent."""
        if not frames or not self._alive():
            return
        message: dict[str, Any] = {"type": "overlay.frames", "fence": self.fence, "frames": list(frames)}
        if only is not None:
            message["only"] = only
        gauges.HERE.count(gauges.FRAMES, by=len(frames))
        await self._send(push.overlay_group(self._public_id), message)

    async def welcome(self, connection: str, had: Sequence[Sequence[int]]) -> None:
        """For a page that has just come: what she is doing, and what she is saying from where it is needed.

        `had`: (fence, utterance, next frame) of what the page was playing when it was cut off.
        """
        known = {utterance: seq for fence, utterance, seq in had if fence == self.fence}
        # What was given up as unheard would only stand in the way of what comes next.
        over = [number for number in known if (p := self._playing.get(number)) is None or p.interrupted]
        gone = [{"t": "interrupt", "utt": number} for number in over]
        await self.send([*gone, {"t": "state", "name": self.name}], only=connection)
        for number, performance in list(self._playing.items()):
            if not performance.interrupted and (number in known or not performance.playout.over):
                await performance.repeat(connection, known.get(number))

    def on_ack(self, body: Mapping[str, Any]) -> None:
        """An ack from the inbox. Words about another run's utterances are not ours."""
        performance = self._playing.get(int(body["utt"]))
        if performance is not None and performance.turn_id == body["turn"]:
            performance.ack(str(body["event"]), float(body["position_ms"]))

    async def on_missing(self, body: Mapping[str, Any]) -> None:
        """An overlay asks for frames again."""
        performance = self._playing.get(int(body["utt"]))
        if performance is not None and body["fence"] == self.fence and not performance.interrupted:
            await performance.repeat(str(body["connection"]), int(body["seq"]))
