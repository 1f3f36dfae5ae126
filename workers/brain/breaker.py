"""Whether an endpoint is worth asking: after trouble it is left alone for a while, then tried with a single reply."""

from __future__ import annotations

from collections.abc import Callable

TROUBLE = 3
"""Failures in a row after which it is left alone; one is enough where asking again cannot help (a wrong key)."""
FIRST_REST, LONGEST_REST = 15.0, 300.0
"""Seconds it is left alone; twice as long after each failed try."""


class Breaker:
    """Of one endpoint, shared by all channels of a process that ask it."""

    def __init__(self, now: Callable[[], float]) -> None:
        """`now` is seconds of any clock that never goes back."""
        self._now = now
        self._failures = 0
        self._rest = FIRST_REST
        self._closed_until: float | None = None
        """None while it is asked as usual."""
        self._trying = False
        self.trouble = ""
        """What went wrong last, `code: words`."""

    def may_ask(self) -> bool:
        """Whether to ask now. Whoever is told yes says what came of it: `worked`, `failed` or `left`."""
        if self._closed_until is None:
            return True
        if self._trying or self._now() < self._closed_until:
            return False
        self._trying = True
        return True

    def worked(self) -> None:
        """It has begun to answer."""
        self._failures, self._rest, self._closed_until, self._trying = 0, FIRST_REST, None, False

    def failed(self, trouble: str, *, for_good: bool = False) -> None:
        """It did not answer, or too late. `for_good`: the same question would fail again."""
        self.trouble = trouble
        self._failures += 1
        if self._trying:
            self._rest = min(LONGEST_REST, self._rest * 2)
        elif self._closed_until is not None or (self._failures < TROUBLE and not for_good):
            # Asked before it was closed, or not yet trouble enough.
            return
        self._trying = False
        self._closed_until = self._now() + self._rest

    def left(self) -> None:
        """Nobody waited for its answer: nothing was learned."""
        self._trying = False
