"""What somebody paid for, through a live channel: spoken once, or refused with a reason."""

from __future__ import annotations

import time

import pytest
from asgiref.sync import sync_to_async

from channels_app import talk, tips
from channels_app.models import Channel, PaidEvent, Turn
from tests import factories
from tests.clock import until
from tests.fakes.provider import ProviderServer, reply, stall, status
from tests.live import live
from workers import under_way
from workers.pipeline import playout

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("built_front_end")]


async def test_it_is_spoken_once_and_done(stage: Channel, provider: ProviderServer) -> None:
    async with live(stage) as channel:
        await sync_to_async(talk.say_as)(stage, "Payer", "hydrate!", "redemption")
        [turn] = await channel.settled()
        await channel.tell(t="paid")
        await channel.say("!ai hi", name="Other")
        turns = await channel.settled(2)
    assert turn.trigger != ""
    assert len(turns) == 2
    [row] = [row async for row in PaidEvent.objects.filter(channel=stage)]
    assert (row.state, row.turn_id) == ("spoken", turn.pk)


async def test_a_tip_is_thanked_for_once_however_often_it_is_told(stage: Channel, provider: ProviderServer) -> None:
    tip = tips.made("4.50", "EUR", name="Nora", text="for the kettle", known_as="order-7")
    async with live(stage) as channel:
        for _ in range(2):
            await sync_to_async(tips.take)(stage, tip, acting_user=None)
        [turn] = await channel.settled()
        await sync_to_async(tips.take)(stage, tip, acting_user=None)
        await channel.say("!ai hi", name="Other")
        turns = await channel.settled(2)
    assert (turn.trigger, turn.chatter_name, turn.outcome) == ("tip", "Nora", "spoken")
    assert "€4.50" in provider.requests_to("/chat/completions")[0].body["messages"][-1]["content"]
    assert [other.trigger for other in turns].count("tip") == 1
    assert (await PaidEvent.objects.aget(channel=stage)).state == "spoken"


async def test_what_this_release_cannot_read_waits_and_ends_no_run(stage: Channel, provider: ProviderServer) -> None:
    newer = {"id": "h", "kind": "hug", "chatter": {"id": "7", "name": "Nora"}, "text": "", "at": time.time()}
    await PaidEvent.objects.acreate(channel=stage, kind="hug", event_id="h", payload=newer)
    async with live(stage) as channel:
        await channel.tell(t="event", event=newer)
        await channel.say("!ai hi", name="Other")
        [turn] = await channel.settled()
    assert turn.outcome == "spoken"
    assert (await PaidEvent.objects.aget(channel=stage)).state == "waiting"


async def test_it_is_thanked_for_when_the_model_is_down(stage: Channel, provider: ProviderServer) -> None:
    provider.chat.queue(status(401))
    async with live(stage) as channel:
        await sync_to_async(talk.say_as)(stage, "Payer", "Cheer100 hi", "cheer", 100)
        [turn] = await channel.settled()
    assert (turn.outcome, turn.brain) == ("spoken", "demo brain")
    assert (await PaidEvent.objects.aget(channel=stage)).state == "spoken"


async def test_a_run_that_dies_before_it_is_heard_leaves_it_to_the_next(
    stage: Channel, provider: ProviderServer
) -> None:
    provider.chat.queue(stall(after=1))
    async with live(stage, fence=1) as first:
        await sync_to_async(talk.say_as)(stage, "Payer", "hello", "redemption")
        await provider.until(lambda: len(provider.requests_to("/chat/completions")) == 1)
        assert first.show.utterances == []
    async with live(stage, fence=2) as second:
        await second.settled(2)
    assert len(second.show.utterances) == 1
    assert (await PaidEvent.objects.aget(channel=stage)).state == "spoken"


async def test_it_is_not_spoken_again_when_it_was_heard_before_the_run_died(
    stage: Channel, provider: ProviderServer
) -> None:
    async with live(stage, fence=1) as first:
        first.show.holding = True
        await sync_to_async(talk.say_as)(stage, "Payer", "hello", "redemption")
        await until(lambda: bool(first.show.utterances) and first.show.utterances[0].complete)
    async with live(stage, fence=2) as second:
        await second.say("!ai hi")
        await second.settled(2)
    assert len(second.show.utterances) == 1
    assert (await PaidEvent.objects.aget(channel=stage)).state == "spoken"


async def test_what_no_overlay_played_is_not_spoken_but_answered_again(
    stage: Channel, provider: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playout, "START_GRACE", 0.1)
    provider.chat.queue(reply("Thank you."), reply("Thank you."))
    async with live(stage) as channel:
        channel.show.unplayed = {1}
        await sync_to_async(talk.say_as)(stage, "Payer", "hello", "redemption")
        turns = await channel.settled(2)
    assert [(turn.outcome, turn.reason) for turn in turns] == [
        ("failed", "no overlay said that it played"),
        ("spoken", ""),
    ]
    assert (await PaidEvent.objects.aget(channel=stage)).state == "spoken"


async def test_what_no_overlay_ever_plays_is_refused_with_that_reason(
    stage: Channel, provider: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playout, "START_GRACE", 0.1)
    provider.chat.queue(reply("Thank you."), reply("Thank you."))
    async with live(stage) as channel:
        channel.show.unplayed = {1, 2, 3}
        await sync_to_async(talk.say_as)(stage, "Payer", "hello", "redemption")
        await channel.settled(under_way.TRIES)
    row = await PaidEvent.objects.aget(channel=stage)
    assert (row.state, row.reason) == ("refused", "no overlay said that it played")


async def test_what_another_run_answers_is_left_to_it(stage: Channel, provider: ProviderServer) -> None:
    def taken_over() -> PaidEvent:
        turn = factories.turn(stage, outcome=Turn.Outcome.THINKING, fence=7)
        return factories.paid_event(stage, state="claimed", fence=7, turn=turn)

    row = await sync_to_async(taken_over)()
    async with live(stage, fence=6) as old:
        await old.tell(t="event", event=row.payload | {"at": time.time(), "paid_id": row.pk})
        await until(lambda: Turn.objects.filter(channel=stage, outcome="refused").aexists())
        await old.say("!ai hi", name="Other")
        await until(lambda: Turn.objects.filter(channel=stage, outcome="spoken").aexists())
    await row.arefresh_from_db()
    assert (row.state, row.fence) == ("claimed", 7)


async def test_a_forbidden_one_is_refused_with_the_reason(stage: Channel, provider: ProviderServer) -> None:
    async with live(stage) as channel:
        await sync_to_async(talk.say_as)(stage, "Payer", "call me at +1 202 555 0143 please", "redemption")
        await channel.settled()
    row = await PaidEvent.objects.aget(channel=stage)
    assert row.state == "refused"
    assert "safety" in row.reason
