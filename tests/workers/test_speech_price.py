"""A voice whose price stands in no list: whoever runs the site sets it, and it counts and is shown as that."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from billing.models import UsageRecord
from channels_app.models import Channel, ProviderAccess, User
from tests.fakes.provider import ProviderServer, reply
from tests.live import live
from workers.outlook import prices_of
from workers.records import load

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("built_front_end")]

DOLLARS = 0.02


@pytest.fixture
def priced(provider: ProviderServer, settings: Any) -> ProviderServer:
    settings.ENV = settings.ENV.model_copy(update={"LLM_PRICES": (0.0, 0.0, 0.0, 0.0), "SPEECH_PRICE": DOLLARS})
    return provider


async def test_what_she_says_costs_that_exactly(stage: Channel, priced: ProviderServer) -> None:
    priced.chat.queue(reply("Hello there, how are you?"))
    async with live(stage) as channel:
        await channel.say("!ai hello")
        [turn] = await channel.settled()
    row = await UsageRecord.objects.aget(key=f"turn:{turn.pk}")
    assert row.provider_characters == row.characters > 0
    assert row.cost_micros == round(row.characters * DOLLARS * 1000)
    assert row.confidence == "exact"
    assert {"what": "", "dated": "", "micros": [DOLLARS * 1000]} in row.rates


async def test_the_next_reply_is_foreseen_with_it(stage: Channel, priced: ProviderServer) -> None:
    await Channel.objects.filter(pk=stage.pk).aupdate(desired_state="running")
    voice = prices_of(await sync_to_async(load)(stage.public_id)).voice
    assert (voice.micros, voice.known, voice.own) == (DOLLARS * 1000, True, False)


async def test_a_speech_server_of_the_channels_own_has_another_price(stage: Channel, priced: ProviderServer) -> None:
    access = ProviderAccess(channel=stage, kind="speech", base_url=priced.base_url, model="own-voice", api_key="k")
    await sync_to_async(access.save)()
    await Channel.objects.filter(pk=stage.pk).aupdate(desired_state="running")
    assert prices_of(await sync_to_async(load)(stage.public_id)).voice.micros == 0


def test_the_persona_page_says_who_set_it(stage: Channel, priced: ProviderServer, client: Client, alice: User) -> None:
    client.force_login(alice)
    listed = client.get(f"/c/{stage.public_id}/voices/").json()["voices"]
    (voice,) = (each for each in listed if each["engine"] == "openai")
    assert (voice["cost_per_1000"], voice["cost_source"], voice["cost_date"]) == (
        DOLLARS,
        "set by whoever runs this site",
        "",
    )
