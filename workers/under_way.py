"""The turns of one run that are under way, until each is written down, and the conversation they become."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

from workers import records
from workers.fleet.lease import Lease
from workers.fleet.runtime import in_db_at_last
from workers.pipeline.bell import Bell
from workers.pipeline.turn_log import KILLED, TurnLog
from workers.pipeline.values import EventKind, Exchange

TRIES = 2
"""How often what was paid is answered when no overlay says that it played."""


class TurnsUnderWay:
    """What is answered now, what is being written down, and what was said before."""

    def __init__(self, lease: Lease) -> None:
        self.history: list[Exchange] = []
        self._lease = lease
        self.floor = Bell()
        """Set when the utterance that was given the floor last has ended."""
        self.floor.set()
        self._turns: dict[str, tuple[TurnLog, asyncio.Task[None]]] = {}
        self._closing: set[asyncio.Task[Any]] = set()
        self._ending: list[TurnLog] = []
        """Turns that are over and not yet part of the conversation."""
        self._unwritten: list[Exchange] = []
        """Part of the conversation, and in no row yet."""
        self._unheard: Counter[int] = Counter()
        """Answers to a paid event that no overlay played."""

    @property
    def logs(self) -> list[TurnLog]:
        """What is answered now, the oldest first."""
        return [turn for turn, _task in self._turns.values()]

    @property
    def count(self) -> int:
        """How many are answered now. May be asked from any thread."""
        return len(self._turns)

    @property
    def unwritten(self) -> list[TurnLog]:
        """What is answered now, and what is over and not in its row yet."""
        return [*self.logs, *self._ending]

    def forget(self, chatter_id: str) -> None:
        """The chatter wants to be forgotten: nothing they are answered is said on or written down."""
        for turn in self.unwritten:
            turn.forgotten = turn.forgotten or has_chatter(turn, chatter_id)
        self.take_back_chatter(chatter_id, "the chatter asked to be forgotten")

    def each(self, which: Callable[[TurnLog], bool], do: Callable[[TurnLog, asyncio.Task[None]], Any]) -> None:
        for turn, task in list(self._turns.values()):
            if which(turn):
                self.in_background(do(turn, task))

    def answers(self, event_id: str) -> bool:
        """Whether this event is being answered."""
        return any(has_event(turn, event_id) for turn in self.logs)

    def add(self, turn: TurnLog, task: asyncio.Task[None]) -> None:
        self._turns[turn.id] = (turn, task)

    def take_floor(self, turn: TurnLog) -> Bell:
        """The floor as this turn gets it: free when all who got it before have ended."""
        floor, self.floor = self.floor, Bell()
        self.in_background(hand_on(self.floor, floor, turn.over))
        return floor

    def end(self, turn: TurnLog) -> None:
        """It is over; `write_down` makes it part of the conversation."""
        self._turns.pop(turn.id, None)
        self._ending.append(turn)

    def cancel(self, which: Callable[[TurnLog], bool], reason: str) -> None:
        for turn, task in list(self._turns.values()):
            if which(turn):
                turn.end("interrupted", reason)
                task.cancel()

    def kill(self, turn_id: str, first: int) -> None:
        """A moderator takes away what is not heard yet of a reply, from this sentence on."""
        for turn, task in list(self._turns.values()):
            if turn.id == turn_id and not turn.kill(first):
                turn.end("interrupted", KILLED)
                task.cancel()

    def take_back(self, answers: Callable[[TurnLog], bool], answered: Callable[[Exchange], bool], reason: str) -> None:
        """What moderators took out of the chat is not answered, and no later answer builds on it."""
        for turn in self.unwritten:
            turn.taken_back = turn.taken_back or answers(turn)
        self.cancel(answers, reason)
        self.history = [past for past in self.history if not answered(past)]

    def take_back_message(self, message_id: str) -> None:
        self.take_back(
            lambda turn: has_event(turn, message_id),
            lambda past: message_id in past.answered,
            "the message was deleted",
        )

    def take_back_chatter(self, chatter_id: str, reason: str) -> None:
        self.take_back(lambda turn: has_chatter(turn, chatter_id), lambda past: chatter_id in past.answered, reason)

    async def read_anew(self, channel_pk: int, readmit: Callable[[list[Exchange]], list[Exchange]]) -> None:
        """The conversation as it stands in the rows now; what stands in none yet stays as it is known here."""
        written = [past for past in self.history if past not in self._unwritten]
        rows = await in_db_at_last(records.past_exchanges, channel_pk)
        known = {past.answered[0] for past in (*written, *rows)}
        fresh = [past for past in self.history if past.answered[0] not in known]
        self.history = [*readmit(rows), *fresh][-records.CONTEXT_TURNS :]

    def in_background(self, work: Coroutine[Any, Any, Any]) -> None:
        """Writes that the inbox does not wait for, and the end of the run does."""
        closing = asyncio.create_task(work)
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def write_down(self, facts: records.ChannelFacts, turn: TurnLog, opened: asyncio.Task[bool]) -> bool:
        """Into its row and into the conversation. Returns whether what was paid waits to be answered once more."""
        await asyncio.wait([opened])
        self._ending.remove(turn)
        past = _exchange(turn) if turn.heard and not turn.taken_back else None
        if past is not None:
            self.history.append(past)
            del self.history[: -records.CONTEXT_TURNS]
            self._unwritten.append(past)
        again = self._may_try_again(turn)
        await in_db_at_last(records.close_turn, facts, self._lease.fence, turn, again)
        if past is not None:
            self._unwritten.remove(past)
        return again

    def _may_try_again(self, turn: TurnLog) -> bool:
        """Whether this was the answer to something paid, and only the overlay's part of it failed."""
        paid_id = turn.events[0].paid_id
        if paid_id is None or turn.outcome != "failed" or turn.fault or turn.heard:
            self._unheard.pop(paid_id or 0, None)
            return False
        self._unheard[paid_id] += 1
        return self._unheard[paid_id] < TRIES

    async def close(self) -> None:
        """Ends every turn and leaves unheard paid events to the next run. Returns when all is written down."""
        for turn, task in list(self._turns.values()):
            turn.abandoned = True
            turn.end("interrupted", "the run ended")
            task.cancel()
        await asyncio.gather(*(task for _turn, task in self._turns.values()), return_exceptions=True)
        while self._turns or self._closing:
            # A finished task's callback, which begins the writing down, runs one step later than this one.
            await asyncio.sleep(0)
            await asyncio.gather(*self._closing, return_exceptions=True)


async def hand_on(floor: Bell, *before: Bell) -> None:
    """Frees the floor when each of these is set: a turn that ended early may have waited for one that still sounds."""
    for event in before:
        await event.wait()
    floor.set()


def has_event(turn: TurnLog, event_id: str) -> bool:
    return any(event.id == event_id for event in turn.events)


def has_chatter(turn: TurnLog, chatter_id: str) -> bool:
    return any(event.chatter.id == chatter_id for event in turn.events)


def _exchange(turn: TurnLog) -> Exchange:
    """A turn that was heard, as part of the conversation."""
    first = turn.admitted.events[0].chatter
    return Exchange(
        first.id,
        first.name,
        "" if turn.lead.kind is EventKind.IDLE else turn.admitted.text,
        turn.heard,
        tuple(name for event in turn.events for name in (event.id, event.chatter.id)),
    )
