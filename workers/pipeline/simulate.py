"""The real director run over a recorded chat on virtual time: which messages she would have answered, and when."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workers.pipeline.director import Director
from workers.pipeline.values import Chatter, EventKind, PersonaSnapshot, StreamEvent, Triggers

UNLIMITED = 10_000
"""Replies per minute: in a simulation the length of a reply is the only limit."""


class TraceError(Exception):
    """A line of the trace cannot be read. The message names the line and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """A moderator removes a message. `at` is seconds of the trace."""

    at: float
    id: str


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: to think, to speak, and for each further message answered in the same reply."""

    think: float = 1.8
    speech: float = 6.0
    more: float = 2.5

    def seconds(self, messages: int) -> float:
        return self.think + self.speech + self.more * (messages - 1)


@dataclass(frozen=True, slots=True)
class Answered:
    """One reply: the slot it took, in seconds of the trace, and the messages it answered."""

    t_start: float
    t_end: float
    ids: tuple[str, ...]


def read_trace(lines: Iterable[str]) -> Iterator[StreamEvent]:
    """JSON lines {"id","t","user","text","bits"} as events, rising in time. Raises TraceError."""
    last = -math.inf
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            event = _event(row)
        except (ValueError, KeyError, TypeError) as error:
            raise TraceError(
                f"Line {number} of the trace is unreadable ({error!r}): give an object with id, t, user and text."
            ) from error
        if event.at < last:
            raise TraceError(f"Line {number} of the trace is earlier than the line before: sort the trace by t.")
        last = event.at
        yield event


def _event(row: dict[str, object]) -> StreamEvent:
    bits = int(str(row.get("bits") or 0))
    user = str(row["user"])
    return StreamEvent(
        id=str(row["id"]),
        kind=EventKind.CHEER if bits > 0 else EventKind.MESSAGE,
        chatter=Chatter(user, user),
        text=str(row["text"]),
        at=float(str(row["t"])),
        amount=bits,
    )


def simulated_director(name: str, seed: int) -> Director:
    """Of somebody who answers whatever is worth it, and listens closely to who calls her."""
    triggers = Triggers(
        misspelt=True, question=True, every_message=True, command=f"!{name}", replies_per_minute=UNLIMITED
    )
    return Director(PersonaSnapshot(0, name, "", "", "en", triggers), rng=random.Random(seed))


def simulate(events: Iterable[StreamEvent | Deleted], *, name: str, pace: Pace, seed: int = 0) -> Iterator[Answered]:
    """Replies in their order."""
    director = simulated_director(name, seed)

    def happens(event: StreamEvent | Deleted) -> None:
        if isinstance(event, Deleted):
            director.forget(event.id)
        else:
            director.offer(event, event.at)

    arrivals = iter(events)
    coming = next(arrivals, None)
    now = coming.at if coming else 0.0
    while True:
        while coming is not None and coming.at <= now:
            happens(coming)
            coming = next(arrivals, None)
        choice = director.pick(now)
        if choice is not None:
            end = now + pace.seconds(len(choice.events))
            yield Answered(now, end, tuple(event.id for event in choice.events))
            while coming is not None and coming.at <= end:
                happens(coming)
                coming = next(arrivals, None)
            director.answered(choice, end)
            now = end
            continue
        wake = director.next_wake(now)
        if coming is None and wake is None:
            return
        now = min(coming.at if coming else math.inf, now + wake if wake is not None else math.inf)
