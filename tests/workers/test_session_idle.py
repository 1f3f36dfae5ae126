"""A live channel left to itself: she talks, in the row and on the overlay, and gives way to whoever calls."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator

import pytest
from asgiref.sync import sync_to_async

from channels_app import actions, talk
from channels_app.models import Channel
from tests.clock import until
from tests.fakes.provider import ProviderServer, reply
from tests.live import LiveChannel, lease_for, watching
from tests.virtual_time import VirtualClock, virtual
from workers import records, session
from workers.pipeline.director import Choice
from workers.pipeline.turn import begin
from workers.pipeline.values import Chatter, EventKind, StreamEvent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("built_front_end")]


def loaded(stage: Channel) -> records.ChannelFacts:
    actions.start(stage, acting_user=None)
    return records.load(stage.public_id)


@contextlib.asynccontextmanager
async def talkative(stage: Channel, seconds: int) -> AsyncIterator[LiveChannel]:
    """The channel live, with less patience than the settings allow to choose."""
    facts = dataclasses.replace(await sync_to_async(loaded)(stage), idle_seconds=seconds)
    lease = lease_for(stage)
    run = session.ChannelRun(lease, facts)
    async with watching(stage) as show:
        await run.open()
        task = asyncio.create_task(_all(run))
        try:
            yield LiveChannel(stage, lease, show, task)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await run.close()


async def _all(run: session.ChannelRun) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(run.read_inbox())
        group.create_task(run.answer())


async def test_in_a_silence_she_talks_and_stops_for_whoever_calls(stage: Channel, provider: ProviderServer) -> None:
    story = "Once there was a lighthouse. It liked the rain. Then a ship came by and told it a very long story."
    provider.chat.queue(reply(story), reply("Hello Mia!"))
    async with talkative(stage, 1) as channel:
        channel.show.holding = True
        await until(lambda: bool(channel.show.utterances) and len(channel.show.utterances[0].sentences) > 1, seconds=40)
        await sync_to_async(talk.say_as)(stage, "Mia", "!ai hello")
        turns = await channel.settled(2, seconds=40)
    first, second = turns[:2]
    assert (first.trigger, first.asked, first.chatter_name) == ("idle", "", "")
    assert (first.outcome, first.reason) == ("interrupted", "somebody called her")
    assert first.heard
    assert not first.heard.endswith("long story.")
    assert (second.chatter_name, second.heard) == ("Mia", "Hello Mia!")
    # What she said by herself is part of the conversation.
    past = await sync_to_async(records.past_exchanges)(stage.pk)
    assert (past[0].text, past[0].reply) == ("", first.heard)


@pytest.mark.parametrize("why", ["nobody looks", "panic", "a reply waits"])
@virtual
async def test_a_silence_she_may_not_break_costs_nothing(stage: Channel, why: str) -> None:
    looks = 0

    def now() -> float:
        nonlocal looks
        looks += 1
        return VirtualClock().now()

    facts = dataclasses.replace(await sync_to_async(loaded)(stage), idle_seconds=1)
    run = session.ChannelRun(await sync_to_async(lease_for)(stage), facts, now=now)
    await run.own.open()
    # As it was told already: what goes through sockets takes real time.
    run.stage.name = "muted" if why == "panic" else "idle"
    run.stage.count(0 if why == "nobody looks" else 1)
    run.panicking = why == "panic"
    run.own.see(audience=True)
    if why == "a reply waits":
        said = StreamEvent("m1", EventKind.MESSAGE, Chatter("44", "Dora"), "!ai hi", run.now())
        turn = begin(run.line, Choice((said,), "command", "chatter", said.text))
        turn.outcome = "waiting"
        run.under_way.add(turn, asyncio.create_task(asyncio.sleep(3600)))
    await asyncio.sleep(2)
    before = looks
    answering = asyncio.create_task(run.answer())
    await asyncio.sleep(60)
    answering.cancel()
    assert looks - before < 20
