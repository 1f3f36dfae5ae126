"""What one live channel may still spend: asked before each reply, told after it, and saved in steps when it runs low.

Nothing here waits for the database while somebody waits for her: what is known was looked up before.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from django.db import DatabaseError
from django.utils import timezone

from billing import saving
from billing.budget import Claim, Line, Standing, standing, standings
from billing.ledger import record_usage
from billing.limits import Limits
from billing.models import UsageRecord
from channels_app.models import Channel
from workers.fleet.runtime import in_db, in_db_at_last
from workers.outlook import Outlook, prices_of
from workers.pipeline import line as pipeline
from workers.pipeline.bell import Bell
from workers.pipeline.silent import CaptionVoice, ShutMouth
from workers.pipeline.thrift import SHORT_CHARACTERS, Share, Step, Thrift, decide, names, sparing
from workers.pipeline.turn import FIXED_KINDS
from workers.pipeline.turn_log import TurnLog
from workers.pipeline.values import PersonaSnapshot
from workers.records import Asking, ChannelFacts
from workers.together import Together
from workers.voice.catalogue import build_voice

log = logging.getLogger(__name__)

LOOK_SECONDS = 10.0
"""How often the limits are looked up without a reply: other channels spend of the house's, an hour ends."""
WRITE_SECONDS = 60.0
"""Live time that a worker which is killed may lose."""


def look_up(channel_pk: int) -> Standing:
    """How far the channel's limits are used."""
    return standing(Channel.objects.get(pk=channel_pk), timezone.now())


def look_up_all(channel_pks: Collection[int]) -> dict[int, Standing]:
    """The same for many channels."""
    return standings(channel_pks, timezone.now())


in_time: Together[int, Standing] = Together(look_up_all)


class Purse:
    """One live channel's, in its run."""

    def __init__(
        self,
        facts: ChannelFacts,
        fence: int,
        now: Callable[[], float],
        *,
        changed: Callable[[], None],
    ) -> None:
        """`changed` tells that she saves in another way now."""
        self._fence, self._now, self._changed = fence, now, changed
        self._stirred = Bell()
        self._limits = Limits()
        self._lines: tuple[Line, ...] = ()
        self._live = LiveTime(now())
        self.thrift = self._told = Thrift()
        self._outlook = Outlook(prices_of(facts))
        self._facts = facts
        # It has no provider behind it, and its breakers are nobody else's.
        self._built_in = build_voice()

    @property
    def step(self) -> Step:
        return self.thrift.step

    @property
    def _is_built_in(self) -> bool:
        return self.step >= Step.BUILT_IN or self.thrift.without_provider

    async def renew(self, facts: ChannelFacts) -> None:
        """Other settings from now on, and the limits that go with them before anything more is said."""
        self._facts = facts
        self._outlook.use(prices_of(facts))
        try:
            await self.look()
        except DatabaseError:
            self.stir()

    async def open(self) -> None:
        """Takes back what a run before this one held, and goes on saving where it saved."""
        self.thrift = self._told = await in_db(_begin, self._facts.pk)
        await self.look()

    # The line

    def shaped(self, line: pipeline.Line) -> pipeline.Line:
        """The channel's line, as she answers on this step."""
        if self.step >= Step.SHORT:
            line = replace(line, most_characters=SHORT_CHARACTERS)
        if self._is_built_in:
            line = replace(line, voice=self._built_in)
        if self.step is Step.TEXT and self._facts.captions:
            line = replace(line, voice=CaptionVoice(), mouth=ShutMouth())
        if self.step >= Step.PAID:
            line = replace(line, brain=line.spare_brain)
        return line

    def persona(self) -> PersonaSnapshot:
        """Whom she answers on this step."""
        return sparing(self._facts.persona, self.step)

    # Each turn

    def asking(self, turn: TurnLog) -> Asking:
        """What the turn asks for. Call it when the turn begins, on the step it begins on."""
        fixed = turn.events[0].kind in FIXED_KINDS
        claim = self._outlook.claim(self.step, thinks=not fixed, speaks=not self._is_built_in)
        return Asking(claim, self._limits, forced=fixed or turn.choice.paid)

    def note(self, turn: TurnLog) -> None:
        """The turn is over."""
        self._outlook.note(turn.usage, turn.judging.usage)

    # From time to time

    async def keep(self, is_heard: Callable[[], bool], over: Callable[[], Awaitable[None]]) -> None:
        """Runs for as long as the channel does. `is_heard`: whether an overlay is there; `over` is called when the
        plan's live time is used up, and ends the run."""
        while not self._live_time_is_over():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._stirred.wait()
            stirred = self._stirred.is_set()
            self._stirred.clear()
            self._live.tick(self._now(), live=is_heard())
            try:
                await self.write_live(least=WRITE_SECONDS)
                # What is looked up because time has passed is looked up for many channels at once.
                await (self.look() if stirred else self._look_in_time())
            except DatabaseError as error:
                log.warning("the budget of %s waits for the database (%s)", self._facts.public_id, type(error).__name__)
        await over()

    def stir(self) -> None:
        """Something was spent, or a limit may be another."""
        self._stirred.set()

    async def write_live(self, *, least: float = 1.0) -> None:
        """Live time into the ledger, where at least so many seconds of it are not there yet."""
        if self._live.unwritten < least:
            return
        number, seconds = self._live.next()
        await in_db(_write_live, self._facts.pk, f"live:{self._fence}:{number}", seconds)
        self._live.written(number, seconds)

    async def close(self, *, is_heard: bool) -> None:
        """The end of the run: what is left of its live time."""
        self._live.tick(self._now(), live=is_heard)
        if self._live.unwritten >= 1:
            number, seconds = self._live.next()
            await in_db_at_last(_write_live, self._facts.pk, f"live:{self._fence}:{number}", seconds)

    async def look(self) -> None:
        """Looks the limits up and takes the step they ask for."""
        await self._take(await in_db(look_up, self._facts.pk))

    async def _look_in_time(self) -> None:
        await self._take(await in_time(self._facts.pk))

    async def _take(self, found: Standing) -> None:
        self._limits, self._lines = found.limits, found.lines
        wanted = decide(_shares(found.lines, self._outlook.claim()), self.thrift)
        if wanted != self.thrift:
            # At once; it is written down afterwards, and again where that failed.
            self.thrift = wanted
            self._changed()
        if wanted != self._told:
            await in_db(saving.set_step, self._facts.pk, _name(wanted.step), wanted.why, _moment(wanted.ends))
            self._told = wanted

    def _live_time_is_over(self) -> bool:
        unwritten = self._live.unwritten
        return any(line.name == "live_seconds" and line.used + unwritten >= line.limit for line in self._lines)


class LiveTime:
    """Seconds of a run in which an overlay was there: counted by looks, written in numbered pieces."""

    def __init__(self, now: float) -> None:
        self._looked = now
        self._number = 0
        self.unwritten = 0.0

    def tick(self, now: float, *, live: bool) -> None:
        """It was so since the last look. A clock that goes back, or stood still with the machine, adds nothing."""
        passed = now - self._looked
        self._looked = now
        if live and 0 < passed <= 3 * LOOK_SECONDS:
            self.unwritten += passed

    def next(self) -> tuple[int, int]:
        """The number of the piece to write, and its whole seconds. The same again until it is `written`."""
        return self._number, int(self.unwritten)

    def written(self, number: int, seconds: int) -> None:
        self._number = number + 1
        self.unwritten -= seconds


def _shares(lines: Sequence[Line], claim: Claim) -> list[Share]:
    """How far each limit is used once the next reply is paid. What the reply does not touch is left out."""
    asked = {
        "site_hour": claim.platform,
        "site_day": claim.platform,
        "house_day": claim.platform,
        "owner_hour": claim.micros,
        "owner_day": claim.micros,
        "replies": claim.replies,
        "characters": claim.characters,
    }
    return [
        Share(line.name, (line.used + next_one) / line.limit if line.limit else float("inf"), _unix(line.ends))
        for line in lines
        if (next_one := asked.get(line.name, 0))
    ]


def _begin(channel_pk: int) -> Thrift:
    step, why, ends = saving.begin(Channel(pk=channel_pk))
    return Thrift(names().get(step, Step.NOTHING), why, _unix(ends))


def _write_live(channel_pk: int, key: str, seconds: int) -> None:
    record_usage(Channel(pk=channel_pk), key=key, kind=UsageRecord.Kind.LIVE, live_seconds=seconds, exact=True)


def _name(step: Step) -> str:
    return "" if step is Step.NOTHING else step.name.lower()


def _unix(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None


def _moment(unix: float | None) -> datetime | None:
    return datetime.fromtimestamp(unix, UTC) if unix is not None else None
