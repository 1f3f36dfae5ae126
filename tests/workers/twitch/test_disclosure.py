"""Who asks in chat what she is gets one honest line there; where Twitch does not show it, she says it."""

from __future__ import annotations

import pytest

from channels_app.models import Channel
from tests import factories
from tests.clock import until
from tests.fakes.provider import ProviderServer
from tests.fakes.twitch import FakeTwitch
from tests.fakes.twitch_live import running_channel
from tests.live import live
from workers import chat_line
from workers.fleet.runtime import in_db

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("built_front_end")]


@pytest.fixture
def on_twitch(twitch: FakeTwitch) -> Channel:
    channel = running_channel(twitch)
    factories.persona(channel, chatter_cooldown=0)
    return channel


async def test_in_chat_she_writes_it_and_keeps_silent(
    on_twitch: Channel, twitch: FakeTwitch, provider: ProviderServer
) -> None:
    async with live(on_twitch) as channel:
        await channel.say("!ai", name="Ann")
        await until(lambda: bool(twitch.world.chat_lines))
        await channel.say("!ai hello", name="Ben")
        [turn] = await channel.settled()
    [(where, text)] = twitch.world.chat_lines
    assert (where, turn.asked) == (on_twitch.twitch_id, "hello")
    assert text.startswith("Mira is an AI character of ")


async def test_a_run_whose_lease_is_over_writes_nothing_in_chat(on_twitch: Channel, twitch: FakeTwitch) -> None:
    assert not await in_db(chat_line.write, lambda: False, on_twitch.pk, "I am an AI.")
    assert twitch.world.chat_lines == []
    assert await in_db(chat_line.write, lambda: True, on_twitch.pk, "I am an AI.")


async def test_where_twitch_does_not_show_it_she_says_it(
    on_twitch: Channel, twitch: FakeTwitch, provider: ProviderServer
) -> None:
    twitch.world.chat_drops = True
    async with live(on_twitch) as channel:
        await channel.say("!ai", name="Ann")
        [turn] = await channel.settled()
    assert "AI character" in turn.heard
    assert twitch.world.chat_lines == []
