"""Whatever happens to sockets, shards and Twitch itself, later lines arrive."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator

import pytest
from asgiref.sync import sync_to_async

from channels_app.models import Channel, PaidEvent
from tests.clock import until
from tests.fakes import twitch_events
from tests.fakes.twitch import FakeTwitch
from tests.fakes.twitch_live import QUICK, Inbox, LiveGateway, gateway
from tests.fakes.twitch_world import Conduit, Shard
from tests.workers.twitch.test_decode import payload
from workers.twitch.subscriptions import KINDS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def live(twitch: FakeTwitch, alice: Channel, inbox: Inbox) -> AsyncIterator[LiveGateway]:
    async with gateway(twitch) as running:
        await running.subscribed()
        yield running


async def heard(twitch: FakeTwitch, inbox: Inbox, text: str) -> None:
    """Somebody says it, and it arrives."""
    twitch.say("Alice", "Dora", text)
    await until(lambda: text in inbox.texts)


async def two_sockets(twitch: FakeTwitch) -> None:
    await until(lambda: (twitch.sockets_open, twitch.shards_enabled) == (2, 2))


async def test_a_dropped_connection_comes_back(live: LiveGateway, twitch: FakeTwitch, inbox: Inbox) -> None:
    before = live.gateway.link.connections
    assert twitch.drop_socket() == 2
    await live.reconnected(before)
    await heard(twitch, inbox, "after the drop")
    assert inbox.texts == ["after the drop"]
    await two_sockets(twitch)


@pytest.mark.parametrize("code", [4000, 4001, 4003, 4007])
async def test_whatever_code_twitch_closes_with_it_comes_back(
    live: LiveGateway, twitch: FakeTwitch, inbox: Inbox, code: int
) -> None:
    before = live.gateway.link.connections
    await asyncio.to_thread(twitch.close_sockets, code)
    await live.reconnected(before)
    await heard(twitch, inbox, "after the close")


async def test_a_silent_connection_is_replaced(twitch: FakeTwitch, alice: Channel, inbox: Inbox) -> None:
    async with gateway(twitch, pace=dataclasses.replace(QUICK, silence=0.6)) as live:
        await live.subscribed()
        before = live.gateway.link.connections
        twitch.stall_sockets()
        twitch.say("Alice", "Dora", "said into the void")
        await live.reconnected(before)
        await heard(twitch, inbox, "after the stall")


async def test_twitchs_wish_to_reconnect_leaves_no_socket_behind(
    live: LiveGateway, twitch: FakeTwitch, inbox: Inbox
) -> None:
    for _ in range(2):
        before = live.gateway.link.connections
        twitch.ask_to_reconnect()
        await live.reconnected(before)
        await heard(twitch, inbox, f"after connection {before}")
    await two_sockets(twitch)


async def test_a_reconnect_address_that_is_refused_does_no_harm(
    live: LiveGateway, twitch: FakeTwitch, inbox: Inbox
) -> None:
    before = live.gateway.link.connections
    twitch.ask_to_reconnect(url="ws://127.0.0.1:9/ws")
    await live.reconnected(before)
    await heard(twitch, inbox, "after all")
    await two_sockets(twitch)


async def test_an_eventsub_that_refuses_everybody_is_waited_for(
    twitch: FakeTwitch, alice: Channel, inbox: Inbox
) -> None:
    async with gateway(twitch, pace=dataclasses.replace(QUICK, connect=0.3)) as live:
        await live.subscribed()
        twitch.refuse_sockets()
        twitch.drop_socket()
        await until(lambda: len(twitch.called("GET", "/ws")) > 6)
        twitch.refuse_sockets(refuse=False)
        await until(lambda: twitch.shards_enabled == 2)
        await heard(twitch, inbox, "after the outage")
        await two_sockets(twitch)


async def test_a_stolen_shard_is_taken_back(live: LiveGateway, twitch: FakeTwitch, inbox: Inbox) -> None:
    before = live.gateway.link.connections
    [conduit] = twitch.world.conduits.values()
    for shard in conduit.shards:
        shard.session_id, shard.status = "somebody-else", "enabled"
    await live.reconnected(before)
    await heard(twitch, inbox, "mine again")


async def test_a_conduit_twitch_deleted_is_made_anew_with_all_its_subscriptions(
    live: LiveGateway, twitch: FakeTwitch, inbox: Inbox
) -> None:
    old = live.gateway.link.conduit_id
    del twitch.world.conduits[old]
    twitch.forget_subscriptions()
    await until(lambda: live.gateway.link.conduit_id != old)
    await live.subscribed()
    await heard(twitch, inbox, "in the new conduit")


async def test_a_conduit_that_stands_is_used_and_given_a_second_shard(
    twitch: FakeTwitch, alice: Channel, inbox: Inbox
) -> None:
    for name in ("first", "second"):
        twitch.world.conduits[name] = Conduit(name, [Shard("0")])
    async with gateway(twitch) as live:
        await live.subscribed()
        assert live.gateway.link.conduit_id == "first"
        assert {s.transport["conduit_id"] for s in twitch.subscriptions} == {"first"}
        await heard(twitch, inbox, "hello")


async def test_a_dead_application_token_is_replaced(live: LiveGateway, twitch: FakeTwitch, inbox: Inbox) -> None:
    before = live.gateway.link.connections
    twitch.expire_tokens()
    twitch.drop_socket()
    await live.reconnected(before)
    await heard(twitch, inbox, "with a new token")


async def test_a_lost_lease_ends_the_gateway_and_its_sockets(live: LiveGateway, twitch: FakeTwitch) -> None:
    live.lease.tenure.ended = True
    await asyncio.wait_for(live.run, 5)
    await until(lambda: twitch.sockets_open == 0)


async def test_what_was_paid_and_not_yet_stored_is_stored_when_the_gateway_ends(
    live: LiveGateway, twitch: FakeTwitch, alice: Channel
) -> None:
    cheer = twitch_events.cheer(twitch.account("Alice"), twitch.account("Dora"), 100, "Cheer100 bye")
    for _ in range(20):
        live.gateway.take(payload("channel.cheer", cheer))
    live.run.cancel()
    await asyncio.gather(live.run, return_exceptions=True)
    assert await sync_to_async(PaidEvent.objects.filter(channel=alice).count)() == 20


async def test_one_broken_event_does_not_end_the_others(
    live: LiveGateway, twitch: FakeTwitch, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    broken = payload("channel.raid", twitch_events.raid(twitch.account("Alice"), twitch.account("Bob"), 3))
    broken._metadata = None  # a payload unlike all we know
    live.gateway.take(broken)
    await heard(twitch, inbox, "still here")
    assert "ChannelRaid event was lost" in caplog.text


async def test_every_kind_is_really_subscribed(live: LiveGateway, twitch: FakeTwitch) -> None:
    assert {s.type for s in twitch.subscriptions} == {kind.type for kind in KINDS}
