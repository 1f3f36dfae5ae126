"""What a run may have missed: overlays that came or went, the panic latch, paid events. Looked up again and again.

All channels of a process look together: one for itself would ask the database several hundred times a second.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from django.db import DatabaseError

from workers import records
from workers.fleet.lease import Lease
from workers.fleet.runtime import in_db
from workers.own_words import OwnWords, give_way
from workers.pipeline.director import Director
from workers.pipeline.line import Line
from workers.records import ChannelFacts, Surroundings
from workers.stage import OverlayStage
from workers.together import GATHER_SECONDS, Together
from workers.under_way import TurnsUnderWay

log = logging.getLogger(__name__)

SWEEP_SECONDS = 5.0
"""How often what could be missed is looked up again."""

around: Together[tuple[int, int], Surroundings] = Together(records.look_around)


class Watched(Protocol):
    """The run, as far as this needs to know it."""

    facts: ChannelFacts
    lease: Lease
    stage: OverlayStage
    line: Line
    director: Director
    under_way: TurnsUnderWay
    own: OwnWords
    panicking: bool
    now: Callable[[], float]

    def wake(self) -> None: ...
    async def panic(self) -> None: ...
    async def calm(self) -> None: ...


class Lookout:
    """One run's."""

    def __init__(self, run: Watched) -> None:
        self._run = run
        self.latch_seen = run.panicking
        """Whether the row has told of the panic: it is written after the word went out, and only its end counts."""

    async def sweep(self) -> None:
        """Runs for as long as the channel does."""
        run = self._run
        while True:
            await asyncio.sleep(max(0.0, SWEEP_SECONDS - GATHER_SECONDS))
            await run.stage.remind()
            try:
                seen = await around((run.facts.pk, run.lease.fence))
                await self._take(seen)
                if seen.has_paid:
                    await self.offer_waiting()
            except (OSError, DatabaseError) as error:
                # She goes on with what she knows; without a database for long the lease ends, and with it the run.
                log.warning("channel %s could not look around (%s)", run.facts.public_id, type(error).__name__)
            # A lease that was late and is renewed, for one, is told by nobody.
            run.wake()

    async def look_around(self) -> None:
        """Everything, at once and alone."""
        await self.look_up()
        await self.offer_waiting()

    async def look_up(self) -> None:
        """The overlays that are there, and the panic latch: word of either may have been lost."""
        await self._take(await in_db(records.surroundings, self._run.facts.pk))

    async def _take(self, seen: Surroundings) -> None:
        run = self._run
        if (seen.audience > 0) != run.stage.has_audience:
            run.wake()
        run.stage.count(seen.audience)
        if run.stage.has_audience:
            # In a quiet chat too: the next reply's first request finds its connection open.
            run.line.warm()
        if seen.panic:
            if not run.panicking:
                await run.panic()
            self.latch_seen = True
        elif self.latch_seen:
            await run.calm()
            run.wake()

    async def offer_waiting(self) -> None:
        """Paid events stand in rows: one whose message was lost is found here. The director drops what it has seen."""
        run = self._run
        for event in await in_db(records.waiting_paid_events, run.facts.pk, run.lease.fence):
            if not run.under_way.answers(event.id):
                run.director.offer(event, run.now())
        run.under_way.each(run.own.must_give_way, give_way)
        run.wake()
