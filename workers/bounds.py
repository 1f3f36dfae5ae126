"""What one channel may ask of a provider at once and in a minute, and all channels of a process together."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import lru_cache, partial
from weakref import WeakKeyDictionary

from workers.fleet import gauges
from workers.pipeline.ports import Brain, BrainError, Reply, ReplyOfAnother, Voice, VoiceError
from workers.pipeline.turnstile import Turnstile, TurnstileBusy
from workers.pipeline.values import Audio, ReplyRequest, VoiceSpec

PATIENCE = 3.0
"""Seconds a request waits to be let through; later it would be answered too late to be heard in time."""
MINUTE = 60.0
BUSY = {"brain": "brain_busy", "voice": "voice_busy"}
"""Why a request was not made, where it is counted."""
TOKENS_SPENT = "tokens_spent"

_turnstiles: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[str, str], Turnstile]] = WeakKeyDictionary()


def turnstile_of(kind: str, place: str, most: int) -> Turnstile:
    """The way of this loop to one provider. `kind`: brain or voice; `place`: what tells the provider from others."""
    known = _turnstiles.setdefault(asyncio.get_running_loop(), {})
    if (kind, place) not in known:
        turned_away = partial(gauges.HERE.count, gauges.DROPPED, BUSY[kind])
        known[kind, place] = Turnstile(most, turned_away=turned_away)
    return known[kind, place]


class _Call:
    """One request; it shows among those under way. Entering raises TurnstileBusy."""

    def __init__(self, turnstile: Turnstile, channel: str) -> None:
        self._turnstile, self._channel = turnstile, channel
        self._shown = gauges.HERE.watched(gauges.CALLS, lambda: 1, of=channel)

    async def __aenter__(self) -> None:
        await self._turnstile.enter(self._channel, PATIENCE)
        self._shown.__enter__()

    async def __aexit__(self, *_: object) -> None:
        # Nothing is awaited: whatever ends a request, the collector even, its place is free again.
        self._shown.__exit__(None, None, None)
        self._turnstile.leave(self._channel)


class TokenMinute:
    """What a channel's replies of the last minute came to, in tokens read and written."""

    def __init__(self, most: int, clock: Callable[[], float]) -> None:
        """`most`: 0 for any number."""
        self._most, self._clock = most, clock
        self._spent: list[tuple[float, int]] = []

    def add(self, tokens: int) -> None:
        if self._most and tokens:
            self._spent.append((self._clock(), tokens))

    @property
    def is_spent(self) -> bool:
        while self._spent and self._spent[0][0] <= self._clock() - MINUTE:
            del self._spent[0]
        return 0 < self._most <= sum(tokens for _at, tokens in self._spent)


@lru_cache(maxsize=2048)
def minute_of(channel: str, most: int) -> TokenMinute:
    """A channel's minute outlives its line, which is made anew with each change of its settings."""
    return TokenMinute(most, time.monotonic)


class BoundedBrain:
    """A channel's brain behind its provider's turnstile."""

    def __init__(self, brain: Brain, channel: str, turnstile: Turnstile, minute: TokenMinute) -> None:
        self.brain, self.channel, self.turnstile, self.minute = brain, channel, turnstile, minute

    @property
    def label(self) -> str:
        return self.brain.label

    def reply(self, request: ReplyRequest) -> BoundedReply:
        """Nothing is sent before the reply is iterated."""
        return BoundedReply(self, self.brain.reply(request))


class BoundedReply(ReplyOfAnother):
    """One reply while it is made."""

    def __init__(self, bounded: BoundedBrain, reply: Reply) -> None:
        super().__init__(reply)
        self._bounded = bounded

    async def __aiter__(self) -> AsyncGenerator[str, None]:
        bounded = self._bounded
        if bounded.minute.is_spent:
            gauges.HERE.count(gauges.DROPPED, TOKENS_SPENT)
            message = "The channel has used the tokens it may use in a minute. It goes on by itself."
            raise BrainError(message, code="llm_tokens_spent", retryable=False)
        try:
            async with _Call(bounded.turnstile, bounded.channel):
                try:
                    async with aclosing(super().__aiter__()) as deltas:
                        async for delta in deltas:
                            yield delta
                finally:
                    bounded.minute.add(self.usage.prompt_tokens + self.usage.completion_tokens)
        except TurnstileBusy:
            message = f"Too many requests to {self.label} were under way. It goes on by itself."
            raise BrainError(message, code="llm_crowded", retryable=True) from None


class BoundedVoice:
    """A channel's speech provider behind its turnstile."""

    def __init__(self, voice: Voice, channel: str, turnstile: Turnstile) -> None:
        self._voice, self._channel, self._turnstile = voice, channel, turnstile

    @property
    def label(self) -> str:
        return self._voice.label

    async def speak(self, text: str, voice: VoiceSpec) -> AsyncGenerator[Audio, None]:
        """As the voice itself; raises VoiceError (speech_crowded) where it is not let through."""
        try:
            async with (
                _Call(self._turnstile, self._channel),
                aclosing(self._voice.speak(text, voice)) as parts,
            ):
                async for part in parts:
                    yield part
        except TurnstileBusy:
            message = "Too many requests to the speech provider were under way. It goes on by itself."
            raise VoiceError(message, code="speech_crowded", retryable=True) from None
