"""A live channel whose limits come near: she grows quieter and cheaper, says so, and thanks for what was paid."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db.models import Sum
from django.utils import timezone

from billing import saving
from billing.ledger import record_usage
from billing.models import Budget, Reservation, UsageRecord
from channels_app.entitlements import Entitlements
from channels_app.models import AuditEvent, Channel, DesiredState, PaidEvent, Turn
from channels_app.talk import say_as
from tests.clock import until
from tests.fakes.provider import ProviderServer, reply
from tests.live import LiveChannel, live
from workers import purse

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("built_front_end")]

DEAR = (50.0, 50.0, 50.0, 50.0)
"""A model whose prices make a reply cost some ten cents."""


@pytest.fixture
def priced(provider: ProviderServer, settings: Any) -> ProviderServer:
    settings.ENV = settings.ENV.model_copy(
        update={"LLM_PRICES": DEAR, "CHANNEL_HOURLY_CEILING": 0.0, "CHANNEL_DAILY_CEILING": 0.0}
    )
    return provider


async def spent(channel: Channel, **amounts: Any) -> None:
    await sync_to_async(record_usage)(channel, key="before", kind=UsageRecord.Kind.REPLY, **amounts)


async def ceiling(channel: Channel, dollars: float) -> None:
    await sync_to_async(saving.set_ceilings)(
        channel, acting_user=None, hourly_micros=None, daily_micros=round(dollars * 1_000_000)
    )


async def cost(channel: Channel) -> int:
    rows = UsageRecord.objects.filter(channel=channel)
    return int((await sync_to_async(lambda: rows.aggregate(all=Sum("cost_micros", default=0)))())["all"])


async def test_every_reply_is_reserved_before_it_and_settled_after_it(stage: Channel, priced: ProviderServer) -> None:
    priced.chat.queue(reply("Hello there."))
    async with live(stage) as channel:
        await channel.say("!ai hello")
        [turn] = await channel.settled()
    row = await UsageRecord.objects.aget(key=f"turn:{turn.pk}")
    assert row.cost_micros > 0
    assert (row.replies, row.own_micros, row.confidence) == (1, 0, "exact")
    assert row.speech_ms > 300
    assert [rate["micros"] for rate in row.rates] == [list(DEAR)]
    assert await Reservation.objects.acount() == 0
    budget = await Budget.objects.aget(channel=stage)
    assert (budget.hour_micros, budget.held_micros) == (row.cost_micros, 0)


async def spoken_since(channel: LiveChannel, count: int) -> list[Turn]:
    """Turns beyond the first `count` that were spoken and written down."""
    return [turn for turn in (await channel.turns())[count:] if turn.outcome == Turn.Outcome.SPOKEN]


async def test_a_ceiling_is_passed_by_no_more_than_one_reply_and_what_was_paid_is_still_thanked_for(
    stage: Channel, priced: ProviderServer
) -> None:
    await ceiling(stage, 0.4)
    async with live(stage) as channel:
        number = 0
        while not await channel_is_on(stage, "paid"):
            await channel.say(f"!ai and what about number {number}?", name=f"Viewer{number}")
            number += 1
            await until(partial(answered_or_spent, channel, number))
        asked = len(priced.requests_to("/chat/completions"))
        before = len(await channel.turns())
        await channel.say("!ai anybody there?", name="Late")
        event = await sync_to_async(say_as)(stage, "Payer", "Cheer100 hi", "cheer", 100)
        await until(lambda: is_done(event))
        await until(partial(spoken_since, channel, before))
        thanked = await spoken_since(channel, before)
    dearest = max([row.cost_micros async for row in UsageRecord.objects.filter(channel=stage)])
    assert 0 < await cost(stage) <= 400_000 + dearest
    assert len(priced.requests_to("/chat/completions")) == asked
    assert (await PaidEvent.objects.aget(event_id=event)).state == "spoken"
    assert [turn.brain for turn in thanked] == ["demo brain"]
    steps = [row.detail["step"] async for row in AuditEvent.objects.filter(action="budget.step").order_by("at", "pk")]
    assert steps[-1] == "paid"


async def answered_or_spent(channel: LiveChannel, count: int) -> bool:
    """Who writes when nothing is left any more is not answered."""
    over = sum(turn.ended_at is not None for turn in await channel.turns())
    return over >= count or await channel_is_on(channel.channel, "paid")


async def channel_is_on(channel: Channel, step: str) -> bool:
    return await Budget.objects.filter(channel=channel, step=step).aexists()


async def is_done(event: str) -> bool:
    return await PaidEvent.objects.filter(event_id=event, state="spoken").aexists()


async def test_near_the_ceiling_she_answers_in_captions_and_says_so(stage: Channel, priced: ProviderServer) -> None:
    priced.chat.default = reply("[happy] One short line. And then a great deal more of it that nobody may hear. " * 3)
    await ceiling(stage, 10)
    await spent(stage, cost_micros=9_700_000)
    async with live(stage) as channel:
        await channel.say("!ai hello")
        [turn] = await channel.settled()
        [utterance] = channel.show.utterances
        assert set(utterance.mouths) == {"sil"}
        assert utterance.sentences[0] == "One short line."
        assert len(turn.said) < 200
    assert (turn.outcome, turn.voice) == ("spoken", "captions only")
    assert priced.requests_to("/audio/speech") == []
    assert "at most 90 characters" in str(priced.requests_to("/chat/completions")[-1].body["messages"])


async def test_a_run_goes_back_to_her_voice_when_the_ceiling_is_raised(stage: Channel, priced: ProviderServer) -> None:
    await ceiling(stage, 10)
    await spent(stage, cost_micros=9_000_000)
    async with live(stage) as channel:
        assert await channel_is_on(stage, "built_in")
        await ceiling(stage, 100)
        await until(lambda: channel_is_on(stage, ""))
        await channel.say("!ai hello")
        [turn] = await channel.settled()
    assert turn.voice == "local-voice"


async def test_when_the_plans_characters_are_used_up_a_voice_of_this_machine_speaks(
    stage: Channel, priced: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.wiring.is_near", lambda url: False)
    await Channel.objects.filter(pk=stage.pk).aupdate(entitlements=Entitlements(characters=400).stored())
    await spent(stage, provider_characters=390)
    async with live(stage) as channel:
        await channel.say("!ai hello")
        [turn] = await channel.settled()
    assert turn.outcome == "spoken"
    assert turn.voice.startswith("built-in")
    assert priced.requests_to("/audio/speech") == []


async def test_when_the_plans_replies_are_used_up_only_what_is_paid_for_is_answered(
    stage: Channel, priced: ProviderServer
) -> None:
    await Channel.objects.filter(pk=stage.pk).aupdate(entitlements=Entitlements(replies=5).stored())
    await spent(stage, replies=5)
    async with live(stage) as channel:
        await channel.say("!ai hello")
        event = await sync_to_async(say_as)(stage, "Payer", "Cheer100 hi", "cheer", 100)
        await until(lambda: is_done(event))
        [turn] = await channel.settled()
    assert turn.trigger == "cheer"
    assert (await Budget.objects.aget(channel=stage)).period_replies == 6


async def test_when_live_time_is_used_up_she_says_goodbye_and_is_stopped(
    stage: Channel, provider: ProviderServer
) -> None:
    await Channel.objects.filter(pk=stage.pk).aupdate(entitlements=Entitlements(live_seconds=3600).stored())
    async with live(stage) as channel:
        await sync_to_async(saving.set_ceilings)(
            stage, acting_user=None, hourly_micros=None, daily_micros=None, farewell="Good night, lovely people."
        )
        await spent(stage, live_seconds=3600)
        await channel.tell(t="command", name="reload")
        await until(lambda: channel.run.done(), seconds=20)
        assert " ".join(channel.show.utterances[-1].sentences) == "Good night, lovely people."
    await stage.arefresh_from_db()
    assert stage.desired_state == DesiredState.STOPPED
    assert await AuditEvent.objects.filter(action="budget.live_time_over").aexists()


async def test_a_new_run_takes_back_what_a_killed_one_held(stage: Channel, provider: ProviderServer) -> None:
    def hold() -> None:
        from billing.budget import Claim, reserve
        from billing.limits import Limits

        reserve(stage, key="turn:dead", claim=Claim(5000), limits=Limits(), now=timezone.now())

    await sync_to_async(hold)()
    async with live(stage):
        assert (await Budget.objects.aget(channel=stage)).held_micros == 0


def test_live_time_counts_what_was_heard_once_and_no_sleep_of_the_machine() -> None:
    time = purse.LiveTime(0.0)
    time.tick(10.0, live=True)
    time.tick(20.0, live=False)
    time.tick(19.0, live=True)
    time.tick(29.5, live=True)
    assert time.next() == (0, 20)
    assert time.next() == (0, 20)
    time.written(0, 20)
    time.tick(29.5 + timedelta(hours=8).total_seconds(), live=True)
    assert time.next() == (1, 0)
    assert time.unwritten == pytest.approx(0.5)
