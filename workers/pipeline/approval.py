"""Written replies that wait for a moderator's word. The first word counts; who comes too late changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from workers.pipeline.turn_log import TurnLog

MOST_WAITING = 5
"""Replies that may wait at once, to be approved or to be spoken: more would be stale before anybody has read them."""
REJECTED = "rejected by a moderator"
EXPIRED = "nobody approved it in time"


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of a written reply, and who said so; nobody where its time ran out."""

    approved: bool
    by: str = ""

    @property
    def word(self) -> str:
        return "approved" if self.approved else "rejected" if self.by else "expired"


class ApprovalDesk:
    """The replies of one channel that wait. `tell` is called with each decision, once."""

    def __init__(self, now: Callable[[], float], tell: Callable[[TurnLog, Decision], None]) -> None:
        self._now = now
        self._tell = tell
        self._open: dict[str, asyncio.Future[Decision]] = {}

    async def decision(self, log: TurnLog, seconds: float) -> Decision:
        """Waits for a moderator's word on this reply, for so long."""
        word: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
        self._open[log.id] = word
        log.outcome, log.expires = "waiting", self._now() + seconds
        try:
            async with asyncio.timeout(seconds):
                decision = await word
        except TimeoutError:
            decision = Decision(approved=False)
        finally:
            self._open.pop(log.id, None)
        self._tell(log, decision)
        if decision.approved:
            log.outcome, log.approved_by = "thinking", decision.by
        else:
            log.end("refused", REJECTED if decision.by else EXPIRED)
        return decision

    def decide(self, turn_id: str, *, approved: bool, by: str) -> None:
        """A moderator's word; nothing where the reply waits no more."""
        word = self._open.get(turn_id)
        if word is not None and not word.done():
            word.set_result(Decision(approved, by))
