"""What she says of her own accord when nobody has called her for a while: when, and about what. Pure.

The broadcaster chooses the silence she bears. No topic comes twice within `TOPIC_REST`; when all are told she is
silent.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Iterable
from dataclasses import dataclass

from workers.pipeline.director import Choice
from workers.pipeline.triggers import Lane
from workers.pipeline.values import Chatter, EventKind, StreamEvent

TOPIC_REST = 20 * 60.0
"""Seconds before a topic may come again."""
ALONE_SECONDS = 60 * 60.0
"""After so long without a word or an event from anybody she waits for somebody to come: nobody may be there."""
TRIGGER = "idle"
NOBODY = Chatter(id="", name="")


@dataclass(frozen=True, slots=True)
class Topic:
    """Something to talk about. `kind` is where it comes from: own, persona, channel, stream."""

    key: str
    kind: str
    text: str


def topic(kind: str, text: str) -> Topic:
    """A topic whose key follows from its text alone, so that the next run knows it again."""
    return Topic(f"{kind}-{hashlib.blake2b(text.encode(), digest_size=6).hexdigest()}", kind, text)


class IdleTalk:
    """One channel's idle talk. `stir` whenever there was something to hear; `choice` when she may speak."""

    def __init__(self, *, rng: random.Random) -> None:
        self._rng = rng
        self._seconds = 0
        self._topics: tuple[Topic, ...] = ()
        self._told: dict[str, float] = {}
        self._last = -math.inf
        self._company = -math.inf
        self._count = 0

    def use(self, seconds: int, topics: Iterable[Topic]) -> None:
        """`seconds` of silence, 0 for never."""
        self._seconds, self._topics = seconds, tuple(topics)

    @property
    def is_on(self) -> bool:
        return self._seconds > 0

    def recall(self, told: Iterable[tuple[str, float]]) -> None:
        """Topics told before this run, with when."""
        for key, at in sorted(told, key=lambda pair: pair[1]):
            self._tell(key, at)

    def stir(self, now: float) -> None:
        """The silence begins anew."""
        self._last = max(self._last, now)

    def company(self, now: float) -> bool:
        """Somebody is there: wrote, followed, or opened the overlay. Whether she was alone, and may talk now."""
        was_alone = self.is_on and self._is_alone(now)
        self._company = max(self._company, now)
        return was_alone

    def next_wake(self, now: float) -> float | None:
        """Seconds (> 0) until she would speak; None if she will not."""
        if not self.is_on or self._is_alone(now) or not self._open_topics(now):
            return None
        return max(0.01, self._last + self._seconds - now)

    def choice(self, now: float) -> Choice | None:
        """What to say now, or None. Its topic counts as told."""
        if not self.is_on or now < self._last + self._seconds or self._is_alone(now):
            return None
        open_topics = self._open_topics(now)
        if not open_topics:
            return None
        # By kind first: ours are many, and would crowd out what belongs to this very stream.
        kind = self._rng.choice(sorted({each.kind for each in open_topics}))
        chosen = self._rng.choice([each for each in open_topics if each.kind == kind])
        self._tell(chosen.key, now)
        self.stir(now)
        self._count += 1
        event_id = f"idle.{chosen.key}.{round(now)}.{self._count}"
        event = StreamEvent(event_id, EventKind.IDLE, NOBODY, chosen.text, now, title=chosen.key)
        return Choice((event,), TRIGGER, Lane.CHATTER.value, chosen.text)

    def _is_alone(self, now: float) -> bool:
        return now - self._company > ALONE_SECONDS

    def _open_topics(self, now: float) -> list[Topic]:
        return [each for each in self._topics if now - self._told.get(each.key, -math.inf) >= TOPIC_REST]

    def _tell(self, key: str, at: float) -> None:
        self._told.pop(key, None)
        self._told = {told: when for told, when in self._told.items() if at - when <= TOPIC_REST} | {key: at}


def topic_of(event_id: str) -> str:
    """The key of the topic an idle turn was about, by the id of its event."""
    return event_id.split(".")[1] if event_id.count(".") == 3 else ""
