"""Wires one channel and runs it: the inbox in, the director's choices through the line, turns into the records."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from channels.layers import get_channel_layer
from django.db import DatabaseError

from channels_app import push
from workers import records, wiring
from workers.fleet.runtime import Lease, in_db, in_db_at_last
from workers.own_words import OwnWords, give_way
from workers.pipeline.admission import readmitted
from workers.pipeline.director import Choice, Director
from workers.pipeline.lanes import CHAT_LANES
from workers.pipeline.turn import begin, take_turn
from workers.pipeline.turn_log import TurnLog
from workers.pipeline.values import Exchange, StreamEvent
from workers.queue_board import QueueBoard, queue
from workers.stage import OverlayStage

log = logging.getLogger(__name__)

SWEEP_SECONDS = 5.0
"""How often what could be missed (overlays, panic, paid events) is looked up again."""
TRIES = 2
"""How often what was paid is answered when no overlay says that it played."""
LAYER_RETRY_SECONDS = 1.0


async def run(lease: Lease, public_id: str) -> None:
    """One live channel, until it is stopped, drained or loses its lease."""
    try:
        facts = await in_db(records.load, public_id)
    except records.NotRunnable as reason:
        log.info("channel %s is not run: %s", public_id, reason)
        return
    channel = ChannelRun(lease, facts)
    await channel.open()
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(channel.read_inbox())
            group.create_task(channel.sweep())
            group.create_task(channel.answer())
            group.create_task(channel.board.keep())
            group.create_task(channel.own.memory.keep())
    except* _Stopped:
        pass
    finally:
        await asyncio.shield(channel.close())


class _Stopped(Exception):
    """The broadcaster stopped the channel; ends the task group."""


class ChannelRun:
    """The state of one live channel."""

    def __init__(self, lease: Lease, facts: records.ChannelFacts, *, now: Callable[[], float] = time.time) -> None:
        self.facts = facts
        self.lease = lease
        self.now = now
        self.stage = OverlayStage(facts.public_id, fence=lease.fence, alive=lease.alive, now=now)
        self.line = wiring.line_for(facts, self.stage, now)
        self.director = Director(facts.persona, rng=random.Random())
        self.own = OwnWords(facts, self.line.gate, self.director, now)
        self.line = replace(self.line, recall=self.own.memory.recall)
        self.history: list[Exchange] = []
        self.panicking = facts.panic
        self._latch_seen = facts.panic
        """Whether the row has told of the panic: it is written after the word went out, and only its end counts."""
        self.turns: dict[str, tuple[TurnLog, asyncio.Task[None]]] = {}
        self._woken = asyncio.Event()
        self._closing: set[asyncio.Task[None]] = set()
        self._ending: list[TurnLog] = []
        """Turns that are over and not yet part of the conversation."""
        self.board = QueueBoard(self._queue, partial(push.dashboard, facts.public_id))
        self._unheard: Counter[int] = Counter()
        """Answers to a paid event that no overlay played."""

    async def open(self) -> None:
        """What stood before this run: the conversation, unfinished turns, paid events nobody answered."""
        await in_db(records.close_orphans, self.facts.pk, self.lease.fence)
        self.board.watch()
        self.history = readmitted(self.line.gate, await in_db(records.past_exchanges, self.facts.pk))
        await self._get_to_know()
        await self.own.open()
        await self._look_around()
        log.info("channel %s is live (fence %s)", self.facts.public_id, self.lease.fence)

    async def close(self) -> None:
        """Silences what still plays and leaves unheard paid events to the next run."""
        for turn, task in list(self.turns.values()):
            turn.abandoned = True
            turn.end("interrupted", "the run ended")
            task.cancel()
        await asyncio.gather(*(task for _turn, task in self.turns.values()), return_exceptions=True)
        while self.turns or self._closing:
            # A finished task's callback, which begins the writing down, runs one step later than this one.
            await asyncio.sleep(0)
            await asyncio.gather(*self._closing, return_exceptions=True)
        await self.stage.state("offline")

    # The inbox

    async def read_inbox(self) -> None:
        """Everything that reaches the channel comes through here. A layer that is away is waited for."""
        layer: Any = get_channel_layer()
        while True:
            try:
                await self._read(layer)
            except (_Stopped, asyncio.CancelledError):
                raise
            except Exception:
                log.exception("the inbox of %s failed and is opened again", self.facts.public_id)
                await asyncio.sleep(LAYER_RETRY_SECONDS)

    async def _read(self, layer: Any) -> None:
        name = await layer.new_channel()
        group = push.inbox_group(self.facts.public_id)
        await layer.group_add(group, name)
        try:
            # Not earlier: a page that came before, or while the layer was away, could not ask.
            await self._rest(anew=True)
            while True:
                message = await layer.receive(name)
                await self._take(message["body"])
        finally:
            # Left in the group, the channel would go on filling up for as long as this process lives.
            await asyncio.shield(layer.group_discard(group, name))

    async def _take(self, body: Mapping[str, Any]) -> None:
        match body["t"]:
            case "event":
                self._offer(StreamEvent.from_message(body["event"]))
            case "deleted":
                self.director.forget(body["message_id"])
                message = body["message_id"]
                self._take_back(
                    lambda turn: turn.has_event(message),
                    lambda past: message in past.answered,
                    "the message was deleted",
                )
            case "chatter_cleared":
                self.director.forget_chatter(body["chatter_id"])
                chatter = body["chatter_id"]
                self._take_back(
                    lambda turn: turn.has_chatter(chatter),
                    lambda past: chatter in past.answered,
                    "the chatter was timed out or banned",
                )
            case "forgotten":
                chatter = body["chatter_id"]
                self.director.forget_person(chatter)
                self._take_back(
                    lambda turn: turn.forget(chatter),
                    lambda past: chatter in past.answered,
                    "the chatter asked to be forgotten",
                )
                # What she said to others may name the chatter: in the rows that is gone already.
                self.history = readmitted(self.line.gate, await in_db(records.past_exchanges, self.facts.pk))
            case "right" | "memory":
                await self.own.take(body)
            case "chat_cleared":
                self.director.forget_chat()
                self._take_back(lambda turn: turn.choice.lane in CHAT_LANES, lambda past: True, "the chat was cleared")
            case "ack":
                if body["fence"] == self.lease.fence:
                    self.stage.on_ack(body)
            case "missing":
                await self.stage.on_missing(body)
            case "overlay":
                await self._look_up()
                if "had" in body:
                    await self.stage.welcome(body["connection"], body["had"])
            case "paid":
                await self._offer_waiting()
            case "queue":
                self.board.watch()
                await self.stage.tell_dashboards()
            case "command":
                await self._obey(body["name"], body.get("event", ""))
        self._woken.set()

    async def _obey(self, name: str, event_id: str) -> None:
        match name:
            case "stop":
                raise _Stopped
            case "skip":
                self._cancel(lambda turn: True, "skipped by a moderator")
            case "panic":
                await self._panic()
            case "calm":
                await self._calm()
            case "reload":
                await self._reload()
            case "drop":
                self.director.drop(event_id)
                self._in_background(self._write_refusals())
            case "next":
                self.director.put_first(event_id, self.now())

    def _queue(self) -> dict[str, Any]:
        turns = [turn for turn, _task in self.turns.values()]
        return queue(self.lease.fence, turns, self.director.waiting(self.now()))

    async def _panic(self) -> None:
        self.panicking = True
        self._cancel(lambda turn: True, "panic")
        await self.stage.state("muted")

    async def _calm(self) -> None:
        self.panicking = self._latch_seen = False
        # Pages were silenced by the web process too, whatever this run was told.
        await self._rest(anew=True)

    def _offer(self, event: StreamEvent) -> None:
        if self.panicking and not event.paid:
            return
        self.director.offer(event, self.now())
        self.own.company()
        for turn, task in self.turns.values():
            if self.own.must_give_way(turn):
                self._in_background(give_way(turn, task))

    async def _reload(self) -> None:
        """A new persona version or new settings, from the next turn on."""
        try:
            self.facts = await in_db(records.load, self.facts.public_id)
        except records.NotRunnable:
            raise _Stopped from None
        line = wiring.line_for(self.facts, self.stage, self.now)
        self.line = replace(line, recall=self.own.memory.recall)
        self.history = readmitted(self.line.gate, self.history)
        self.director.use(self.facts.persona)
        await self.own.use(self.facts, self.line.gate)
        await self._get_to_know()

    async def _get_to_know(self) -> None:
        """Whom she answered before this run, where somebody's first message matters to her."""
        if self.facts.persona.triggers.first_message:
            self.director.introduce(await in_db(records.answered_chatters, self.facts.pk))

    # What could be missed

    async def sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await self._look_around()
            except (OSError, DatabaseError) as error:
                # She goes on with what she knows; without a database for long the lease ends, and with it the run.
                log.warning("channel %s could not look around (%s)", self.facts.public_id, type(error).__name__)

    async def _look_around(self) -> None:
        await self._look_up()
        await self._offer_waiting()

    async def _look_up(self) -> None:
        """The overlays that are there, and the panic latch: word of either may have been lost."""
        now = await in_db(records.surroundings, self.facts.pk)
        if (now.audience > 0) != self.stage.has_audience:
            self._woken.set()
        self.stage.count(now.audience)
        if self.stage.has_audience:
            # In a quiet chat too: the next reply's first request finds its connection open.
            self.line.warm()
        if now.panic:
            if not self.panicking:
                await self._panic()
            self._latch_seen = True
        elif self._latch_seen:
            await self._calm()
            self._woken.set()

    async def _offer_waiting(self) -> None:
        """Paid events stand in rows: one whose message was lost is found here. The director drops what it has seen."""
        for event in await in_db(records.waiting_paid_events, self.facts.pk, self.lease.fence):
            if not any(turn.has_event(event.id) for turn, _task in self.turns.values()):
                self.director.offer(event, self.now())
        self._woken.set()

    # Answering

    async def answer(self) -> None:
        """One turn after the other; the next is chosen when the last sentence of the present one begins."""
        floor = asyncio.Event()
        floor.set()
        while True:
            choice = await self._next_choice()
            turn = begin(self.line, choice)
            opened = asyncio.create_task(in_db_at_last(records.open_turn, self.facts, self.lease.fence, turn))
            task = asyncio.create_task(self._supervise(turn, opened, floor))
            # A callback and not a `finally`: a task cancelled before its first step runs none of its body.
            task.add_done_callback(partial(self._finished, turn, opened))
            self.turns[turn.id] = (turn, task)
            await turn.last_sentence.wait()
            floor = turn.over

    async def _next_choice(self) -> Choice:
        while True:
            self._woken.clear()
            self.own.see(audience=self.stage.has_audience and not self.panicking)
            if not self.panicking and self.stage.has_audience and self.lease.alive():
                choice = self.director.pick(self.now()) or self.own.choice()
                if choice is not None:
                    return choice
            await self._write_refusals()
            await self._rest()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.own.next_wake()):
                    await self._woken.wait()

    async def _write_refusals(self) -> None:
        for event, reason in self.director.refused():
            if event.paid_id is not None:
                await in_db_at_last(records.refuse_paid, event.paid_id, self.lease.fence, reason)

    async def _supervise(self, turn: TurnLog, opened: asyncio.Task[bool], floor: asyncio.Event) -> None:
        """The turn, so that a fault in it ends it and nothing else."""
        try:
            await take_turn(self.line, turn, tuple(self.history), opened=opened, floor=floor)
        except Exception as error:
            log.exception("turn %s failed", turn.id)
            turn.end("failed", f"internal error: {type(error).__name__}")
            if turn.performance:
                await turn.performance.interrupt()

    def _finished(self, turn: TurnLog, opened: asyncio.Task[bool], _task: asyncio.Task[None]) -> None:
        """The turn is over, however it ended: the next may be chosen while it is written down."""
        turn.last_sentence.set()
        turn.over.set()
        self.turns.pop(turn.id, None)
        self.director.answered(turn.choice, self.now())
        self.own.stir()
        self._ending.append(turn)
        self._in_background(self._write_down(turn, opened))

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        """Writes that the inbox does not wait for, and the end of the run does."""
        closing = asyncio.create_task(work)
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def _write_down(self, turn: TurnLog, opened: asyncio.Task[bool]) -> None:
        await asyncio.wait([opened])
        self._ending.remove(turn)
        if turn.heard and not turn.taken_back:
            self.own.memory.heard()
            self.history.append(turn.exchange)
            del self.history[: -records.CONTEXT_TURNS]
        again = self._may_try_again(turn)
        await in_db_at_last(records.close_turn, self.facts, self.lease.fence, turn, again)
        if again or turn.abandoned:
            for event in turn.events:
                self.director.let_return(event.id)
            await self._offer_waiting()
        await push.dashboard(self.facts.public_id, {"t": "turn", "id": turn.id})
        self._woken.set()

    def _may_try_again(self, turn: TurnLog) -> bool:
        """Whether this was the answer to something paid, and only the overlay's part of it failed."""
        paid_id = turn.events[0].paid_id
        if paid_id is None or turn.outcome != "failed" or turn.fault or turn.heard:
            self._unheard.pop(paid_id or 0, None)
            return False
        self._unheard[paid_id] += 1
        return self._unheard[paid_id] < TRIES

    async def _rest(self, *, anew: bool = False) -> None:
        """What she does while she answers nobody, told where it changed or `anew`."""
        name = self.stage.name
        if not self.turns:
            name = "muted" if self.panicking else "listening" if self.director.has_waiting(self.now()) else "idle"
        if anew or name != self.stage.name:
            await self.stage.state(name)

    def _take_back(self, answers: Callable[[TurnLog], bool], answered: Callable[[Exchange], bool], reason: str) -> None:
        """What moderators took out of the chat is not answered, and no later answer builds on it."""
        for turn in [*(turn for turn, _task in self.turns.values()), *self._ending]:
            turn.taken_back = answers(turn) or turn.taken_back
        self._cancel(answers, reason)
        self.history = [past for past in self.history if not answered(past)]

    def _cancel(self, which: Callable[[TurnLog], bool], reason: str) -> None:
        for turn, task in list(self.turns.values()):
            if which(turn):
                turn.end("interrupted", reason)
                task.cancel()
