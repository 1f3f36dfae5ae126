"""How often a channel may ask for what costs."""

from __future__ import annotations

import logging

from django.core.cache import cache

log = logging.getLogger(__name__)

MINUTE, HOUR = 60, 3600
"""Seconds."""


def within(name: str, owner: int, most: int, seconds: int) -> bool:
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
