"""Who is answered and who waits, for the dashboards that are open: told when it changed, twice a second at most."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from workers.pipeline.approval import Decision
from workers.pipeline.bell import Bell
from workers.pipeline.lanes import BATCH, Entry
from workers.pipeline.turn_log import TurnLog
from workers.pipeline.values import EventKind, StreamEvent

PUSH_SECONDS = 0.5
WATCH_SECONDS = 90.0
"""A dashboard asks every 30 s; after three missed times nobody looks any more."""
SHOWN = 20
"""Entries that are told; of the others only how many there are."""
LONGEST_TEXT = 140
LONGEST_NAME = 40

Body = dict[str, Any]


class QueueBoard:
    """One channel's queue on its dashboards. While nobody has watched for a while it costs nothing."""

    def __init__(
        self, look: Callable[[], Body], send: Callable[[Body], Awaitable[Any]], now: Callable[[], float]
    ) -> None:
        self._look = look
        self._send = send
        self._now = now
        self._watched = Bell()
        self._until = 0.0
        self._told: Body | None = None

    def watch(self) -> None:
        """A dashboard is open, or opened just now: it is told at the next beat whether or not anything changed."""
        self._until = asyncio.get_running_loop().time() + WATCH_SECONDS
        self._told = None
        self._watched.set()

    async def keep(self) -> None:
        """Runs for as long as the channel does."""
        loop = asyncio.get_running_loop()
        while True:
            await self._watched.wait()
            while loop.time() < self._until:
                body = self._look()
                if body != self._told:
                    self._told = body
                    # A page's own clock may be wrong, and times run out here.
                    await self._send(body | {"clock": self._now()})
                await asyncio.sleep(PUSH_SECONDS)
            self._watched.clear()


def queue(
    fence: int,
    turns: Sequence[TurnLog],
    waiting: Sequence[Entry],
    *,
    delayed: bool = False,
    asks: bool = False,
    seconds: float = 0,
) -> Body:
    """The queue as the dashboards get it. `delayed`: sentences are held back before they are heard; `asks`: each reply
    is approved first, within so many seconds."""
    return {
        "t": "queue",
        "fence": fence,
        "now": [_turn(turn) for turn in turns if turn.outcome != "waiting"],
        "drafts": [_draft(turn) for turn in turns if turn.outcome == "waiting"],
        "held": [
            _held(turn) for turn in turns if delayed and turn.unheard and turn.outcome in ("thinking", "speaking")
        ],
        "waiting": [_entry(entry) for entry in waiting[:SHOWN]],
        "asks": asks,
        "seconds": seconds,
        "more": max(0, len(waiting) - SHOWN),
    }


def _turn(turn: TurnLog) -> Body:
    """One answer; it may be one to several chatters."""
    told = {"id": turn.id, "name": _names(turn), "state": turn.outcome, "by": turn.approved_by}
    return _event(turn.events[0], turn.choice.text) | told


def _names(turn: TurnLog) -> str:
    names = ", ".join(event.chatter.name[:LONGEST_NAME] for event in turn.events[:BATCH])
    return f"{names} + {len(turn.events) - BATCH}" if len(turn.events) > BATCH else names


def _draft(turn: TurnLog) -> Body:
    """A reply that waits to be approved."""
    return _turn(turn) | {"reply": " ".join(turn.said), "ends": turn.expires, "rule": turn.verdict.rule_id}


def _held(turn: TurnLog) -> Body:
    """What is about to be said of one answer, and from when on; `first`: number of the first such sentence."""
    return _turn(turn) | {"sentences": turn.unheard, "first": len(turn.starts), "leaves": turn.leaves}


def decided(turn: TurnLog, decision: Decision) -> Body:
    """What became of a reply that waited, and who said so."""
    return {"t": "decided", "id": turn.id, "name": _names(turn), "word": decision.word, "by": decision.by}


def _entry(entry: Entry) -> Body:
    return _event(entry.first, entry.first.text) | {
        "at": entry.at,
        "lane": entry.lane.value,
        "why": entry.trigger,
        "chatters": max(1, len(entry.chatters)),
        "chosen": entry.chosen_at is not None,
    }


def _event(event: StreamEvent, text: str) -> Body:
    short = " ".join(text.split())
    return {
        "id": event.id,
        "name": event.chatter.name[:LONGEST_NAME],
        "kind": event.kind.value,
        "amount": event.amount,
        "given": event.title if event.kind is EventKind.TIP else "",
        "text": short if len(short) <= LONGEST_TEXT else short[: LONGEST_TEXT - 1].rstrip() + "…",
        "paid": event.paid,
    }
