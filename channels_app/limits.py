"""How often a channel may ask for what costs, and what is done by one at a time."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

from django.core.cache import cache

log = logging.getLogger(__name__)

MINUTE, HOUR = 60, 3600
"""Seconds."""


def within(name: str, owner: int | str, most: int, seconds: int) -> bool:
    """Counts one more; whether it is among the first `most` within `seconds`. Asks Redis: call it in no transaction."""
    try:
        return _counted(f"limit:{name}:{owner}", seconds) <= most
    except Exception as error:
        # Redis is away: better once too often than not at all.
        log.warning("the limit %s was not counted (%s)", name, type(error).__name__)
        return True


def _counted(key: str, seconds: int) -> int:
    cache.add(key, 0, seconds)
    try:
        return int(cache.incr(key))
    except ValueError:
        # The time was over between the two calls.
        cache.set(key, 1, seconds)
        return 1


@contextlib.contextmanager
def alone(task: str, seconds: float) -> Iterator[bool]:
    """Whether nobody else is at this task: where what it asks is slow, thread after thread would wait for it.

    Who died at it holds up the others for `seconds`. Without Redis everybody is let in: that nothing is done twice must
    be in the rows.
    """
    mark = f"alone:{task}"
    try:
        mine = cache.add(mark, 1, seconds)
    except Exception:
        mine = True
    try:
        yield mine
    finally:
        if mine:
            with contextlib.suppress(Exception):
                cache.delete(mark)
