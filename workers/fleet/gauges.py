"""What a worker process can tell of itself: counters that only rise, and levels that are asked when the heart beats.

Who has something to tell puts it in here; the registry knows neither runs nor providers, and asks nobody anything.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

log = logging.getLogger(__name__)

DROPPED = "dropped"
"""Chat lines that go without an answer because there was too much of them or too little time, by reason."""
FRAMES = "frames"
"""Messages handed to overlays."""
INBOX = "inbox"
"""What waits to be read in the inboxes of runs."""
TURNS = "turns"
"""Turns under way."""
CALLS = "calls"
"""Requests to providers that wait for their answers."""

MOST_REASONS = 24
"""Of one counter; a reason that is made up anew each time must not fill the row it is reported in."""
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Level:
    """One kind of level over all who report it."""

    sum: float = 0.0
    most: float = 0.0
    at: str = ""
    """Who has the most: the public id of a channel, or "" where none stands out."""


class Gauges:
    """The registry of one process. Every method may be called from any thread, and none blocks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted: dict[str, Counter[str]] = {}
        self._watched: dict[str, dict[object, tuple[str, Callable[[], float]]]] = {}

    def count(self, name: str, reason: str = "", by: int = 1) -> None:
        """Something happened. `reason`: a word of a small, fixed set (`inbox_full`), never text of a chatter's."""
        with self._lock:
            reasons = self._counted.setdefault(name, Counter())
            if reason not in reasons and len(reasons) >= MOST_REASONS:
                reason = OTHER
            reasons[reason] += by

    @contextmanager
    def watched(self, name: str, ask: Callable[[], float], *, of: str = "") -> Iterator[None]:
        """While this lasts, `ask` is part of the level `name`. It is asked in the heart's thread: it has to be quick,
        and to read only (`deque.__len__` is fine, a walk through a dict that the loop changes is not)."""
        key = object()
        with self._lock:
            self._watched.setdefault(name, {})[key] = (of, ask)
        try:
            yield
        finally:
            with self._lock:
                del self._watched[name][key]

    def counts(self) -> dict[str, dict[str, int]]:
        """Counter -> reason -> how often since the process began."""
        with self._lock:
            return {name: dict(reasons) for name, reasons in self._counted.items()}

    def levels(self) -> dict[str, Level]:
        """Every level as it stands now."""
        with self._lock:
            asked = {name: list(each.values()) for name, each in self._watched.items()}
        return {name: _level(name, each) for name, each in asked.items()}


def _level(name: str, asked: list[tuple[str, Callable[[], float]]]) -> Level:
    total = most = 0.0
    at = ""
    for of, ask in asked:
        try:
            value = ask()
        except Exception as failure:
            # The heart must not stop for a figure.
            log.warning("the level %s of %s cannot be told (%s)", name, of or "this process", type(failure).__name__)
            continue
        total += value
        if value > most:
            most, at = value, of
    return Level(total, most, at)


HERE = Gauges()
"""The registry of this process."""
