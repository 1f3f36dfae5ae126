"""One utterance on its way to the overlays: never far ahead of what is heard, told again to pages that missed some."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from channels_app.overlay import protocol
from workers.pipeline.bell import Bell
from workers.pipeline.playout import Playout
from workers.pipeline.values import SAMPLE_RATE, MouthKey, Sentence, WordTime

Frame = Mapping[str, Any] | bytes
AHEAD_SECONDS = 5.0
"""Sound that may be with the pages and not heard yet. Redis may be away for two seconds and its subscribers for one
more, and what was lost meanwhile is noticed and told again within two: all that time she speaks on. More would be
thrown away when she is cut off, and stale with a page that is slow."""
WAITING_SECONDS = 10.0
"""Sound that may wait here before no more is taken: the longest sentence, whose mouth is better known as a whole, and
not a whole reply that may yet be cut off."""
PATIENCE_SECONDS = 3.0
"""An overlay that stands still for longer keeps no voice waiting: the turn is to end."""
TELL_SECONDS = 1.0
"""So often pages are told how much they were sent: what was lost shows itself, though nothing else may follow."""
REPEAT_FRAMES = 64
"""Frames of a repetition that travel in one message of the channel layer."""
REPEAT_SECONDS = 0.25
"""A page is not told the same utterance again sooner than this."""
KEPT_SECONDS = 2.0
"""So much of the sound that was heard to its end is kept for so long, for a page that missed its last frames. All of it
is most of what a channel takes."""
SOONEST_SECONDS = 0.01
TOO_SLOW = "the overlay was too slow to take the sound"


class Pages(Protocol):
    """What a performance knows of its stage."""

    fence: int
    now: Callable[[], float]

    def send(self, frames: Sequence[Frame], only: str | None = None) -> Awaitable[None]: ...


@dataclass(slots=True)
class Piece:
    """What leaves in one message: the sound last, so that none is ever without its mouth."""

    told: list[dict[str, Any]]
    sound: bytes = b""
    begin: float = 0.0
    """Second of the utterance at which its sound begins."""
    samples: int = 0


class OverlayPerformance:
    """One utterance: the sound of one turn, laid end to end. Implements the `Performance` port."""

    def __init__(self, pages: Pages, turn_id: str, utterance: int) -> None:
        self.turn_id = turn_id
        self.playout = Playout()
        self.fault = ""
        self._pages = pages
        self._utterance = utterance
        self._made_frames = self._made_samples = 0
        """Of the sound there is, sent or not."""
        self._sent_samples = 0
        self._sentence: dict[str, Any] | None = None
        """The newest."""
        self._waiting: deque[Piece] = deque()
        """What is not sent yet, in its order."""
        self._told: list[dict[str, Any]] = []
        self._frames: list[bytes] = []
        """What was sent of it, for pages that missed some or come in the middle."""
        self._let_go = 0
        """So many frames, from the first on, are kept no longer."""
        self._end: dict[str, Any] | None = None
        self._repeated: dict[str, float] = {}
        self._changed = Bell()
        self._order = asyncio.Lock()
        """Whoever holds it sends: nothing overtakes what is on its way."""
        self._pace: asyncio.Task[None] | None = None
        self._told_at = 0.0
        self.interrupted = False
        """A page that was away when it was silenced must hear of it when it comes back."""

    @property
    def utterance(self) -> int:
        return self._utterance

    @property
    def made_seconds(self) -> float:
        return self._made_samples / SAMPLE_RATE

    @property
    def playing_at(self) -> float | None:
        return self.playout.playing_at

    @property
    def _sent_frames(self) -> int:
        return self._let_go + len(self._frames)

    @property
    def heard_seconds(self) -> float:
        return self.playout.heard(self._pages.now())

    def hold(self) -> None:
        """Nobody plays it any more: until a page says otherwise, the sound stands where it was."""
        if not self.playout.over:
            self.ack("underrun", self.heard_seconds * 1000)

    # What the line hands over

    async def sentence(self, sentence: Sentence) -> None:
        """A new sentence begins at the present end of the sound: caption, mood."""
        if self.playout.over:
            return
        at = round(self.made_seconds * 1000, 1)
        mood = sentence.mood.value if sentence.mood else None
        new = {"t": "sentence", "utt": self._utterance, "at": at, "text": sentence.text, "mood": mood}
        first = self._sentence is None
        self._sentence = new
        self._waiting.append(Piece([self._announcement(0.0), new] if first else [new]))
        await self._send_due()

    async def audio(self, pcm: bytes, keys: Sequence[MouthKey], words: Sequence[WordTime] = ()) -> None:
        """More sound (PCM s16le at `SAMPLE_RATE`), with mouth keys in ms from the utterance's first sample.

        Returns when no more than `WAITING_SECONDS` of it wait for their time.
        """
        if self.playout.over:
            return
        mouth = [[round(key.at, 1), key.viseme.value, round(key.weight, 2)] for key in keys]
        told = [{"t": "mouth", "utt": self._utterance, "v": mouth}] if mouth else []
        if words and (timed := self._timed(words)):
            told.append(timed)
        if pcm:
            self._add_sound(pcm, told)
        elif told:
            self._better(told)
        await self._send_due()
        while self._is_full():
            await self._wait(TELL_SECONDS)

    def _timed(self, words: Sequence[WordTime]) -> dict[str, Any] | None:
        """The words of the newest sentence."""
        if self._sentence is None:
            return None
        at, text = self._sentence["at"], self._sentence["text"]
        times = [[protocol.units(text[: word.begin]), round(at + word.start * 1000, 1)] for word in words]
        return {"t": "words", "utt": self._utterance, "at": at, "v": times[: protocol.MOST_WORDS]}

    def _add_sound(self, pcm: bytes, told: list[dict[str, Any]]) -> None:
        made = self._made_frames, self._made_samples
        for frame in protocol.audio_frames(self._pages.fence, self._utterance, *made, pcm):
            samples = (len(frame) - protocol.HEADER_BYTES) // 2
            self._waiting.append(Piece(told, frame, self.made_seconds, samples))
            self._made_frames += 1
            self._made_samples += samples
            told = []
        self.playout.made = self.made_seconds

    def _better(self, told: list[dict[str, Any]]) -> None:
        """Mouth and words as the whole sentence shows them, in place of what waits. What the pages have of the
        sentence is mended at once, and needs not wait for the rest of it."""
        for piece in self._waiting:
            for new in told:
                piece.told = [kept for old in piece.told if (kept := _left_of(old, new))]
        for piece in self._waiting:
            if self._sentence in piece.told:
                piece.told += told
                return
        self._waiting.appendleft(Piece(told))

    async def finish(self) -> None:
        """No more sound will come. Returns at once; `ended` tells when it was heard."""
        self.playout.complete = True
        if self._sentence is None:
            self.playout.over = True
        elif not self.playout.over:
            end = {"t": "speech.end", "utt": self._utterance, "samples": self._made_samples, "seq": self._made_frames}
            self._waiting.append(Piece([end]))
            await self._send_due()
        self._changed.set()

    async def interrupt(self) -> None:
        """Silence now: 8 ms fade, mouth shut. What waits is never sent."""
        self.playout.complete = True
        self.playout.give_up(self._pages.now())
        self._waiting.clear()
        self._changed.set()
        self.interrupted = True
        if self._sentence is not None:
            async with self._order:
                await self._pages.send([{"t": "interrupt", "utt": self._utterance}])

    async def lose(self) -> None:
        """The page that is heard could not take it in time: nobody hears the rest."""
        if not self.playout.over:
            self.fault = TOO_SLOW
            await self.interrupt()

    # What the overlay says of it

    def ack(self, event: str, position_ms: float) -> None:
        """The audio owner's word."""
        self.playout.ack(event, position_ms / 1000, self._pages.now())
        if self.playout.over:
            self._waiting.clear()
            if event == "ended":
                self._let_go_of_what_was_heard()
        self._changed.set()

    def _let_go_of_what_was_heard(self) -> None:
        begin = self._frame_at(self._sent_samples / SAMPLE_RATE - KEPT_SECONDS) - self._let_go
        del self._frames[:begin]
        self._let_go += begin

    async def reached(self, seconds: float) -> None:
        """Returns when the sound at `seconds` is being heard, or the utterance is over."""
        while not self.playout.over and self.heard_seconds < seconds:
            rest = seconds - self.heard_seconds
            if self.playout.complete and self.playout.due(self._pages.now()) <= 0:
                return
            await self._wait(max(0.02, min(rest, 1.0)))

    async def ended(self) -> None:
        """Returns when the overlay has played the last sample, was interrupted, or its answer is overdue."""
        while not self.playout.over:
            rest = self.playout.due(self._pages.now())
            if rest > 0:
                await self._wait(rest)
            elif self._waiting:
                # Pages would wait for the rest of it, and what comes next would wait behind it.
                await self.interrupt()
            else:
                self.playout.give_up(self._pages.now())
                self._changed.set()

    async def _wait(self, seconds: float) -> None:
        self._changed.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()

    # Its pace

    def _is_full(self) -> bool:
        now = self._pages.now()
        waiting = (self._made_samples - self._sent_samples) / SAMPLE_RATE
        return waiting > WAITING_SECONDS and not self.playout.over and self.playout.stalled(now) <= PATIENCE_SECONDS

    def _rest(self) -> float:
        """Seconds until what waits first may be sent; 0 when it may be."""
        if not self._waiting or not self._waiting[0].sound:
            return 0.0
        piece = self._waiting[0]
        end = piece.begin + piece.samples / SAMPLE_RATE
        return max(0.0, end - AHEAD_SECONDS - self.playout.position(self._pages.now()))

    async def _send_due(self) -> None:
        """Sends what may be sent now; what must wait goes when its time has come."""
        async with self._order:
            while self._waiting and self._rest() == 0.0:
                await self._send(self._waiting.popleft())
        if self._pace is None and self._told and not self.playout.over:
            self._told_at = self._pages.now()
            self._pace = asyncio.create_task(self._keep_pace())

    async def _send(self, piece: Piece) -> None:
        for new in piece.told:
            self._note(new)
        if piece.sound:
            self._frames.append(piece.sound)
            self._sent_samples += piece.samples
            self.playout.add(piece.samples / SAMPLE_RATE, self._pages.now())
        await self._pages.send([*piece.told, piece.sound] if piece.sound else piece.told)

    def _note(self, new: dict[str, Any]) -> None:
        """A page that comes later needs only the newest times of a sentence's words, and an announcement of its own."""
        match new["t"]:
            case "speech.begin":
                return
            case "speech.end":
                self._end = new
                return
            case "words":
                self._told = [said for said in self._told if said["t"] != "words" or said["at"] != new["at"]]
        self._told.append(new)

    async def _keep_pace(self) -> None:
        """Until it is over: sends what waits in its time, and tells pages how much there is."""
        while not self.playout.over:
            await self._send_due()
            quiet = self._told_at + TELL_SECONDS - self._pages.now()
            if quiet <= 0:
                self._told_at, quiet = self._pages.now(), TELL_SECONDS
                async with self._order:
                    if not self.playout.over:
                        await self._pages.send([self._standing()])
            # Where the sound stands still, only the overlay's word changes anything.
            rest = self._rest() if self._waiting and not self.playout.stalled(self._pages.now()) else quiet
            await self._wait(max(SOONEST_SECONDS, min(rest, quiet)))
        self._waiting.clear()

    # Once more

    def can_be_told(self, seq: int | None) -> bool:
        """Whether the sound from frame `seq` on is still here; None: from where it is heard."""
        return not self.interrupted and (seq is None or seq >= self._let_go)

    async def repeat(self, connection: str, seq: int | None) -> None:
        """Tells one page the utterance again: sound from frame `seq` on or, with None, from where it is heard now.

        No more of it at once than a page may have ahead: it asks for the rest, as it learns that there is some.
        """
        now = self._pages.now()
        if not self._told or now - self._repeated.get(connection, -REPEAT_SECONDS) < REPEAT_SECONDS:
            return
        self._repeated[connection] = now
        begin = self.heard_seconds
        first = self._frame_at(begin) if seq is None else seq
        sound = self._sound_from(first)
        whole = first + len(sound) >= self._sent_frames
        last = self._end if whole and self._end else self._standing()
        frames: list[Frame] = [self._announcement(begin, first), *self._told, *sound, last]
        for start in range(0, len(frames), REPEAT_FRAMES):
            await self._pages.send(frames[start : start + REPEAT_FRAMES], only=connection)

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

    def _standing(self) -> dict[str, Any]:
        """How much was sent, and whether that is all."""
        sent = {"seq": self._sent_frames, "samples": self._sent_samples, "whole": self._end is not None}
        return {"t": "speech.sent", "utt": self._utterance} | sent

    def _sound_from(self, first: int) -> list[bytes]:
        """Frames from this one on that were sent, `AHEAD_SECONDS` of them at most and at least one."""
        sound: list[bytes] = []
        size = 0
        for frame in self._frames[max(0, first - self._let_go) :]:
            size += len(frame) - protocol.HEADER_BYTES
            if sound and size > AHEAD_SECONDS * SAMPLE_RATE * 2:
                break
            sound.append(frame)
        return sound

    def _frame_at(self, second: float) -> int:
        """Number of the frame in which this second of the utterance sounds."""
        sample = second * SAMPLE_RATE
        later = (place for place, frame in enumerate(self._frames) if protocol.frame_header(frame)[3] > sample)
        return self._let_go + max(0, next(later, len(self._frames)) - 1)


def _left_of(old: dict[str, Any], new: Mapping[str, Any]) -> dict[str, Any] | None:
    """What of an unsent message still holds once the new one is told; None when nothing does."""
    if old["t"] != new["t"]:
        return old
    if old["t"] == "words":
        return old if old["at"] != new["at"] else None
    kept = [key for key in old["v"] if key[0] < new["v"][0][0]]
    return {**old, "v": kept} if kept else None
