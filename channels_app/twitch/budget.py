"""What this application may still ask of Twitch: one bucket of points for all its processes.

Nothing is agreed between them. Each answer tells how much is left, whoever spent it, and who can wait leaves the rest
to those who cannot.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

SIZE = 800.0
"""Points of a full bucket, until Twitch says otherwise."""
REFILL = 10.0
"""Points a second that surely come back. Twitch names 800 a minute, fewer have been seen; each answer corrects us."""
FIRST_REST = 1.0
"""Seconds of silence after a refusal; each further one doubles them, up to the moment Twitch names."""

SOON = 0.05
"""Share of the bucket that is left alone by what a broadcaster waits for."""
STEADY = 0.2
"""By what must come round again and again: who is on air, and Twitch's own list."""
PATIENT = 0.25
"""By what may take hours."""


class Budget:
    """Kept by the client of the application, safe to share between threads.

    `unix` tells the moments that Twitch names, `clock` what passes: a machine whose time of day is set right neither
    stands still for it nor spends what has not come back.
    """

    def __init__(self, unix: Callable[[], float], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._unix, self._clock = unix, clock
        self._lock = threading.Lock()
        self._size = SIZE
        self._left = SIZE
        self._told_at = clock()
        self._asking = 0
        self._refusals = 0
        self._closed_until = 0.0

    def closed(self) -> float:
        """Seconds for which nobody should ask at all."""
        return max(0.0, self._closed_until - self._clock())

    def wait(self, share: float) -> float:
        """Seconds until one may ask who leaves this share of the bucket to the others; 0: now."""
        with self._lock:
            now = self._clock()
            left = min(self._size, self._left + (now - self._told_at) * REFILL) - self._asking
            short = share * self._size + 1 - left
            return max(0.0, self._closed_until - now, short / REFILL)

    def asked(self) -> None:
        """A request is on its way: it may not be counted yet in what other answers tell."""
        with self._lock:
            self._asking += 1

    def answered(self, headers: dict[str, str], *, refused: bool) -> float:
        """What the answer told; `headers` is empty when there was none. Returns the seconds to wait after a refusal."""
        with self._lock:
            self._asking -= 1
            now = self._clock()
            if refused:
                self._left, self._told_at = 0.0, now
                today = self._unix()
                named = max(FIRST_REST, _number(headers, "reset", today + 60) - today)
                rest = min(FIRST_REST * 2.0**self._refusals, named)
                self._refusals = min(self._refusals + 1, 10)
                self._closed_until = now + rest
                return rest
            if "ratelimit-remaining" in headers:
                self._size = _number(headers, "limit", self._size)
                self._left, self._told_at = _number(headers, "remaining", self._left), now
                self._refusals = 0
            return 0.0


def _number(headers: dict[str, str], name: str, otherwise: float) -> float:
    try:
        return float(headers[f"ratelimit-{name}"])
    except (KeyError, ValueError):
        return otherwise
