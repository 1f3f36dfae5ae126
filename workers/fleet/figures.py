"""What a worker process says of itself with each heartbeat: one small value in its own row, read by operators.

It is collected in the heart's thread from the system, the loop and the registry of `gauges`, and knows no run.
"""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from workers.fleet import gauges as names
from workers.fleet.gauges import HERE, Gauges, Level

log = logging.getLogger(__name__)

SLOWLY = 30.0
"""Seconds for which tasks and open files are not counted again: with 1,000 runs that takes as long as all the rest."""
FILES = ("/proc/self/fd", "/dev/fd")
"""Where a process sees its open files: Linux, macOS."""
MOST_LOOKS = 600
"""Looks at the loop that are kept until a heartbeat takes them: one that waits for the database takes a minute's."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One worker process at its last heartbeat. Counters count from its start; None is what its system cannot tell."""

    since: float = 0.0
    """Unix seconds when the process began."""
    late_ms: float = 0.0
    """How much later than asked the loop came back, in the middle since the heartbeat before."""
    latest_ms: float = 0.0
    """The same at its worst."""
    memory: int | None = None
    """Bytes of main memory."""
    threads: int = 0
    tasks: int = 0
    """Of the loop."""
    files: int | None = None
    """Open file descriptors."""
    inbox: int = 0
    """Messages that wait in the inboxes of all its runs."""
    inbox_most: int = 0
    inbox_at: str = ""
    """Public id of the channel with the deepest inbox."""
    turns: int = 0
    """Turns under way."""
    calls: int = 0
    """Requests to providers that wait for their answers."""
    frames: int = 0
    """Frames handed to overlays."""
    lost: int = 0
    """How often it lost its lease and registered anew."""
    dropped: dict[str, int] = field(default_factory=dict)
    """Chat lines that went without an answer for too much of them or too little time, by reason."""

    def as_row(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Figures:
        """What another release wrote is read as far as it is known."""
        known = {each.name for each in fields(cls)}
        return cls(**{name: value for name, value in row.items() if name in known})


class Teller:
    """Collects the figures of this process."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, *, gauges: Gauges = HERE, now: Callable[[], float] = time.time
    ) -> None:
        self._loop = loop
        self._gauges = gauges
        self._now = now
        self._since = now()
        self._counted_at = -SLOWLY
        self._tasks = 0
        self._files: int | None = None
        self._late: deque[float] = deque(maxlen=MOST_LOOKS)

    def looked(self, late: float) -> None:
        """The loop came back so many seconds later than it was asked to."""
        self._late.append(max(0.0, late))

    def tell(self, *, lost: int) -> Figures:
        """Everything now. What the loop was like is told once."""
        self._count_slowly()
        late = sorted(self._late)
        self._late.clear()
        counts, levels = self._gauges.counts(), self._gauges.levels()
        inbox = levels.get(names.INBOX, Level())
        return Figures(
            since=round(self._since, 1),
            late_ms=round(late[len(late) // 2] * 1000, 1) if late else 0.0,
            latest_ms=round(late[-1] * 1000, 1) if late else 0.0,
            memory=memory_bytes(),
            threads=threading.active_count(),
            tasks=self._tasks,
            files=self._files,
            inbox=int(inbox.sum),
            inbox_most=int(inbox.most),
            inbox_at=inbox.at,
            turns=int(levels.get(names.TURNS, Level()).sum),
            calls=int(levels.get(names.CALLS, Level()).sum),
            frames=sum(counts.get(names.FRAMES, {}).values()),
            lost=lost,
            dropped=counts.get(names.DROPPED, {}),
        )

    def _count_slowly(self) -> None:
        if self._now() - self._counted_at < SLOWLY:
            return
        self._counted_at = self._now()
        self._files = open_files()
        try:
            self._tasks = len(asyncio.all_tasks(self._loop))
        except RuntimeError:  # the loop changed them too quickly
            log.info("the tasks of the loop were not counted this time")


def memory_bytes() -> int | None:
    """Main memory this process holds; where only its peak can be told (macOS), that."""
    try:
        return int(Path("/proc/self/statm").read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else None


def open_files() -> int | None:
    """File descriptors this process holds open."""
    for place in FILES:
        try:
            return sum(1 for _ in Path(place).iterdir()) - 1  # the one that lists them
        except OSError:
            continue
    return None
