"""A stage without overlay, a voice without sound and a mouth that stays shut: the line runs, and nothing leaves it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from workers.pipeline.ports import Brain, Reply, ReplyOfAnother
from workers.pipeline.values import Audio, MouthKey, ReplyRequest, Sentence, Usage, VoiceSpec, WordTime


class EmptyStage:
    """Implements the `Stage` port. Whatever is performed is over at once."""

    has_audience = True

    async def state(self, name: str) -> None:
        """Nobody sees it."""

    def perform(self, turn_id: str) -> UnheardPerformance:
        return UnheardPerformance()


class UnheardPerformance:
    """Keeps the sentences that were let through, with the moods they begin with."""

    utterance = 0
    fault = ""
    playing_at: float | None = None

    def __init__(self) -> None:
        self.sentences: list[Sentence] = []

    @property
    def made_seconds(self) -> float:
        return float(len(self.sentences))

    @property
    def heard_seconds(self) -> float:
        return self.made_seconds

    async def sentence(self, sentence: Sentence) -> None:
        self.sentences.append(sentence)

    async def audio(self, pcm: bytes, keys: Sequence[MouthKey], words: Sequence[WordTime] = ()) -> None:
        """There is no sound."""

    async def finish(self) -> None:
        """Nothing is left to come."""

    async def interrupt(self) -> None:
        """It is silent already."""

    async def reached(self, seconds: float) -> None:
        """At once."""

    async def ended(self) -> None:
        """At once."""


class NoVoice:
    """Implements the `Voice` port: each sentence is one empty part."""

    label = ""

    async def speak(self, text: str, voice: VoiceSpec) -> AsyncGenerator[Audio, None]:
        yield Audio(b"")


class ShutMouth:
    """Implements the `Mouth` port, and the track of every clip."""

    def track(self, text: str, language: str) -> ShutMouth:
        return self

    async def ready(self) -> None:
        """It needs nothing."""

    def feed(self, audio: Audio) -> Sequence[MouthKey]:
        return ()

    def finish(self, heard_ms: float) -> Sequence[MouthKey]:
        return ()


class OverheardBrain:
    """A brain whose words are kept as it wrote them, before anything is taken out of them."""

    def __init__(self, brain: Brain) -> None:
        self._brain = brain
        self.written = ""
        self.request: ReplyRequest | None = None
        self._replies: list[Reply] = []

    @property
    def label(self) -> str:
        return self._brain.label

    def reply(self, request: ReplyRequest) -> OverheardReply:
        self.request = request
        self._replies.append(self._brain.reply(request))
        return OverheardReply(self, self._replies[-1])

    @property
    def usage(self) -> Usage:
        """Of all it was asked."""
        return sum((reply.usage for reply in self._replies), Usage())


class OverheardReply(ReplyOfAnother):
    """One reply of an OverheardBrain."""

    def __init__(self, listener: OverheardBrain, reply: Reply) -> None:
        super().__init__(reply)
        self._listener = listener

    async def __aiter__(self) -> AsyncGenerator[str, None]:
        async with aclosing(super().__aiter__()) as deltas:
            async for delta in deltas:
                self._listener.written += delta
                yield delta
