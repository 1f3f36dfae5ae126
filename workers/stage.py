"""The overlay as the line sees it: frames out, acks in. Crosses from the line to the channel layer."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from channels_app import push
from channels_app.overlay import protocol
from workers.pipeline.playout import Playout
from workers.pipeline.values import SAMPLE_RATE, MouthKey, Sentence

BYTES_PER_SECOND = SAMPLE_RATE * 2
Send = Callable[[str, dict[str, Any]], Awaitable[Any]]


class OverlayPerformance:
    """One utterance: the sound of one turn, laid end to end. Implements the `Performance` port."""

    def __init__(self, stage: OverlayStage, turn_id: str, utterance: int, on_playing: Callable[[], None]) -> None:
        self.turn_id = turn_id
        self.playout = Playout()
        self._on_playing = on_playing
        self._stage = stage
        self._utterance = utterance
        self._samples = 0
        self._frames: list[bytes] = []
        """What was sent, to repeat what an overlay missed."""
        self._changed = asyncio.Event()
        self._begun = False

    @property
    def utterance(self) -> int:
        return self._utterance

    @property
    def sent_seconds(self) -> float:
        return self._samples / SAMPLE_RATE

    @property
    def heard_seconds(self) -> float:
        return self.playout.heard(self._stage.now())

    async def sentence(self, sentence: Sentence) -> None:
        """A new sentence begins at the present end of the sound: caption, mood."""
        at = round(self.sent_seconds * 1000, 1)
        frames: list[dict[str, Any] | bytes] = []
        if not self._begun:
            self._begun = True
            frames.append(
                {
                    "t": "speech.begin",
                    "utt": self._utterance,
                    "turn": self.turn_id,
                    "rate": SAMPLE_RATE,
                    "enc": protocol.ENCODING,
                }
            )
        mood = sentence.mood.value if sentence.mood else None
        frames.append({"t": "sentence", "utt": self._utterance, "at": at, "text": sentence.text, "mood": mood})
        await self._stage.send(frames)

    async def audio(self, pcm: bytes, keys: Sequence[MouthKey]) -> None:
        """More sound (PCM s16le at `SAMPLE_RATE`), with mouth keys in ms from the utterance's first sample.

        Mouth and sound leave in one message, the mouth first: no sound is ever without its mouth.
        """
        frames: list[dict[str, Any] | bytes] = []
        if keys:
            frames.append(
                {
                    "t": "mouth",
                    "utt": self._utterance,
                    "v": [[round(key.at, 1), key.viseme.value, round(key.weight, 2)] for key in keys],
                }
            )
        sound = list(protocol.audio_frames(self._stage.fence, self._utterance, len(self._frames), self._samples, pcm))
        self._frames += sound
        self._samples += len(pcm) // 2
        self.playout.add(len(pcm) / BYTES_PER_SECOND, self._stage.now())
        await self._stage.send(frames + list(sound))

    async def finish(self) -> None:
        """No more sound will come. Returns at once; `ended` tells when it was heard."""
        self.playout.complete = True
        if not self._begun:
            self.playout.over = True
        else:
            await self._stage.send([{"t": "speech.end", "utt": self._utterance, "samples": self._samples}])
        self._changed.set()

    async def interrupt(self) -> None:
        """Silence now: 8 ms fade, mouth shut."""
        self.playout.complete = True
        self.playout.give_up(self._stage.now())
        self._changed.set()
        if self._begun:
            await self._stage.send([{"t": "interrupt", "utt": self._utterance}])

    def ack(self, event: str, position_ms: float) -> None:
        """The audio owner's word."""
        first = event == "playing" and self.playout.playing_at is None
        self.playout.ack(event, position_ms / 1000, self._stage.now())
        if first:
            self._on_playing()
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
            if rest <= 0 or not self._stage.has_audience:
                self.playout.give_up(self._stage.now())
                break
            await self._wait(rest)

    async def _wait(self, seconds: float) -> None:
        self._changed.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), seconds)

    async def repeat(self, connection: str, seq: int) -> None:
        """Sends one overlay again what it missed, from frame `seq` on."""
        await self._stage.send(list(self._frames[seq:]), only=connection)


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
        self.name = "idle"
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
        await self._send(
            push.dashboard_group(self._public_id),
            {"type": "dashboard.message", "body": {"t": "state", "state": name, "fence": self.fence}},
        )

    async def mood(self, name: str, milliseconds: int = 400) -> None:
        """Mood outside speech."""
        await self.send([{"t": "mood", "name": name, "ms": milliseconds}])

    def perform(self, turn_id: str, on_playing: Callable[[], None]) -> OverlayPerformance:
        """A new utterance; `on_playing` is called when the overlay says it is heard."""
        self._utterances += 1
        performance = OverlayPerformance(self, turn_id, self._utterances, on_playing)
        self._playing = {number: old for number, old in self._playing.items() if not old.playout.over}
        self._playing[self._utterances] = performance
        return performance

    async def send(self, frames: Sequence[Mapping[str, Any] | bytes], only: str | None = None) -> None:
        """Frames to the overlays, with the fence. A run whose lease is over stays silent."""
        if not frames or not self._alive():
            return
        message: dict[str, Any] = {"type": "overlay.frames", "fence": self.fence, "frames": list(frames)}
        if only is not None:
            message["only"] = only
        await self._send(push.overlay_group(self._public_id), message)

    async def repeat_state(self) -> None:
        """For a page that has just come: what she is doing now."""
        await self.send([{"t": "state", "name": self.name}])

    def on_ack(self, body: Mapping[str, Any]) -> None:
        """An ack from the inbox. Words about another run's utterances are not ours."""
        performance = self._playing.get(int(body["utt"]))
        if performance is not None and performance.turn_id == body["turn"]:
            performance.ack(str(body["event"]), float(body["position_ms"]))

    async def on_missing(self, body: Mapping[str, Any]) -> None:
        """An overlay asks for frames again."""
        performance = self._playing.get(int(body["utt"]))
        if performance is not None and body["fence"] == self.fence:
            await performance.repeat(str(body["connection"]), int(body["seq"]))
