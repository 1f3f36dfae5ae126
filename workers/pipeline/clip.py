"""One sentence on its way to sound, judged while it is synthesised."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any

from workers.pipeline.ports import Mouth, Voice, VoiceError
from workers.pipeline.speakable.captions import CaptionWords
from workers.pipeline.speakable.word_times import WordTimes
from workers.pipeline.values import SAMPLE_RATE, Audio, MouthKey, Sentence, Usage, Verdict, VoiceSpec

Judge = Callable[[str], Coroutine[Any, Any, Verdict]]
PART_BACKLOG = 64
"""Parts of a clip that may wait to be sent."""
MOST_JOINED_BYTES = SAMPLE_RATE * 2 // 5
"""Parts that wait go on as one, up to the part that reaches 200 ms: a worker with much to do does less for each second
of sound."""


class Clip:
    """One sentence on its way to sound. The moderation endpoint judges it while it is synthesised."""

    def __init__(
        self,
        voice: Voice,
        mouth: Mouth,
        sentence: Sentence,
        spec: VoiceSpec,
        room: asyncio.Semaphore,
        *,
        spoken: str,
        judge: Judge,
        backlog: int = PART_BACKLOG,
    ) -> None:
        """`spoken`: what voice and mouth are given; the sentence's own text is the caption. `backlog`: parts that may
        wait, 0 for any number."""
        self.sentence = sentence
        self.spoken = spoken
        self._caption = CaptionWords(sentence.text, spoken) if spoken != sentence.text else None
        self.words = WordTimes(sentence.text, self._caption, speed=spec.speed)
        self._voice, self._spec, self._mouth = voice, spec, mouth
        self._room = room
        self._judge = judge
        self._usage = Usage()
        self._made_bytes = 0
        self._parts: asyncio.Queue[Audio | VoiceError | None] = asyncio.Queue(maxsize=backlog)
        self.ready_at = 0.0
        """Second of loop time at which its verdict was in and its first sound was there."""

    def start(self, group: asyncio.TaskGroup) -> None:
        # The mouth is asked together with the voice: its phonemes are there before the first sound.
        self.track = self._mouth.track(self.spoken, self._spec.language)
        self._verdict = group.create_task(self._judged())
        self._work = group.create_task(self._synthesise())

    async def _judged(self) -> Verdict:
        verdict = await self._judge(self.sentence.text)
        self._note_progress()
        return verdict

    def _note_progress(self) -> None:
        """The later of verdict and first sound is what makes it ready."""
        self.ready_at = asyncio.get_running_loop().time()

    async def _synthesise(self) -> None:
        try:
            async with contextlib.aclosing(self._voice.speak(self.spoken, self._spec)) as parts:
                async for part in parts:
                    if not self._usage.characters:
                        self._meter(part)
                        self._note_progress()
                    self._made_bytes += len(part.pcm)
                    await self._parts.put(part)
            await self._parts.put(None)
        except VoiceError as error:
            await self._parts.put(error)
        finally:
            self._room.release()

    def _meter(self, part: Audio) -> None:
        """By its first part: all of them come from one voice."""
        self._usage = usage_of(part, len(self.spoken))

    @property
    def usage(self) -> Usage:
        """The whole text, as soon as anything of it sounds, and the sound made so far."""
        return replace(self._usage, speech_ms=self._made_bytes * 1000 // (SAMPLE_RATE * 2))

    def finish_mouth(self, heard_ms: float) -> Sequence[MouthKey]:
        """The last keys. The search for them takes a megabyte, which nobody needs while the sound is heard."""
        keys = self.track.finish(heard_ms)
        del self.track
        return keys

    async def verdict(self) -> Verdict:
        return await self._verdict

    async def parts(self) -> AsyncIterator[Audio]:
        """The sound as it is made; what has piled up meanwhile comes in one part. Raises VoiceError."""
        ended = False
        while not ended:
            waiting = [await self._parts.get()]
            size = 0
            while not self._parts.empty() and (size := size + _bytes(waiting[-1])) < MOST_JOINED_BYTES:
                waiting.append(self._parts.get_nowait())
            last = waiting[-1]
            ended = not isinstance(last, Audio)
            if sound := [part for part in waiting if isinstance(part, Audio)]:
                yield self._captioned(_joined(sound))
            if isinstance(last, VoiceError):
                raise last

    def _captioned(self, part: Audio) -> Audio:
        """The part with its words' places in the caption."""
        if part.words and self._caption is not None:
            return replace(part, words=self._caption.move(part.words))
        return part

    def drop(self) -> None:
        """Nobody will listen: stop the work."""
        self._verdict.cancel()
        self._work.cancel()


def _bytes(part: Audio | VoiceError | None) -> int:
    return len(part.pcm) if isinstance(part, Audio) else 0


def _joined(parts: Sequence[Audio]) -> Audio:
    """Parts that follow one another as one."""
    if len(parts) == 1:
        return parts[0]
    return replace(
        parts[0],
        pcm=b"".join(part.pcm for part in parts),
        phones=tuple(phone for part in parts for phone in part.phones),
        words=tuple(word for part in parts for word in part.words),
    )


def usage_of(part: Audio, count: int) -> Usage:
    """What so many characters cost in the voice that made this part."""
    price = part.price
    cost = math.ceil(price.micros * count)
    costs = price.micros > 0 or not price.known
    return Usage(
        characters=count,
        cost_micros=cost,
        exact=price.exact,
        priced=price.known,
        provider_characters=count if costs and not price.own else 0,
        own_micros=cost if price.own else 0,
        rates=(price.rate,) if price.rate else (),
    )
