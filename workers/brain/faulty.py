"""A brain that cannot be asked at all: each reply ends with the reason, and the channel lives on."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from workers.pipeline.ports import BrainError
from workers.pipeline.values import ReplyRequest, Usage


class FaultyBrain:
    """In place of one whose address or key is unusable."""

    def __init__(self, label: str, error: BrainError) -> None:
        self.label = label
        self._error = error

    def reply(self, request: ReplyRequest) -> FaultyReply:
        return FaultyReply(self.label, self._error)


class FaultyReply:
    """Raises the error as soon as it is iterated."""

    def __init__(self, label: str, error: BrainError) -> None:
        self.label, self.detour, self.usage = label, "", Usage()
        self._error = error

    async def __aiter__(self) -> AsyncGenerator[str, None]:
        said: tuple[str, ...] = ()
        for delta in said:
            yield delta
        raise self._error
