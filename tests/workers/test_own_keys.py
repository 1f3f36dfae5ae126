"""A channel with providers of its own: its key, its bill, its address, and nothing of the platform's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from pydantic import SecretStr

from billing.models import Budget, HouseDay, UsageRecord
from channels_app.models import Channel, ProviderAccess
from tests.fakes.provider import ProviderServer, reply, status
from tests.live import live
from workers.outlook import Outlook, Prices, prices_of
from workers.pipeline.thrift import Step
from workers.pipeline.values import FREE, Price, Usage
from workers.records import load, providers_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("built_front_end")]


@pytest.fixture
def own() -> Iterator[ProviderServer]:
    """The channel's own provider."""
    with ProviderServer() as server:
        yield server


@pytest.fixture
def with_own(stage: Channel, provider: ProviderServer, own: ProviderServer, settings: Any) -> Channel:
    settings.ENV = settings.ENV.model_copy(
        update={"LLM_SPARE_MODEL": "spare", "LLM_SPARE_API_KEY": SecretStr("spare-key")}
    )
    for kind, model in (("llm", "own-model"), ("speech", "own-voice")):
        ProviderAccess.objects.create(
            channel=stage, kind=kind, base_url=own.base_url, model=model, voice="own", api_key=f"own-{kind}-key"
        )
    return stage


async def test_everything_is_asked_of_it_and_nothing_of_the_platforms_is_sent(
    with_own: Channel, provider: ProviderServer, own: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-platform")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-platform")
    own.chat.queue(reply("Hello from your own model."))
    async with live(with_own) as channel:
        await channel.say("!ai hello")
        [turn] = await channel.settled()
    assert (turn.outcome, turn.brain) == ("spoken", "own-model")
    assert provider.requests == []
    keys = {request.headers["Authorization"] for request in own.requests if "Authorization" in request.headers}
    assert keys == {"Bearer own-llm-key", "Bearer own-speech-key"}
    sent = " ".join(str(request.headers) for request in own.requests)
    for secret in ("platform", "llm-key'", "spare-key"):
        assert secret not in sent.replace("own-llm-key", "")


@pytest.mark.parametrize("fault", [status(401), status(500), status(402)], ids=["refused", "broken", "unpaid"])
async def test_when_it_fails_nobody_else_is_asked_in_its_place(
    with_own: Channel, provider: ProviderServer, own: ProviderServer, fault: Any
) -> None:
    own.chat.default = fault
    async with live(with_own) as channel:
        await channel.say("!ai hello")
        [turn] = await channel.settled()
    assert turn.outcome == "failed"
    assert provider.requests == []


async def test_an_empty_key_is_no_leave_to_use_the_platforms(
    with_own: Channel, provider: ProviderServer, own: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-platform")
    await ProviderAccess.objects.filter(channel=with_own).aupdate(api_key="")
    async with live(with_own) as channel:
        await channel.say("!ai hello")
        await channel.settled()
    assert provider.requests == []
    assert {request.headers.get("Authorization", "Bearer none") for request in own.requests} == {"Bearer none"}


async def test_its_keys_stand_in_the_database_as_nobody_can_read_them(with_own: Channel) -> None:
    def stored() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT api_key FROM channels_app_provideraccess")
            return str(cursor.fetchall())

    assert "own-llm-key" not in await sync_to_async(stored)()
    assert "own-llm-key" not in repr(await sync_to_async(providers_of)(with_own.pk))


async def test_what_it_costs_is_the_channels_own_and_no_money_of_the_house(
    with_own: Channel, own: ProviderServer, hosted: Callable[[str], None]
) -> None:
    hosted("own-model")
    async with live(with_own) as channel:
        await channel.say("!ai hello")
        [turn] = await channel.settled()
    row = await UsageRecord.objects.aget(key=f"turn:{turn.pk}")
    assert row.cost_micros > 0
    assert row.own_micros == row.cost_micros
    assert row.provider_characters == 0
    assert row.confidence == "unpriced", "nobody knows what its voice asks"
    budget = await Budget.objects.aget(channel=with_own)
    assert (budget.day_micros, budget.day_own_micros) == (row.cost_micros, row.cost_micros)
    assert (await HouseDay.objects.aget()).micros == 0


# What the next reply may cost


async def test_a_persona_with_a_voice_of_this_machine_asks_for_no_characters(
    stage: Channel, provider: ProviderServer
) -> None:
    await Channel.objects.filter(pk=stage.pk).aupdate(desired_state="running")
    facts = await sync_to_async(load)(stage.public_id)
    assert prices_of(facts) == Prices(0.0, False, FREE)


def test_the_guess_is_high_at_first_and_then_what_her_dearest_replies_were() -> None:
    outlook = Outlook(Prices(500.0, False, Price(15.0)))
    assert (outlook.claim().micros, outlook.claim().characters) == (500 + 300 * 15, 300)
    outlook.note(Usage(cost_micros=100 * 15 + 900, provider_characters=100), Usage())
    assert outlook.claim().micros == 900 + 300 * 15
    for _ in range(20):
        outlook.note(Usage(cost_micros=100 * 15 + 40, provider_characters=100), Usage())
    assert outlook.claim().micros == 40 + 300 * 15
    assert outlook.claim(Step.SHORT).characters < 300
    assert outlook.claim(Step.BUILT_IN).micros == 40
    assert outlook.claim(Step.PAID).micros == 0
    assert outlook.claim(thinks=False).micros == 300 * 15
    assert outlook.claim(speaks=False).characters == 0


def test_thanks_from_the_script_do_not_make_the_model_look_free() -> None:
    outlook = Outlook(Prices(500.0, False, FREE))
    for _ in range(30):
        outlook.note(Usage(prompt_tokens=40, completion_tokens=9, characters=60, exact=True), Usage())
    assert outlook.claim().micros == 500


def test_a_guess_of_the_channels_own_money_asks_nothing_of_the_house() -> None:
    own = Outlook(Prices(500.0, True, Price(15.0, own=True)))
    own.note(Usage(cost_micros=100 * 15 + 900, characters=100, own_micros=2400), Usage())
    assert own.claim().platform == 0
    assert own.claim().characters == 0
    assert own.claim().micros == 900 + 300 * 15


def test_the_guess_includes_the_judge_by_the_list_at_first_and_then_by_the_dearest() -> None:
    outlook = Outlook(Prices(500.0, False, FREE, judge_micros=200.0))
    assert outlook.claim().micros == 700
    assert outlook.claim(Step.PAID, thinks=False).micros == 200, "what is said from a script is judged too"
    for _ in range(20):
        outlook.note(Usage(cost_micros=430), Usage(cost_micros=30))
    assert outlook.claim().micros == 430


def test_lines_that_are_only_judged_do_not_make_the_model_look_free() -> None:
    outlook = Outlook(Prices(500.0, False, FREE, judge_micros=200.0))
    for _ in range(30):
        outlook.note(Usage(cost_micros=30), Usage(cost_micros=30))
    assert outlook.claim().micros == 500 + 30


def test_the_sites_judge_of_a_channels_own_model_is_the_sites_money() -> None:
    outlook = Outlook(Prices(500.0, True, Price(15.0, own=True), judge_micros=200.0))
    assert outlook.claim().platform == 200
