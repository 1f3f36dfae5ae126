"""A raid comes while she answers chat: she ends her sentence, greets it, and goes back to who was not heard yet."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from channels_app import talk
from channels_app.models import Channel
from tests.clock import until
from tests.fakes.provider import ProviderServer, reply
from tests.live import LiveChannel, live
from workers.pipeline.bell import Bell
from workers.under_way import hand_on

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("built_front_end")]

STORY = "Once there was a lighthouse. It liked the rain. Then a ship came by and told it a very long story."


async def raid(stage: Channel, viewers: int = 50) -> None:
    await sync_to_async(talk.say_as)(stage, "Kim", "", "raid", viewers)


async def speaks(channel: LiveChannel, sentences: int = 1) -> None:
    """Returns when so many sentences of the present reply are on their way to the page, which plays on."""
    await until(
        lambda: bool(channel.show.utterances) and len(channel.show.utterances[-1].sentences) >= sentences, seconds=40
    )


async def test_she_ends_her_sentence_and_greets_the_raid(stage: Channel, provider: ProviderServer) -> None:
    provider.chat.queue(reply(STORY), reply("Welcome, Kim and all of you!"))
    async with live(stage) as channel:
        channel.show.holding = True
        await channel.say("!ai tell me a story", name="Mia")
        await speaks(channel, 2)
        await raid(stage)
        story, welcome = (await channel.settled(2, seconds=40))[:2]
    assert (story.outcome, story.reason) == ("interrupted", "made way for a raid or a large gift")
    assert STORY.startswith(story.heard)
    assert story.heard.endswith(".")
    assert not story.heard.endswith("long story.")
    assert (welcome.chatter_name, welcome.heard) == ("Kim", "Welcome, Kim and all of you!")


async def test_a_small_raid_waits_for_its_turn(stage: Channel, provider: ProviderServer) -> None:
    provider.chat.queue(reply(STORY), reply("Welcome!"))
    async with live(stage) as channel:
        channel.show.holding = True
        await channel.say("!ai tell me a story", name="Mia")
        await speaks(channel, 2)
        await raid(stage, 3)
        await speaks(channel, 3)
        await channel.show.let_go()
        story, _welcome = (await channel.settled(2, seconds=40))[:2]
    assert (story.outcome, story.heard) == ("spoken", STORY)


async def test_who_was_not_heard_yet_is_answered_after_the_raid(stage: Channel, provider: ProviderServer) -> None:
    provider.answer = _by_name
    async with live(stage) as channel:
        channel.show.holding = True
        await channel.say("!ai first", name="Mia")
        # Her only sentence is heard: the next is thought of meanwhile.
        await speaks(channel)
        await channel.say("!ai second", name="Ann")
        await until(lambda: len(provider.requests_to("/chat/completions")) == 2, seconds=40)
        await raid(stage)
        await until(lambda: len(provider.requests_to("/chat/completions")) == 3, seconds=40)
        assert len(channel.show.utterances) == 1
        await channel.show.let_go()
        turns = await channel.settled(4, seconds=40)
    heard = [turn.heard for turn in sorted(turns, key=lambda turn: turn.heard_at or turn.created_at) if turn.heard]
    assert heard == ["That is for Mia.", "That is for Kim.", "That is for Ann."]
    put_off = next(turn for turn in turns if not turn.heard)
    assert (put_off.chatter_name, put_off.outcome) == ("Ann", "interrupted")


def _by_name(body: dict[str, Any]) -> str:
    asked = str(body["messages"][-1])
    return next(f"That is for {name}." for name in ("Kim", "Ann", "Mia") if name in asked)


async def test_a_turn_that_ends_early_does_not_let_the_next_talk_into_the_one_before() -> None:
    floor, first, second = Bell(), Bell(), Bell()
    handing = asyncio.create_task(hand_on(floor, first, second))
    second.set()
    await asyncio.sleep(0)
    assert not floor.is_set()
    first.set()
    await handing
    assert floor.is_set()
