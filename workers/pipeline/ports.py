"""What the line needs from outside, as protocols. Adapters live in the neighbouring rooms, one small file each."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Protocol

from workers.pipeline.usage import Meter
from workers.pipeline.values import (
    Audio,
    MouthKey,
    ReplyRequest,
    Sentence,
    Surface,
    Usage,
    Verdict,
    VoiceSpec,
    WordTime,
)


class LineError(Exception):
    """A neighbour of the line failed. The message says what failed, how, and what to do; never a secret.

    `retryable` is False when the same call would fail again (a wrong key, an unknown model).
    `code` is a short stable word for logs and the turn history, such as "llm_unauthorised".
    """

    def __init__(self, message: str, *, code: str, retryable: bool, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable
        self.retry_after = retry_after


class BrainError(LineError):
    """The language model gave no usable answer."""


class VoiceError(LineError):
    """The voice gave no usable sound."""


class Metered(Protocol):
    """Something that consumes what somebody may have to pay for."""

    @property
    def usage(self) -> Usage:
        """What it consumed so far: right at any time, also after cancelling."""
        ...


class Reply(Metered, Protocol):
    """A reply while it is made: iterate for text deltas."""

    @property
    def label(self) -> str:
        """Who answers; known once the first delta is there."""
        ...

    @property
    def detour(self) -> str:
        """Why somebody other than the first choice answers, `code: words`; empty where nobody stepped in."""
        ...

    def __aiter__(self) -> AsyncGenerator[str, None]: ...


class ReplyOfAnother:
    """A reply whose words are another's. Implements the `Reply` port; whoever stops iterating it stops that one."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    @property
    def usage(self) -> Usage:
        return self._reply.usage

    @property
    def label(self) -> str:
        return self._reply.label

    @property
    def detour(self) -> str:
        return self._reply.detour

    async def __aiter__(self) -> AsyncGenerator[str, None]:
        async with aclosing(aiter(self._reply)) as deltas:
            async for delta in deltas:
                yield delta


class Brain(Protocol):
    """Something that answers. Iterating the reply raises BrainError; cancelling the task stops the work."""

    @property
    def label(self) -> str:
        """Name shown to people, such as "demo brain" or the model's name."""
        ...

    def reply(self, request: ReplyRequest) -> Reply: ...


class Gate(Protocol):
    """The safety gate. Never raises: what cannot be judged is not allowed."""

    def screen(self, text: str, *, surface: Surface, chatter_id: str = "") -> Verdict:
        """Rules only, pure and quick (< 1 ms): before anything else happens with the text."""
        ...

    async def moderate(self, text: str, meter: Meter) -> Verdict:
        """The configured moderation endpoint, in parallel with synthesis; allow where none is configured. What it costs
        is added to the meter, also when nobody waits for its word any more."""
        ...

    def spoken_name(self, name: str) -> str:
        """The name as it may be said aloud, or `values.UNNAMED` where it may not."""
        ...

    def deflection(self, language: str) -> str:
        """A fixed in-character line that ends a blocked reply."""
        ...


class Voice(Protocol):
    """Something that speaks. Yields audio parts of 20 to 200 ms as they are made; raises VoiceError.

    All parts together are one clip. The first part comes as early as the engine allows.
    """

    @property
    def label(self) -> str: ...

    def speak(self, text: str, voice: VoiceSpec) -> AsyncGenerator[Audio, None]: ...


class MouthTrack(Protocol):
    """The mouth of one clip, fed part by part. Keys are ms from the clip's first sample, rising.

    A list of keys replaces all that were given at or after its first: early ones may be guesses.
    """

    async def ready(self) -> None:
        """Returns when what the first sound needs is there, or will not be in time. Without it `feed` may wait, and
        every channel of the loop with it."""
        ...

    def feed(self, audio: Audio) -> Sequence[MouthKey]:
        """Keys that became known with this part."""
        ...

    def finish(self, heard_ms: float) -> Sequence[MouthKey]:
        """The remaining keys, and better ones for what lies after `heard_ms`; the last one is `sil`."""
        ...


class Mouth(Protocol):
    """Makes a track for each clip."""

    def track(self, text: str, language: str) -> MouthTrack: ...


class Performance(Protocol):
    """One utterance on the overlay: the sound of one turn, laid end to end."""

    @property
    def utterance(self) -> int: ...

    @property
    def made_seconds(self) -> float:
        """How much sound was handed over; some of it may still wait for its time."""
        ...

    @property
    def playing_at(self) -> float | None:
        """When the overlay said that it is heard, Unix seconds."""
        ...

    @property
    def fault(self) -> str:
        """Why it ended before its end without anybody's wish; empty while it did not."""
        ...

    async def sentence(self, sentence: Sentence) -> None:
        """A new sentence begins at the present end of the sound: caption, mood."""
        ...

    async def audio(self, pcm: bytes, keys: Sequence[MouthKey], words: Sequence[WordTime] = ()) -> None:
        """More sound, with mouth keys in ms from the utterance's first sample.

        `words`: all words of the present sentence's caption, in seconds from where the sentence begins; none when
        nothing new is known of them. May wait until more of what there is has been heard.
        """
        ...

    async def finish(self) -> None:
        """No more sound will come. Returns at once; `ended` tells when it was heard."""
        ...

    async def interrupt(self) -> None:
        """Silence now: 8 ms fade, mouth shut."""
        ...

    async def reached(self, seconds: float) -> None:
        """Returns when the sound at `seconds` is being heard, or the utterance is over."""
        ...

    async def ended(self) -> None:
        """Returns when the overlay has played the last sample, was interrupted, or its answer is overdue."""
        ...

    @property
    def heard_seconds(self) -> float:
        """How much of the sound was audible, by the overlay's last word."""
        ...


class Stage(Protocol):
    """The overlay as the line sees it."""

    @property
    def has_audience(self) -> bool:
        """Whether at least one overlay is connected. Without one nothing is synthesised."""
        ...

    async def state(self, name: str) -> None:
        """One of idle, listening, thinking, talking, muted, offline."""
        ...

    def perform(self, turn_id: str) -> Performance:
        """A new utterance. It holds nothing of its turn, which holds it: in a ring the sound would outlive both, until
        the garbage collector's next full look."""
        ...


class Clock(Protocol):
    """Time as the line knows it."""

    def now(self) -> float:
        """Unix seconds."""
        ...
