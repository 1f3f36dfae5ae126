"""What a live channel does besides answering: memory, what chatters may ask of it, and talk of her own accord."""

from __future__ import annotations

import asyncio
import logging
import math
import os
import random
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, connection
from django.db import Error as DatabaseFault
from django.utils import timezone

from channels_app.models import Turn
from workers.brain import memory
from workers.brain.idle_topics import topics_of
from workers.fleet.runtime import in_db
from workers.pipeline.director import Choice, Director
from workers.pipeline.disclosure import Disclosure
from workers.pipeline.idle import NOBODY, TOPIC_REST, TRIGGER, IdleTalk, topic_of
from workers.pipeline.ports import Gate
from workers.pipeline.thrift import Step
from workers.pipeline.turn_log import TurnLog
from workers.pipeline.values import Chatter, EventKind, StreamEvent, new_id
from workers.records import ChannelFacts
from workers.remembering import Remembering

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.1
"""How often it is looked whether the sentence she gives way after has ended."""
WRITE_SECONDS = 3.0
"""Between two such lines in chat, at least."""
MOST_NOTICES = 3
"""Lines to chatters about their memory that may wait: nobody fills her stream with them."""
CALLED = "somebody called her"
MADE_WAY = "made way for a raid or a large gift"
CHANCE = random.Random()
"""Of all channels of a process: what decides by it needs none of its own."""
# Else all workers that are forks of one process would decide alike.
os.register_at_fork(after_in_child=CHANCE.seed)


class OwnWords:
    """One channel's, in its run."""

    def __init__(
        self,
        facts: ChannelFacts,
        gate: Gate,
        director: Director,
        now: Callable[[], float],
        *,
        wake: Callable[[], None],
        write: Callable[[int, str], bool],
    ) -> None:
        """`wake` tells that there is something to say; `write` puts a line into the channel's chat where it may."""
        self.memory = Remembering(facts, gate, now)
        self._gate = gate
        self._disclosure = Disclosure()
        self._is_saving = False
        self._director = director
        self._now = now
        self._idle = IdleTalk(rng=CHANCE)
        self._wake, self._write = wake, write
        self._written_at = -math.inf
        self._had_audience = False
        self._facts = facts

    async def open(self) -> None:
        """What she told of her own accord before this run."""
        self._idle.recall(await in_db(_told_lately, self._facts.pk))
        await self._choose_topics()

    async def use(self, facts: ChannelFacts, gate: Gate) -> None:
        """Other settings from now on."""
        self._facts, self._gate = facts, gate
        self.memory.use(facts, gate)
        await self._choose_topics()

    async def take(self, body: Mapping[str, Any]) -> None:
        """From the inbox: `right`, what a chatter asked of her memory, or `memory`, that what is kept was changed."""
        self.memory.changed()
        try:
            await (self._choose_topics() if body["t"] == "memory" else self._tell(body))
        except DatabaseError as error:
            log.warning("%s could not look into its memory (%s)", self._facts.public_id, type(error).__name__)

    async def _tell(self, body: Mapping[str, Any]) -> None:
        """What came of a chatter's wish: in chat, or else aloud."""
        who = Chatter(str(body["chatter"]["id"]), str(body["chatter"]["name"]))
        text = await self._answer(body["right"], who)
        if await self._in_chat(who, text):
            return
        waiting = [entry for entry in self._director.waiting(self._now()) if entry.trigger == "notice"]
        if len(waiting) < MOST_NOTICES:
            # Named with nobody: a turn's row must not bring back whoever has just been forgotten.
            whom = who if body["right"] == "know" else NOBODY
            self._director.offer(StreamEvent(new_id(), EventKind.NOTICE, whom, text, self._now()), self._now())
            self._wake()

    async def _answer(self, right: str, who: Chatter) -> str:
        language = self._facts.persona.language
        if right != "know":
            return memory.confirmed(right, language)
        return memory.told(await self.memory.told_about(who.id), language)

    async def _in_chat(self, who: Chatter, text: str) -> bool:
        """Whether the answer stands in chat now. Many who ask at once hear it, so that she does not flood it."""
        if self._now() < self._written_at + WRITE_SECONDS:
            return False
        self._written_at = self._now()
        return await self._written(f"@{who.name} {text}")

    async def _written(self, text: str) -> bool:
        try:
            # Twitch may take its time: the few threads of the database are not for that.
            return await asyncio.to_thread(_with_own_connection, self._write, self._facts.pk, text)
        except DatabaseFault as error:
            log.warning("%s could not write into chat (%s)", self._facts.public_id, type(error).__name__)
            return False

    async def disclose(self, event: StreamEvent) -> None:
        """Tells who asked for it what she is, in chat or else aloud."""
        text = self._disclosure.due(event, self._facts.persona, self._facts.broadcaster_name, self._now())
        if text and self._gate.screen(text, surface="reply").allowed and not await self._written(text):
            self.say(text)

    def say(self, text: str) -> None:
        """A line as it stands, as if the broadcaster had asked for it."""
        broadcaster = Chatter(self._facts.twitch_id, self._facts.broadcaster_name, is_broadcaster=True)
        self._director.offer(StreamEvent(new_id(), EventKind.SAY, broadcaster, text, self._now()), self._now())
        self._wake()

    # Of her own accord

    def save(self, step: Step) -> None:
        """While she saves she neither talks by herself nor learns."""
        self._is_saving = self.memory.is_saving = step is not Step.NOTHING

    def stir(self) -> None:
        """She spoke, or may speak again: the silence begins now."""
        self._idle.stir(self._now())

    def company(self) -> bool:
        """Somebody did something in the channel. Whether she was alone, and may talk now."""
        return self._idle.company(self._now())

    def see(self, *, audience: bool) -> None:
        """Whether an overlay is there; one that has come begins a silence."""
        if audience and not self._had_audience:
            self.stir()
            self.company()
        self._had_audience = audience

    def choice(self) -> Choice | None:
        """What she says now without being asked, or None."""
        if self._is_saving or not self._idle.is_on or not self._director.may_talk(self._now()):
            return None
        choice = self._idle.choice(self._now())
        if choice is not None:
            self._director.count(choice, self._now())
        return choice

    def next_wake(self, *, may_talk: bool) -> float | None:
        """Seconds until something is answered or said, by time alone; None if nothing ever is. Unless she `may_talk`
        of her own accord, what would let her is no matter of time."""
        now = self._now()
        waits = [self._director.next_wake(now)]
        if may_talk and (idle := self._idle.next_wake(now)) is not None:
            # Where her budget does not allow it yet, it is looked at again after a second.
            waits.append(max(idle, 0.01 if self._director.may_talk(now) else 1.0))
        return min((wait for wait in waits if wait is not None), default=None)

    def must_give_way(self, turn: TurnLog) -> bool:
        """Whether she talks of her own accord while somebody waits for her, or answers chat while a raid waits."""
        if turn.killed.is_set() or turn.outcome not in ("thinking", "speaking") or turn.approved_by:
            return False
        if turn.choice.trigger == TRIGGER:
            return self._director.has_waiting(self._now())
        return self._director.must_make_way(turn.choice)

    async def _choose_topics(self) -> None:
        told = await self.memory.to_tell() if self._facts.idle_seconds else ([], "")
        persona = self._facts.persona
        description = persona.description if self.memory.has_model else ""
        self._idle.use(self._facts.idle_seconds, topics_of(persona.language, description, *told))


def _told_lately(channel_pk: int) -> list[tuple[str, float]]:
    """Topics of idle turns within their rest, with when (unix seconds)."""
    since = timezone.now() - timedelta(seconds=TOPIC_REST)
    rows = Turn.objects.filter(channel_id=channel_pk, trigger=TRIGGER, created_at__gt=since)
    return [(topic_of(event_id), at.timestamp()) for event_id, at in rows.values_list("event_id", "created_at")]


def _with_own_connection(write: Callable[[int, str], bool], channel_pk: int, text: str) -> bool:
    """In a thread that nobody looks after: what it opens it closes, so that no connection grows stale in it."""
    try:
        return write(channel_pk, text)
    finally:
        connection.close()


async def give_way(turn: TurnLog, task: asyncio.Task[None]) -> None:
    """Ends the turn with the sentence that is heard; before its first sound at once."""
    turn.made_way = CALLED if turn.choice.trigger == TRIGGER else MADE_WAY
    turn.killed.set()
    # What she turns to is thought of while the sentence is heard.
    turn.last_sentence.set()
    while not turn.over.is_set():
        performance = turn.performance
        if performance is None or not turn.starts:
            break
        if later := [start for start in turn.starts if start > performance.heard_seconds]:
            await performance.reached(later[0])
            break
        await asyncio.sleep(LOOK_SECONDS)
    if not turn.over.is_set():
        turn.put_off = turn.choice.trigger != TRIGGER and not turn.starts
        turn.end("interrupted", turn.made_way)
        task.cancel()
