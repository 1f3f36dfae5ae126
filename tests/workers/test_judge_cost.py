"""Who judges what she says is paid like who answers: in the turn's record, in her memory's, and in a check's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from billing.models import Budget, HouseDay, UsageRecord
from channels_app.models import Channel, ProviderAccess
from tests.fakes.provider import ProviderServer, reply, stall
from tests.live import live
from workers import wiring
from workers.outlook import prices_of
from workers.records import load

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("built_front_end")]

FREE, PRICES = (0.0, 0.0, 0.0, 0.0), (2.0, 0.2, 2.5, 10.0)


@pytest.fixture
def judged(provider: ProviderServer, settings: Any) -> ProviderServer:
    """Her model asks nothing, her judge does."""
    settings.ENV = settings.ENV.model_copy(
        update={
            "LLM_PRICES": FREE,
            "SPEECH_PRICE": 0.0,
            "JUDGE_BASE_URL": provider.base_url,
            "JUDGE_PRICES": PRICES,
        }
    )
    return provider


async def record_of_a_turn(stage: Channel) -> UsageRecord:
    async with live(stage) as channel:
        await channel.say("!ai hello")
        [turn] = await channel.settled()
    return await UsageRecord.objects.aget(key=f"turn:{turn.pk}")


async def test_the_record_of_a_turn_includes_its_judge(stage: Channel, judged: ProviderServer) -> None:
    judged.chat.queue(reply("Hello there. How are you?"))
    row = await record_of_a_turn(stage)
    assert len(judged.requests_to("/decisions")) == 2
    assert (row.prompt_tokens, row.completion_tokens) == (judged.till.prompt, judged.till.completion)
    assert row.cost_micros > 200
    assert (row.own_micros, row.confidence) == (0, "exact")
    assert list(PRICES) in [rate["micros"] for rate in row.rates]
    assert (await Budget.objects.aget(channel=stage)).day_micros == row.cost_micros


async def test_a_judge_that_is_too_slow_is_paid_about_what_it_read(stage: Channel, judged: ProviderServer) -> None:
    judged.chat.queue(reply("Hello there."))
    judged.decisions.queue(stall())
    row = await record_of_a_turn(stage)
    assert row.prompt_tokens == pytest.approx(judged.till.prompt, rel=0.2)
    assert row.cost_micros > 0
    assert row.confidence == "estimated"


async def test_a_judge_of_the_channels_own_is_the_channels_money(
    stage: Channel, judged: ProviderServer, hosted: Callable[[str], None]
) -> None:
    hosted("own-judge")
    access = ProviderAccess(channel=stage, kind="judge", base_url=judged.base_url, model="own-judge", api_key="k")
    await sync_to_async(access.save)()
    row = await record_of_a_turn(stage)
    assert judged.requests_to("/decisions")[-1].body["model"] == "own-judge"
    assert row.own_micros == row.cost_micros > 1000, "by its own price, not by JUDGE_PRICES"
    assert (await HouseDay.objects.aget()).micros == 0


async def test_the_next_reply_is_foreseen_with_its_judge(stage: Channel, judged: ProviderServer) -> None:
    await Channel.objects.filter(pk=stage.pk).aupdate(desired_state="running")
    prices = prices_of(await sync_to_async(load)(stage.public_id))
    assert prices.llm_micros == 0
    assert (prices.judge_micros > 1000, prices.judge_own) == (True, False)


async def test_an_unknown_price_of_the_judge_is_said_in_the_record(
    stage: Channel, judged: ProviderServer, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "is_near", lambda url: False)
    settings.ENV = settings.ENV.model_copy(update={"JUDGE_PRICES": None, "JUDGE_MODEL": "a-new-one"})
    assert (await record_of_a_turn(stage)).confidence == "unpriced"
