"""Two brains as one: when the first fails or is slow to begin, the second is asked, within the same patience."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from workers.brain.breaker import Breaker
from workers.pipeline.ports import Brain, BrainError, Reply
from workers.pipeline.values import ReplyRequest, Usage

FIRST_TOKEN = 6.0
"""Seconds until one of them must have begun."""


class FallbackBrain:
    """The first while it is well. `patience` is seconds after which the second is asked as well; who begins first,
    speaks, and the other is hung up on."""

    def __init__(
        self, first: Brain, second: Brain, breaker: Breaker, *, patience: float, first_token: float = FIRST_TOKEN
    ) -> None:
        self.first, self.second, self.breaker = first, second, breaker
        self.patience, self.first_token = patience, first_token

    @property
    def label(self) -> str:
        return self.first.label

    def reply(self, request: ReplyRequest) -> FallbackReply:
        """Nothing is sent before the reply is iterated."""
        return FallbackReply(self, request)


class FallbackReply:
    """One reply while it is made. `usage` counts both brains: who was hung up on is paid all the same."""

    def __init__(self, brain: FallbackBrain, request: ReplyRequest) -> None:
        self._brain = brain
        self._request = request
        self._asked: list[_Asked] = []
        self.label = brain.label
        self.detour = ""
        """Why the first is not the one who speaks, `code: words`."""

    @property
    def usage(self) -> Usage:
        return sum((asked.reply.usage for asked in self._asked), Usage())

    async def __aiter__(self) -> AsyncGenerator[str, None]:
        try:
            speaker = await self._who_begins()
            self.label = speaker.reply.label
            await self._hang_up(on=[asked for asked in self._asked if asked is not speaker])
            if (delta := speaker.begun.result()) is not None:
                yield delta
                async for delta in speaker.deltas:
                    yield delta
        finally:
            await self._hang_up(on=self._asked)

    async def _who_begins(self) -> _Asked:
        """The brain whose first words are there. Raises BrainError where neither begins."""
        breaker = self._brain.breaker
        if not breaker.may_ask():
            self.detour = breaker.trouble
            return await self._first_of([self._ask(self._brain.second)], self._end())
        end, first = self._end(), self._ask(self._brain.first)
        try:
            speaker = await self._first_or_second(first, end)
        except BrainError:
            breaker.failed(self.detour, for_good=first.failed_for_good)
            raise
        except BaseException:
            # Cancelled, or a fault of our own: else nobody would ever try the first again.
            breaker.left()
            raise
        if speaker is first:
            breaker.worked()
            self.detour = ""
        else:
            breaker.failed(self.detour, for_good=first.failed_for_good)
        return speaker

    async def _first_or_second(self, first: _Asked, end: float) -> _Asked:
        patience = self._brain.patience
        await asyncio.wait([first.begun], timeout=patience)
        if first.has_begun:
            return first
        self.detour = first.trouble or f"llm_timeout: {self._brain.first.label} did not begin within {patience:g} s."
        speaker = await self._first_of([first, self._ask(self._brain.second)], end)
        self.detour = first.trouble or self.detour
        return speaker

    async def _first_of(self, asked: list[_Asked], end: float) -> _Asked:
        """Who begins. Raises the first BrainError where none does."""
        loop = asyncio.get_running_loop()
        while waiting := [one.begun for one in asked if not one.begun.done()]:
            if any(one.has_begun for one in asked):
                break
            done, _ = await asyncio.wait(
                waiting, timeout=max(0.0, end - loop.time()), return_when=asyncio.FIRST_COMPLETED
            )
            if not done:
                names = " and ".join(one.reply.label for one in asked)
                message = f"{names} did not begin within {self._brain.first_token:g} s. Try again."
                raise BrainError(message, code="llm_timeout", retryable=True)
        for one in asked:
            if one.has_begun:
                return one
        self.detour = asked[0].trouble
        one = next(one for one in asked if one.error is not None)
        assert one.error is not None
        raise one.error

    def _end(self) -> float:
        return asyncio.get_running_loop().time() + self._brain.first_token

    def _ask(self, brain: Brain) -> _Asked:
        asked = _Asked(brain.reply(self._request))
        self._asked.append(asked)
        return asked

    async def _hang_up(self, *, on: list[_Asked]) -> None:
        for asked in on:
            asked.begun.cancel()
        await asyncio.gather(*(asked.begun for asked in on), return_exceptions=True)
        for asked in on:
            await asked.deltas.aclose()


class _Asked:
    """A reply that was asked for, and its first words on their way."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.deltas: Any = aiter(reply)
        self.begun: asyncio.Task[str | None] = asyncio.create_task(self._begin())

    async def _begin(self) -> str | None:
        """What comes until the first of it can be heard; None from who has nothing to say."""
        begun = ""
        while not begun.strip():
            if (delta := await anext(self.deltas, None)) is None:
                return begun or None
            begun += delta
        return begun

    @property
    def has_begun(self) -> bool:
        return self.begun.done() and not self.begun.cancelled() and self.begun.exception() is None

    @property
    def error(self) -> BrainError | None:
        failed = self.begun.exception() if self.begun.done() and not self.begun.cancelled() else None
        if failed is not None and not isinstance(failed, BrainError):
            raise failed
        return failed

    @property
    def trouble(self) -> str:
        return f"{self.error.code}: {self.error}" if self.error is not None else ""

    @property
    def failed_for_good(self) -> bool:
        return self.error is not None and not self.error.retryable
