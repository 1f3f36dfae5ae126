"""Who asks what she is gets one honest line, said aloud where there is no chat to write in."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async

from channels_app.models import Channel
from tests import factories
from tests.fakes.provider import ProviderServer
from tests.live import live
from workers.pipeline.values import EventKind

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("built_front_end")]


async def test_without_a_chat_she_says_it_aloud_once_in_a_while(stage: Channel, provider: ProviderServer) -> None:
    async with live(stage) as channel:
        await channel.say("!ai", name="Ann")
        await channel.say(" !AI ", name="Ben")
        [turn] = await channel.settled()
        await channel.say("!ai hello", name="Cleo")
        turns = await channel.settled(2)
    assert turn.trigger == EventKind.SAY
    assert turn.heard.startswith("Mira is an AI character of Alice")
    assert [each.asked for each in turns[1:]] == ["hello"], "with words behind it, it is her own command"
    assert len(provider.requests_to("/chat/completions")) == 1


async def test_it_is_asked_for_alone_whatever_her_own_command_is(stage: Channel, provider: ProviderServer) -> None:
    await sync_to_async(factories.version)(await stage.personas.aget(), command="!mika", language="ru")
    async with live(stage) as channel:
        await channel.say("!ai hello", name="Ann")
        await channel.say("!ai", name="Ben")
        [turn] = await channel.settled()
    assert "ИИ-персонаж" in turn.heard
