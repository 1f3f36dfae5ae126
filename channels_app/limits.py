"""How often a channel may ask for what costs."""

from __future__ import annotations

from django.core.cache import cache

MINUTE, HOUR = 60, 3600
"""Seconds."""


def within(name: str, owner: int, most: int, seconds: int) -> bool:
    """Counts one more; whether it is among the first `most` within `seconds`."""
    key = f"limit:{name}:{owner}"
    cache.add(key, 0, seconds)
    try:
        return bool(cache.incr(key) <= most)
    except ValueError:
        # The time was over between the two calls.
        cache.set(key, 1, seconds)
        return True
