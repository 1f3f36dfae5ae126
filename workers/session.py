"""Wires one channel and runs it: the inbox in, the director's choices through the line, turns into the records."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from channels_app import log_context, push
from workers import chat_line, inbox, records, wiring
from workers.fleet import gauges
from workers.fleet.runtime import Lease, in_db, in_db_at_last
from workers.last_words import end_live_time
from workers.lookout import Lookout
from workers.own_words import CHANCE, OwnWords, give_way
from workers.pipeline import disclosure
from workers.pipeline.admission import readmitted
from workers.pipeline.approval import MOST_WAITING, ApprovalDesk, Decision
from workers.pipeline.bell import Bell
from workers.pipeline.director import Choice, Director
from workers.pipeline.lanes import CHAT_LANES
from workers.pipeline.modes import POLICIES
from workers.pipeline.thrift import Step
from workers.pipeline.turn import begin, take_turn
from workers.pipeline.turn_log import TurnLog
from workers.pipeline.values import EventKind, StreamEvent
from workers.purse import Purse
from workers.queue_board import QueueBoard, decided, queue
from workers.stage import OverlayStage
from workers.under_way import TurnsUnderWay

log = logging.getLogger(__name__)


async def run(lease: Lease, public_id: str) -> None:
    """One live channel, until it is stopped, drained or loses its lease."""
    try:
        facts = await in_db(records.load, public_id)
    except records.NotRunnable as reason:
        log.info("channel %s is not run: %s", public_id, reason)
        return
    log_context.about(channel=public_id)
    channel = ChannelRun(lease, facts)
    await channel.open()
    try:
        with gauges.HERE.watched(gauges.TURNS, lambda: channel.under_way.count, of=public_id):
            async with asyncio.TaskGroup() as group:
                group.create_task(channel.read_inbox())
                group.create_task(channel.lookout.sweep())
                group.create_task(channel.answer())
                group.create_task(channel.board.keep())
                group.create_task(channel.own.memory.keep())
                spent = partial(end_live_time, channel)
                group.create_task(channel.purse.keep(lambda: channel.stage.has_audience, spent))
    except* inbox.Stopped:
        pass
    finally:
        await asyncio.shield(channel.close())


class ChannelRun:
    """The state of one live channel."""

    def __init__(self, lease: Lease, facts: records.ChannelFacts, *, now: Callable[[], float] = time.time) -> None:
        self.facts = facts
        self.lease = lease
        self.now = now
        self.stage = OverlayStage(facts.public_id, fence=lease.fence, alive=lease.alive, now=now)
        self._full = self.line = wiring.line_for(facts, self.stage, now)  # `_full`: while nothing has to be saved
        self.director = Director(facts.persona, rng=CHANCE, shed=partial(gauges.HERE.count, gauges.DROPPED))
        self._woken = Bell()
        write, wake = partial(chat_line.write, lease.alive), self._woken.set
        self.own = OwnWords(facts, self.line.gate, self.director, now, wake=wake, write=write)
        self._full = self.line = replace(self.line, recall=self.own.memory.recall)
        self.under_way = TurnsUnderWay(lease)
        self.panicking = facts.panic
        self.lookout = Lookout(self)
        self.desk = ApprovalDesk(now, self._decided)
        self.purse = Purse(facts, lease.fence, now, changed=self._save)
        self.board = QueueBoard(self._queue, partial(push.dashboard, facts.public_id), now)

    async def open(self) -> None:
        """What stood before this run: the conversation, unfinished turns, paid events nobody answered."""
        await in_db(records.close_orphans, self.facts.pk, self.lease.fence)
        self.board.watch()
        self.under_way.history = readmitted(self.line.gate, await in_db(records.past_exchanges, self.facts.pk))
        await self._get_to_know()
        await self.own.open()
        await self.purse.open()
        self._save()
        await self.lookout.look_around()
        log.info("channel %s is live (fence %s)", self.facts.public_id, self.lease.fence)

    async def _remember_anew(self) -> None:
        """The conversation from the rows: where she named who is forgotten to others, they have nothing any more."""
        await self.under_way.read_anew(self.facts.pk, partial(readmitted, self.line.gate))

    async def close(self) -> None:
        """Silences what still plays and leaves unheard paid events to the next run."""
        await self.under_way.close()
        await self.purse.close(is_heard=self.stage.has_audience)
        await self.stage.state("offline")

    # The inbox

    def wake(self) -> None:
        """Something may be answered now that could not before."""
        self._woken.set()

    async def read_inbox(self) -> None:
        # Told when it is open and not earlier: a page that came before, or while the layer was away, could not ask.
        await inbox.read(self.facts.public_id, joined=partial(self._rest, anew=True), take=self._take)

    async def _take(self, body: Mapping[str, Any]) -> None:
        match body["t"]:
            case "event":
                event = records.event_in(body["event"])
                if event is None or not self._offer(event):
                    # Most of a chat is not for her, and she is not woken by it.
                    return
            case "deleted":
                self.director.forget(body["message_id"])
                self.under_way.take_back_message(body["message_id"])
            case "chatter_cleared":
                self.director.forget_chatter(body["chatter_id"])
                self.under_way.take_back_chatter(body["chatter_id"], "the chatter was timed out or banned")
            case "forgotten":
                self.director.forget_person(body["chatter_id"])
                self.under_way.forget(body["chatter_id"])
                self.under_way.in_background(self._remember_anew())
            case "right" | "memory":
                self.under_way.in_background(self.own.take(body))
            case "chat_cleared":
                self.director.forget_chat()
                self.under_way.take_back(
                    lambda turn: turn.choice.lane in CHAT_LANES, lambda past: True, "the chat was cleared"
                )
            case "heard":  # a run before this one died while she spoke: its page says how far it got
                self.under_way.in_background(self._remember_anew())
            case "ack" | "missing" | "dropped":
                await self.stage.hear(body)
            case "overlay":
                await self.lookout.look_up()
                if "had" in body:
                    await self.stage.welcome(body["connection"], body["had"])
            case "paid":
                await self.lookout.offer_waiting()
            case "queue":
                self.board.watch()
                await self.stage.tell_dashboards()
            case "command":
                await self._obey(body["name"], body)
        self._woken.set()

    async def _obey(self, name: str, body: Mapping[str, Any]) -> None:
        match name:
            case "stop":
                raise inbox.Stopped
            case "skip":
                # What waits to be approved is not the present turn.
                self.under_way.cancel(lambda turn: turn.outcome != "waiting", "skipped by a moderator")
            case "panic":
                await self.panic()
            case "calm":
                await self.calm()
            case "reload":
                await self._reload()
            case "drop":
                self.director.drop(body["event"])
                self.under_way.in_background(self._write_refusals())
            case "next":
                self.director.put_first(body["event"], self.now())
            case "approve" | "reject":
                self.desk.decide(body["turn"], approved=name == "approve", by=body["by"])
            case "kill":
                self.under_way.kill(body["turn"], body["first"])

    def _queue(self) -> dict[str, Any]:
        waiting = self.director.waiting(self.now())
        return queue(
            self.lease.fence,
            self.under_way.logs,
            waiting,
            delayed=self.facts.delay_seconds > 0,
            asks=self._asks,
            seconds=self.facts.approval_seconds,
        )

    @property
    def _asks(self) -> bool:
        """Whether each reply is approved first."""
        return POLICIES[self.facts.persona.triggers.mode].approval

    async def panic(self) -> None:
        self.panicking = True
        self.under_way.cancel(lambda turn: True, "panic")
        await self.stage.state("muted")

    async def calm(self) -> None:
        self.panicking = self.lookout.latch_seen = False
        # Pages were silenced by the web process too, whatever this run was told.
        await self._rest(anew=True)

    def _offer(self, event: StreamEvent) -> bool:
        """Whether anything came of it."""
        if self.panicking and not event.paid:
            return False
        if disclosure.asks(event):
            self.under_way.in_background(self.own.disclose(event))
            return False
        changed = self.director.offer(event, self.now())
        changed = self.own.company() or changed
        if changed:
            self.under_way.each(self.own.must_give_way, give_way)
        return changed

    async def _reload(self) -> None:
        """A new persona version or new settings, from the next turn on."""
        try:
            self.facts = await in_db(records.load, self.facts.public_id)
        except records.NotRunnable:
            raise inbox.Stopped from None
        self._full = replace(wiring.line_for(self.facts, self.stage, self.now), recall=self.own.memory.recall)
        await self.purse.renew(self.facts)
        self._save()
        self.under_way.history = readmitted(self.line.gate, self.under_way.history)
        await self.own.use(self.facts, self.line.gate)
        await self._get_to_know()

    async def _get_to_know(self) -> None:
        """Whom she answered before this run, where somebody's first message matters to her."""
        if self.facts.persona.triggers.first_message:
            self.director.introduce(await in_db(records.answered_chatters, self.facts.pk))

    # What she may spend

    def _save(self) -> None:
        """She answers as the step she saves on wants it, from the next turn on."""
        self.line = self.purse.shaped(self._full)
        self.director.use(self.purse.persona())
        self.own.save(self.purse.step)
        if self.purse.step is Step.PAID:
            self.director.forget_chat()
        self._woken.set()

    # Answering

    async def answer(self) -> None:
        """One turn after the other; the next is chosen when the last sentence of the present one begins."""
        while True:
            await self._begin(await self._next_choice())

    async def _begin(self, choice: Choice) -> None:
        """Returns when the last sentence begins. A method of its own, so that while she waits for the next choice no
        variable holds the turn that is over and all its sound."""
        turn = begin(self.line, choice)
        for chatter_id in turn.admitted.offenders:
            self.director.cool_off(chatter_id, self.now())
        asking = self.purse.asking(turn)
        opened = asyncio.create_task(in_db_at_last(records.open_turn, self.facts, self.lease.fence, turn, asking))
        task = asyncio.create_task(self._supervise(turn, opened))
        # A callback and not a `finally`: a task cancelled before its first step runs none of its body.
        task.add_done_callback(partial(self._finished, turn, opened))
        self.under_way.add(turn, task)
        await turn.last_sentence.wait()

    async def _approval(self, turn: TurnLog) -> Bell | None:
        """Lets the written reply wait for a moderator. Others are written meanwhile; the floor goes to who is approved
        first."""
        self.director.set_aside(turn.choice)
        waiting = self.desk.decision(turn, self.facts.approval_seconds)
        turn.last_sentence.set()
        self._woken.set()
        if not (await waiting).approved:
            return None
        # The rules may have changed meanwhile.
        verdict = self.line.gate.screen(" ".join(turn.said), surface="reply")
        if not verdict.allowed:
            turn.verdict = verdict
            turn.end("refused", "blocked by the safety rules")
            return None
        return self.under_way.take_floor(turn)

    def _decided(self, turn: TurnLog, decision: Decision) -> None:
        self.under_way.in_background(push.dashboard(self.facts.public_id, decided(turn, decision)))
        self._woken.set()

    def _has_room(self) -> bool:
        """Whether she may think of another reply: too many that wait would be stale before they are read."""
        return sum(turn.outcome != "speaking" for turn in self.under_way.logs) < MOST_WAITING

    async def _next_choice(self) -> Choice:
        while True:
            self._woken.clear()
            self.own.see(audience=self.stage.has_audience and not self.panicking)
            free = not self.panicking and self.stage.has_audience and self.lease.alive() and self._has_room()
            undisturbed = free and not self.under_way.logs
            if free:
                choice = self.director.pick(self.now())
                if choice is None and undisturbed:
                    choice = self.own.choice()
                if choice is not None:
                    return choice
            await self._write_refusals()
            await self._rest()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.own.next_wake(may_talk=undisturbed)):
                    await self._woken.wait()

    async def _write_refusals(self) -> None:
        for event, reason in self.director.refused():
            if event.paid_id is not None:
                await in_db_at_last(records.refuse_paid, event.paid_id, self.lease.fence, reason)

    async def _supervise(self, turn: TurnLog, opened: asyncio.Task[bool]) -> None:
        """The turn, so that a fault in it ends it and nothing else."""
        log_context.about(turn=turn.id)
        history = tuple(self.under_way.history)
        try:
            if self._asks and turn.events[0].kind is not EventKind.SAY:
                floor, approval = self.under_way.floor, self._approval
                await take_turn(self.line, turn, history, opened=opened, floor=floor, approval=approval)
            else:
                await take_turn(self.line, turn, history, opened=opened, floor=self.under_way.take_floor(turn))
        except Exception as error:
            log.exception("turn %s failed", turn.id)
            turn.end("failed", f"internal error: {type(error).__name__}")
            if turn.performance:
                await turn.performance.interrupt()

    def _finished(self, turn: TurnLog, opened: asyncio.Task[bool], _task: asyncio.Task[None]) -> None:
        """The turn is over, however it ended: the next may be chosen while it is written down."""
        turn.last_sentence.set()
        turn.over.set()
        self.under_way.end(turn)
        self.director.answered(turn.choice, self.now())
        if turn.put_off and not turn.taken_back:
            # At once: what moderators take out from now on is found in the queue.
            self.director.put_back(turn.choice, self.now())
        self.own.stir()
        self.under_way.in_background(self._write_down(turn, opened))

    async def _write_down(self, turn: TurnLog, opened: asyncio.Task[bool]) -> None:
        self.purse.note(turn)
        again = await self.under_way.write_down(self.facts, turn, opened)
        if again or (turn.abandoned and len(turn.events) > 1):
            for event in turn.events:
                self.director.let_return(event.id)
            await self.lookout.offer_waiting()
        if turn.heard:
            self.own.memory.heard()
        self.purse.stir()
        await push.dashboard(self.facts.public_id, {"t": "turn", "id": turn.id})
        self._woken.set()

    async def _rest(self, *, anew: bool = False) -> None:
        """What she does while she answers nobody, told where it changed or `anew`."""
        name = self.stage.name
        if all(turn.outcome == "waiting" for turn in self.under_way.logs):
            name = "muted" if self.panicking else "listening" if self.director.has_waiting(self.now()) else "idle"
        if anew or name != self.stage.name:
            await self.stage.state(name)
