"""Whether the periodic work goes on: the tick leaves a mark, and whoever asks sees how old it is."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.core.cache import cache

log = logging.getLogger(__name__)

KEY = "fleet.ticked_at"
KEPT_SECONDS = 3600
"""How long the mark is remembered; an older one says the same as none."""


def mark(*, now: Callable[[], float] = time.time) -> None:
    """The tick ran."""
    try:
        cache.set(KEY, now(), KEPT_SECONDS)
    except Exception as failure:
        # The tick's own work is done; a Redis that is away is no reason to call it failed.
        log.info("the tick could not leave its mark (%s)", type(failure).__name__)


def age(*, now: Callable[[], float] = time.time) -> float | None:
    """Seconds since the last tick, None when there was none within the hour. Raises when Redis is away."""
    ticked = cache.get(KEY)
    return None if ticked is None else max(0.0, now() - float(ticked))
