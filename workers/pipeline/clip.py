"""One sentence on its way to sound, judged while it is synthesised."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import replace
from typing import Any

from workers.pipeline.ports import Mouth, Voice, VoiceError
from workers.pipeline.speakable.captions import CaptionWords
from workers.pipeline.values import Audio, Sentence, Verdict, VoiceSpec

PART_BACKLOG = 64
"""Parts of a clip that may wait to be sent."""


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
        judge: Callable[[str], Coroutine[Any, Any, Verdict]],
    ) -> None:
        """`spoken`: what voice and mouth are given; the sentence's own text is the caption."""
        self.sentence = sentence
        self.spoken = spoken
        self._caption = CaptionWords(sentence.text, spoken) if spoken != sentence.text else None
        self._voice, self._spec, self._mouth = voice, spec, mouth
        self._room = room
        self._judge = judge
        self._parts: asyncio.Queue[Audio | VoiceError | None] = asyncio.Queue(maxsize=PART_BACKLOG)

    def start(self, group: asyncio.TaskGroup) -> None:
        # The mouth is asked together with the voice: its phonemes are there before the first sound.
        self.track = self._mouth.track(self.spoken, self._spec.language)
        self._verdict = group.create_task(self._judge(self.sentence.text))
        self._work = group.create_task(self._synthesise())

    async def _synthesise(self) -> None:
        try:
            async with contextlib.aclosing(self._voice.speak(self.spoken, self._spec)) as parts:
                async for part in parts:
                    await self._parts.put(part)
            await self._parts.put(None)
        except VoiceError as error:
            await self._parts.put(error)
        finally:
            self._room.release()

    async def verdict(self) -> Verdict:
        return await self._verdict

    async def parts(self) -> AsyncIterator[Audio]:
        """The sound as it is made. Raises VoiceError."""
        while (part := await self._parts.get()) is not None:
            if isinstance(part, VoiceError):
                raise part
            if part.words and self._caption is not None:
                part = replace(part, words=self._caption.move(part.words))
            yield part

    def drop(self) -> None:
        """Nobody will listen: stop the work."""
        self._verdict.cancel()
        self._work.cancel()
