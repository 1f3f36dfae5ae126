"""How long the stages of turns took lately, over all channels."""

from __future__ import annotations

from datetime import datetime, timedelta

from billing.analytics.figures import nearest_rank
from channels_app.dashboard.state import FIRST_SOUND, stage_times
from channels_app.models import Turn

WINDOW = timedelta(minutes=5)
"""What counts as lately."""
MOST_TURNS = 2000
"""Turns that are looked at, the newest: asking must stay cheap on a large site."""
MOST_OF_PART = 200
"""The same of each part of time that is compared with others."""

Times = dict[str, list[int]]
"""Stage -> milliseconds, rising."""


def stages(now: datetime) -> Times:
    """Of each stage what every turn of the last five minutes took."""
    times: Times = {}
    lately = Turn.objects.filter(created_at__gt=now - WINDOW).order_by("-created_at")
    for timings in lately.values_list("timings_ms", flat=True)[:MOST_TURNS]:
        for stage, milliseconds in stage_times(timings).items():
            times.setdefault(stage, []).append(milliseconds)
    return {stage: sorted(values) for stage, values in times.items()}


def seconds(values: list[int], percent: int) -> float:
    """What so many per cent of rising milliseconds do not pass; 0 without any."""
    return (nearest_rank(values, percent) or 0) / 1000


def first_sounds(now: datetime, *, parts: int, length: timedelta) -> list[list[int]]:
    """Rising milliseconds to the first sound in so many parts of time of this length, the last one ending now."""
    return [_first_sounds(now - part * length, length) for part in reversed(range(parts))]


def _first_sounds(end: datetime, length: timedelta) -> list[int]:
    within = Turn.objects.filter(created_at__gt=end - length, created_at__lte=end).order_by("-created_at")
    told = within.values_list("timings_ms", flat=True)[:MOST_OF_PART]
    return sorted(first for timings in told if (first := stage_times(timings).get(FIRST_SOUND)) is not None)
