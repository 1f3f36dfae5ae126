"""Chatters who ask what she remembers are answered where they asked; aloud where she may not write there."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from channels_app import viewer_rights
from channels_app.models import Channel, MemoryFact
from channels_app.viewer_rights import Right
from tests import factories
from tests.clock import until
from tests.fakes.provider import ProviderServer
from tests.fakes.twitch import FakeTwitch
from tests.fakes.twitch_live import running_channel
from tests.live import live

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("built_front_end")]


async def test_in_chat_or_aloud_they_hear_what_she_keeps(twitch: FakeTwitch, provider: ProviderServer) -> None:
    stage = await sync_to_async(running_channel)(twitch)
    await sync_to_async(factories.persona)(stage, chatter_cooldown=0)
    for text in ("Has a cat", "Call me on 8 800 555 35 35"):
        await MemoryFact.objects.acreate(channel=stage, chatter_id="44", text=text, learned_at=timezone.now())
    ask = sync_to_async(viewer_rights.obey)
    async with live(stage) as channel:
        fresh = await Channel.objects.aget(pk=stage.pk)
        await ask(fresh, Right.KNOW, "44", "Dora")
        await until(lambda: len(twitch.world.chat_lines) == 1)
        # A moment later chat has had its line, so the next is told aloud.
        await ask(fresh, Right.KNOW, "45", "Boris")
        [turn] = await channel.settled()
    assert twitch.world.chat_lines[0][1] == "@Dora This is what I remember about you: Has a cat."
    assert (turn.trigger, turn.chatter_id, turn.heard) == ("notice", "45", "I keep nothing about you.")
    assert provider.requests_to("/chat/completions") == []
