"""The end of a run whose plan has no live time left: one line aloud, then she is stopped and the page says why."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from billing import saving
from billing.models import Budget
from channels_app.models import Channel
from workers.fleet.runtime import in_db, in_db_at_last
from workers.own_words import OwnWords
from workers.pipeline.director import Director
from workers.records import ChannelFacts
from workers.under_way import TurnsUnderWay

FAREWELLS = {
    "en": "That was all my time on air for now. Take care, everybody, and see you soon!",
    "ru": "На этом моё время в эфире пока закончилось. Берегите себя, до скорой встречи!",
}
"""Where the owner wrote none."""
LONGEST_GOODBYE = 30.0
"""Seconds for which she may go on speaking; nobody may be there to hear it."""
LOOK_SECONDS = 0.25


class Leaving(Protocol):
    """The run that ends, as far as this needs to know it."""

    facts: ChannelFacts
    own: OwnWords
    director: Director
    under_way: TurnsUnderWay
    now: Callable[[], float]


async def end_live_time(run: Leaving) -> None:
    """Says the line after what she is saying now, and stops her."""
    text = await in_db(_farewell, run.facts.pk)
    run.own.say(text or FAREWELLS["ru" if run.facts.persona.language.startswith("ru") else "en"])
    waited = 0.0
    while waited < LONGEST_GOODBYE and not _is_said(run):
        await asyncio.sleep(LOOK_SECONDS)
        waited += LOOK_SECONDS
    await in_db_at_last(saving.end_live, Channel(pk=run.facts.pk, public_id=run.facts.public_id))


def _is_said(run: Leaving) -> bool:
    waits = any(entry.lane == "say" for entry in run.director.waiting(run.now()))
    speaks = any(turn.choice.lane == "say" for turn in run.under_way.logs)
    return not waits and not speaks


def _farewell(channel_pk: int) -> str:
    return Budget.objects.filter(channel_id=channel_pk).values_list("farewell", flat=True).first() or ""
