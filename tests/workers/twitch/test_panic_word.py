"""Moderators and the broadcaster silence her with a word in chat; nobody else does, and nothing old does."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async

from channels_app import actions
from channels_app.models import AuditEvent, Channel
from tests.clock import until
from tests.fakes.twitch import FakeTwitch
from tests.fakes.twitch_live import Inbox, gateway, running_channel
from tests.live import watching

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("built_front_end")]


async def settled(twitch: FakeTwitch, inbox: Inbox) -> None:
    mark = twitch.say("Alice", "Marker", "that was all")
    await until(lambda: mark in [event["id"] for event in inbox.events])


async def is_silent(channel: Channel) -> bool:
    return (await Channel.objects.aget(pk=channel.pk)).panic_since is not None


async def test_who_may_silence_her_in_chat(twitch: FakeTwitch) -> None:
    channel = await sync_to_async(running_channel)(twitch)
    async with Inbox(channel).open() as inbox, gateway(twitch) as live, watching(channel) as show:
        await live.subscribed()
        await live.looked()
        twitch.say("Alice", "Troll", "!panic")
        twitch.say("Alice", "Troll", "!panic", badges=["subscriber", "vip"])
        twitch.say("Alice", "Bob", "do not write !panic", badges=["moderator"])
        twitch.say("Alice", "Bob", "!panicked", badges=["moderator"])
        twitch.say("Alice", "Bob", "!panic", badges=["moderator"], source="OtherChannel")
        twitch.say("Alice", "Bob", "!panic", badges=["moderator"], age=60)
        await settled(twitch, inbox)
        assert inbox.of("command") == []
        assert not await is_silent(channel)

        for line, who, badges in [("!PANIC now", "Bob", ["moderator"]), ("!panic", "Alice", [])]:
            inbox.bodies.clear()
            show.states.clear()
            twitch.say("Alice", who, line, badges=badges)
            await until(lambda: inbox.of("command") == [{"t": "command", "name": "panic"}])
            await until(lambda: "muted" in show.states)
            await until(lambda: is_silent(channel))
            await settled(twitch, inbox)
            assert line not in inbox.texts, "she does not answer it later"
            await sync_to_async(actions.calm)(channel, acting_user=None)

    rows = AuditEvent.objects.filter(action="channel.panic").order_by("pk")
    assert [row.detail["by"] async for row in rows] == ["bob in chat", "alice in chat"]


async def test_the_word_is_the_broadcasters_to_choose(twitch: FakeTwitch) -> None:
    channel = await sync_to_async(running_channel)(twitch)
    await Channel.objects.filter(pk=channel.pk).aupdate(panic_command="!тихо")
    async with Inbox(channel).open() as inbox, gateway(twitch) as live:
        await live.subscribed()
        await live.looked()
        twitch.say("Alice", "Bob", "!panic", badges=["moderator"])
        await settled(twitch, inbox)
        assert inbox.of("command") == []
        twitch.say("Alice", "Bob", "!Тихо", badges=["moderator"])
        await until(lambda: bool(inbox.of("command")))
