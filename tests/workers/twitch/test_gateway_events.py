"""What happens in a channel reaches its inbox, once, in order; what was paid is a row before it travels."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError, connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from channels_app import moderation
from channels_app.models import Channel, MemoryFact, PaidEvent, Turn
from tests import factories
from tests.clock import until
from tests.fakes import twitch_events
from tests.fakes.twitch import FakeTwitch
from tests.fakes.twitch_live import Inbox, LiveGateway, gateway, running_channel
from workers.fleet import runtime
from workers.pipeline.values import EventKind, StreamEvent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def live(twitch: FakeTwitch, alice: Channel, inbox: Inbox) -> AsyncIterator[LiveGateway]:
    async with gateway(twitch, senders=frozenset({twitch.account("TheCharacter").id})) as running:
        await running.subscribed()
        yield running


async def paid_rows() -> list[PaidEvent]:
    return await sync_to_async(lambda: list(PaidEvent.objects.order_by("pk")))()


async def settled(twitch: FakeTwitch, inbox: Inbox) -> None:
    """Everything sent so far has been worked off: a last line came through behind it."""
    mark = twitch.say("Alice", "Marker", "that was all")
    await until(lambda: mark in [event["id"] for event in inbox.events])


async def test_a_line_in_chat_arrives_once(live: LiveGateway, twitch: FakeTwitch, inbox: Inbox) -> None:
    message_id = twitch.say("Alice", "Dora", "hello @Alice how are you", badges=["moderator", "subscriber"])
    await settled(twitch, inbox)
    event = StreamEvent.from_message(inbox.events[0])
    assert (event.id, event.kind, event.text) == (message_id, EventKind.MESSAGE, "hello Alice how are you")
    assert (event.chatter.name, event.chatter.is_moderator, event.chatter.is_subscriber) == ("Dora", True, True)
    assert event.at == pytest.approx(time.time(), abs=10)
    assert len(inbox.events) == 2


async def test_lines_keep_their_order(live: LiveGateway, twitch: FakeTwitch, inbox: Inbox) -> None:
    for number in range(40):
        twitch.say("Alice", "Dora", f"line {number}")
    await until(lambda: len(inbox.events) == 40)
    assert inbox.texts == [f"line {number}" for number in range(40)]


async def test_a_notification_that_comes_twice_counts_once(live: LiveGateway, twitch: FakeTwitch, inbox: Inbox) -> None:
    twitch.say("Alice", "Dora", "hello")
    twitch.send_duplicate()
    twitch.send_duplicate()
    await settled(twitch, inbox)
    assert inbox.texts == ["hello", "that was all"]


async def test_the_next_gateway_remembers_what_this_one_saw(
    live: LiveGateway, twitch: FakeTwitch, inbox: Inbox
) -> None:
    twitch.say("Alice", "Dora", "hello")
    await until(lambda: inbox.texts == ["hello"])
    live.run.cancel()
    await asyncio.gather(live.run, return_exceptions=True)
    async with gateway(twitch) as following:
        await following.subscribed()
        twitch.send_duplicate()
        await settled(twitch, inbox)
    assert inbox.texts == ["hello", "that was all"]


async def test_a_stale_line_is_dropped(live: LiveGateway, twitch: FakeTwitch, inbox: Inbox) -> None:
    twitch.send_stale("Alice", "Dora", "eleven minutes ago")
    await settled(twitch, inbox)
    assert inbox.texts == ["that was all"]


async def test_she_does_not_answer_herself_nor_other_bots(live: LiveGateway, twitch: FakeTwitch, inbox: Inbox) -> None:
    twitch.say("Alice", "TheCharacter", "I said that")
    twitch.say("Alice", "OtherBot", "so did I", badges=["bot-badge"])
    twitch.say("Alice", "Alice", "hello, my character")
    await settled(twitch, inbox)
    assert inbox.texts == ["hello, my character", "that was all"]
    assert inbox.events[0]["chatter"]["is_broadcaster"]


async def test_a_line_of_another_channel_in_shared_chat_is_not_hers(
    live: LiveGateway, twitch: FakeTwitch, inbox: Inbox
) -> None:
    twitch.say("Alice", "Dora", "from over there", source="Bob")
    twitch.say("Alice", "Dora", "from here", source="Alice")
    await settled(twitch, inbox)
    assert inbox.texts == ["from here", "that was all"]


async def test_a_reply_to_her_is_known_as_one(live: LiveGateway, twitch: FakeTwitch, inbox: Inbox) -> None:
    twitch.say("Alice", "Dora", "@TheCharacter so true", reply_to="TheCharacter")
    twitch.say("Alice", "Dora", "@Emil so true", reply_to="Emil")
    await settled(twitch, inbox)
    assert [event["reply_to_character"] for event in inbox.events] == [True, False, False]
    assert inbox.texts[:2] == ["so true", "so true"]


async def test_deletes_timeouts_and_a_cleared_chat_are_told(
    live: LiveGateway, twitch: FakeTwitch, inbox: Inbox
) -> None:
    message_id = twitch.say("Alice", "Dora", "something rude")
    twitch.delete_message("Alice", "Dora", message_id)
    twitch.timeout("Alice", "Dora")
    twitch.ban("Alice", "Emil")
    twitch.clear_chat("Alice")
    await settled(twitch, inbox)
    assert inbox.bodies[1:-1] == [
        {"t": "deleted", "message_id": message_id},
        {"t": "chatter_cleared", "chatter_id": twitch.account("Dora").id},
        {"t": "chatter_cleared", "chatter_id": twitch.account("Emil").id},
        {"t": "chat_cleared"},
    ]


async def test_what_a_chatter_asks_of_her_memory_is_done_and_is_no_message(
    live: LiveGateway, alice: Channel, twitch: FakeTwitch, inbox: Inbox
) -> None:
    dora = twitch.account("Dora").id
    await MemoryFact.objects.acreate(channel=alice, chatter_id=dora, text="Has a cat", learned_at=timezone.now())
    twitch.say("Alice", "Dora", "!ForgetMe")
    await until(lambda: bool(inbox.of("right")))
    await settled(twitch, inbox)
    assert not await MemoryFact.objects.aexists()
    assert inbox.of("forgotten") == [{"t": "forgotten", "chatter_id": dora}]
    assert not [event for event in inbox.events if "forget" in event["text"].lower()]


async def seen(look: Callable[[], Awaitable[list[str]]], wanted: list[str]) -> bool:
    return await look() == wanted


async def test_she_falls_silent_though_the_database_is_away_and_the_rows_follow(
    live: LiveGateway, alice: Channel, twitch: FakeTwitch, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime, "DB_RETRY_SECONDS", 0.05)
    first = twitch.cheer("Alice", "Dora", 100, "rude words")
    twitch.cheer("Alice", "Emil", 100, "ruder words")
    await settled(twitch, inbox)
    away = True

    def when_away(execute: Any, *rest: Any) -> Any:
        if away:
            raise OperationalError("the database is away")
        return execute(*rest)

    def broken_for_moderation(*args: Any, **kwargs: Any) -> None:
        with connection.execute_wrapper(when_away):
            return take_back(*args, **kwargs)

    take_back = moderation.take_back
    broken_for_moderation.__name__ = "take_back"
    monkeypatch.setattr(moderation, "take_back", broken_for_moderation)
    twitch.delete_message("Alice", "Dora", first)
    twitch.ban("Alice", "Emil")
    twitch.clear_chat("Alice")
    await until(lambda: inbox.of("deleted") and inbox.of("chatter_cleared") and inbox.of("chat_cleared"))
    assert [row.state for row in await paid_rows()] == ["waiting", "waiting"]
    away = False
    await until(lambda: seen(states, ["refused", "refused"]))


async def states() -> list[str]:
    return [row.state for row in await paid_rows()]


async def ends() -> list[str]:
    """What became of everything paid. Rows are written in the background: a line that came through does not tell."""
    return [f"{row.state}: {row.reason}" for row in await paid_rows()]


async def test_what_moderators_take_out_of_the_chat_stands_in_no_history(
    live: LiveGateway, alice: Channel, twitch: FakeTwitch, inbox: Inbox
) -> None:
    async def words() -> list[str]:
        return await sync_to_async(lambda: [turn.asked for turn in Turn.objects.order_by("created_at")])()

    line = twitch.say("Alice", "Dora", "something rude")
    for name, event_id in (("Dora", line), ("Emil", "other"), ("Finn", "third")):
        # An answer to two at once: the one who is taken out is the second.
        answered = Turn.barred("first", "77", event_id, twitch.account(name).id)
        await sync_to_async(factories.turn)(alice, asked=f"{name} said so", answered=answered)
    twitch.delete_message("Alice", "Dora", line)
    await until(lambda: seen(words, ["", "Emil said so", "Finn said so"]))
    twitch.ban("Alice", "Emil")
    await until(lambda: seen(words, ["", "", "Finn said so"]))
    twitch.clear_chat("Alice")
    await until(lambda: seen(words, ["", "", ""]))


async def test_a_cheer_is_one_event_though_twitch_tells_it_twice(
    live: LiveGateway, twitch: FakeTwitch, inbox: Inbox
) -> None:
    first = twitch.cheer("Alice", "Dora", 100, "you are great")
    second = twitch.cheer("Alice", "Dora", 100, "you are great")
    await settled(twitch, inbox)
    cheers = [event for event in inbox.events if event["kind"] == "cheer"]
    assert [(c["id"], c["amount"], c["text"]) for c in cheers] == [
        (first, 100, "you are great"),
        (second, 100, "you are great"),
    ]
    assert [row.pk for row in await paid_rows()] == [cheer["paid_id"] for cheer in cheers]


async def test_a_cheer_whose_chat_line_is_late_is_still_one_and_can_be_deleted(
    live: LiveGateway, twitch: FakeTwitch, inbox: Inbox
) -> None:
    where, dora = twitch.account("Alice"), twitch.account("Dora")
    twitch.tell("channel.cheer", where, twitch_events.cheer(where, dora, 50, "Cheer50 rude words"))
    line = twitch.say("Alice", "Dora", "Cheer50 rude words", bits=50)
    twitch.delete_message("Alice", "Dora", line)
    await settled(twitch, inbox)
    [cheer] = [event for event in inbox.events if event["kind"] == "cheer"]
    assert cheer["text"] == "rude words"
    assert inbox.of("deleted") == [{"t": "deleted", "message_id": cheer["id"]}]
    await until(lambda: seen(ends, ["refused: the message was deleted"]))


async def test_an_anonymous_cheer_names_nobody(live: LiveGateway, twitch: FakeTwitch, inbox: Inbox) -> None:
    twitch.world.accounts["ananonymouscheerer"] = twitch.account("AnAnonymousCheerer")
    twitch.account("AnAnonymousCheerer").id = "407665396"
    where = twitch.account("Alice")
    twitch.say("Alice", "AnAnonymousCheerer", "Cheer100 hi", bits=100)
    twitch.tell("channel.cheer", where, twitch_events.cheer(where, None, 100, "Cheer100 hi"))
    await settled(twitch, inbox)
    assert [(e["chatter"]["name"], e["amount"]) for e in inbox.events if e["kind"] == "cheer"] == [("Anonymous", 100)]


async def test_subs_and_gifts_are_rows_before_they_travel(live: LiveGateway, twitch: FakeTwitch, inbox: Inbox) -> None:
    twitch.sub("Alice", "Dora")
    twitch.resub("Alice", "Emil", "three months already", tier="2000")
    twitch.gift("Alice", "Frida", 3)
    twitch.gift("Alice", None, 1)
    await settled(twitch, inbox)
    told = [(e["kind"], e["chatter"]["name"], e["text"], e["amount"], e["title"]) for e in inbox.events[:-1]]
    assert told == [
        ("sub", "Dora", "", 0, "Tier 1"),
        ("sub", "Emil", "three months already", 0, "Tier 2"),
        ("gift", "Frida", "", 3, "Tier 1"),
        ("gift", "Anonymous", "", 1, "Tier 1"),
    ]
    assert [row.pk for row in await paid_rows()] == [event["paid_id"] for event in inbox.events[:-1]]


@pytest.mark.parametrize("text", ["sing something", ""])
async def test_a_redemption_is_one_event_with_or_without_a_text(
    live: LiveGateway, twitch: FakeTwitch, inbox: Inbox, text: str
) -> None:
    redemption = twitch.redeem("Alice", "Dora", "Song", text)
    await settled(twitch, inbox)
    [event, _mark] = inbox.events
    assert (event["kind"], event["title"], event["text"]) == ("redemption", "Song", text)
    [row] = await paid_rows()
    assert (row.pk, row.redemption_id, row.reward_id) == (event["paid_id"], redemption, "reward-Song")


async def test_a_redeemed_line_that_is_deleted_is_refused(live: LiveGateway, twitch: FakeTwitch, inbox: Inbox) -> None:
    twitch.redeem("Alice", "Dora", "Song", "something rude")
    [line] = [
        frame["payload"]["event"]["message_id"]
        for subscription, frame in twitch.eventsub.sent
        if subscription.type == "channel.chat.message"
    ]
    twitch.delete_message("Alice", "Dora", line)
    await settled(twitch, inbox)
    await until(lambda: seen(ends, ["refused: the message was deleted"]))
    [row] = await paid_rows()
    assert inbox.of("deleted") == [{"t": "deleted", "message_id": row.event_id}]


async def test_a_banned_chatters_waiting_cheer_is_refused(live: LiveGateway, twitch: FakeTwitch, inbox: Inbox) -> None:
    twitch.cheer("Alice", "Dora", 100, "rude")
    twitch.ban("Alice", "Dora")
    await until(lambda: seen(ends, ["refused: the chatter was timed out or banned"]))


async def test_raids_and_follows_arrive_and_are_not_paid(live: LiveGateway, twitch: FakeTwitch, inbox: Inbox) -> None:
    twitch.raid("Alice", "Bob", 42)
    twitch.follow("Alice", "Dora")
    await settled(twitch, inbox)
    assert [(e["kind"], e["chatter"]["name"], e["amount"]) for e in inbox.events[:-1]] == [
        ("raid", "Bob", 42),
        ("follow", "Dora", 0),
    ]
    assert await paid_rows() == []


async def test_a_paid_event_is_stored_though_the_channel_layer_is_away(
    twitch: FakeTwitch, alice: Channel, settings: Settings
) -> None:
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": ["redis://127.0.0.1:9"], "prefix": "away"},
        }
    }
    async with gateway(twitch) as running:
        await running.subscribed()
        twitch.cheer("Alice", "Dora", 100, "hello")

        async def stored() -> bool:
            return len(await paid_rows()) == 1

        await until(stored)


async def test_who_is_on_air_is_known(live: LiveGateway, twitch: FakeTwitch, alice: Channel) -> None:
    async def on_air() -> bool:
        await alice.arefresh_from_db()
        return alice.stream_online

    async def off_air() -> bool:
        return not await on_air()

    twitch.go_live("Alice")
    await until(on_air)
    twitch.go_offline("Alice")
    await until(off_air)
    twitch.go_live("Alice", tell=False)  # the notification was lost: the poll finds it
    await until(on_air)


async def test_two_channels_share_nothing(live: LiveGateway, twitch: FakeTwitch, inbox: Inbox) -> None:
    bob = await sync_to_async(running_channel)(twitch, "Bob")
    async with Inbox(bob).open() as other:
        await live.subscribed(26)
        twitch.say("Alice", "Dora", "for Alice")
        twitch.say("Bob", "Dora", "for Bob")
        await until(lambda: inbox.texts and other.texts)
        assert (inbox.texts, other.texts) == (["for Alice"], ["for Bob"])
