"""Two gateways share one conduit: whatever arrives at either is heard once, paired, taken back and obeyed."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from asgiref.sync import sync_to_async
from pytest_django.fixtures import Settings

from channels_app.models import Channel, PaidEvent
from tests.clock import until
from tests.fakes import twitch_events
from tests.fakes.twitch import FakeTwitch
from tests.fakes.twitch_live import QUICK, Inbox, LiveGateway, gateway, running_channel
from workers.twitch.gateway import Gateway
from workers.twitch.subscriptions import KINDS

pytestmark = pytest.mark.django_db(transaction=True)

FIRST, SECOND = 0, 2
"""A shard of each gateway."""


@pytest.fixture
def twitch(twitch: FakeTwitch, settings: Settings) -> FakeTwitch:
    settings.ENV = settings.ENV.model_copy(update={"GATEWAYS": 2})
    return twitch


@pytest.fixture
async def pair(twitch: FakeTwitch, inbox: Inbox) -> AsyncIterator[tuple[LiveGateway, LiveGateway]]:
    async with gateway(twitch) as leader, gateway(twitch, number=1) as second:
        await leader.subscribed(shards=4)
        await until(lambda: second.gateway.channels)
        yield leader, second


async def settled(twitch: FakeTwitch, inbox: Inbox) -> None:
    """Everything sent so far has been worked off at both: a last line came through behind it on each socket."""
    marks = set()
    for shard in range(4):
        with twitch.through(shard):
            marks.add(twitch.say("Alice", "Marker", "that was all"))
    await until(lambda: marks <= {event["id"] for event in inbox.events})


def texts(inbox: Inbox) -> list[str]:
    return sorted(text for text in inbox.texts if text != "that was all")


async def paid() -> list[PaidEvent]:
    return await sync_to_async(lambda: list(PaidEvent.objects.order_by("pk")))()


@pytest.mark.usefixtures("pair")
async def test_each_shard_is_listened_to_and_a_line_told_at_two_is_heard_once(twitch: FakeTwitch, inbox: Inbox) -> None:
    for shard in range(4):
        with twitch.through(shard):
            twitch.say("Alice", "Dora", f"at {shard}")
        with twitch.through((shard + 2) % 4):
            twitch.send_duplicate()
    await settled(twitch, inbox)
    assert texts(inbox) == ["at 0", "at 1", "at 2", "at 3"]
    assert twitch.eventsub.lost == []


@pytest.mark.usefixtures("pair")
@pytest.mark.parametrize(("cheer_at", "line_at"), [(FIRST, SECOND), (SECOND, FIRST)])
async def test_a_cheer_whose_line_comes_at_the_other_gateway_is_one_and_can_be_deleted_at_either(
    twitch: FakeTwitch, inbox: Inbox, cheer_at: int, line_at: int
) -> None:
    where, dora = twitch.account("Alice"), twitch.account("Dora")
    for number in range(3):
        with twitch.through(cheer_at):
            twitch.tell("channel.cheer", where, twitch_events.cheer(where, dora, 50 + number, "Cheer50 rude words"))
        with twitch.through(line_at):
            line = twitch.say("Alice", "Dora", "Cheer50 rude words", bits=50 + number)
    await settled(twitch, inbox)
    cheers = [event for event in inbox.events if event["kind"] == "cheer"]
    assert sorted(cheer["amount"] for cheer in cheers) == [50, 51, 52]
    assert len(await paid()) == 3
    with twitch.through(cheer_at):
        twitch.delete_message("Alice", "Dora", line)
    await until(lambda: inbox.of("deleted"))
    [last] = [cheer for cheer in cheers if cheer["amount"] == 52]
    assert inbox.of("deleted") == [{"t": "deleted", "message_id": last["id"]}]

    async def refused() -> bool:
        return [row.state for row in await paid() if row.event_id == last["id"]] == ["refused"]

    await until(refused)


@pytest.mark.usefixtures("pair")
async def test_a_redemption_whose_line_comes_elsewhere_is_one(twitch: FakeTwitch, inbox: Inbox) -> None:
    where, dora = twitch.account("Alice"), twitch.account("Dora")
    with twitch.through(SECOND):
        line = twitch.say("Alice", "Dora", "sing", reward_id="r1")
    with twitch.through(FIRST):
        body = twitch_events.redemption(where, dora, "x1", title="Song", reward_id="r1", text="sing", cost=5)
        twitch.tell("channel.channel_points_custom_reward_redemption.add", where, body)
    await settled(twitch, inbox)
    assert [event["kind"] for event in inbox.events if event["text"] != "that was all"] == ["redemption"]
    with twitch.through(SECOND):
        twitch.delete_message("Alice", "Dora", line)
    await until(lambda: inbox.of("deleted") == [{"t": "deleted", "message_id": "redemption-x1"}])


@pytest.mark.usefixtures("pair")
async def test_a_deletion_that_overtakes_its_line_is_obeyed(twitch: FakeTwitch, inbox: Inbox) -> None:
    where, dora, emil = (twitch.account(name) for name in ("Alice", "Dora", "Emil"))
    ids = [secrets.token_hex(16) for _ in range(3)]
    with twitch.through(SECOND):
        twitch.delete_message("Alice", "Dora", ids[0])
        twitch.ban("Alice", "Emil")
    await settled(twitch, inbox)
    inbox.bodies.clear()
    with twitch.through(FIRST):
        for chatter, line, age in ((dora, ids[0], 1.0), (emil, ids[1], 1.0), (dora, ids[2], 1.0)):
            body = twitch_events.chat_message(where, chatter, "rude", line, twitch.world.accounts)
            twitch._tell("channel.chat.message", where, body, age=age)
    await settled(twitch, inbox)
    assert [event["id"] for event in inbox.events if event["text"] == "rude"] == ids[2:]


@pytest.mark.usefixtures("pair")
async def test_a_cheer_whose_line_was_deleted_before_it_came_is_stored_and_refused(
    twitch: FakeTwitch, inbox: Inbox
) -> None:
    where, dora, line = twitch.account("Alice"), twitch.account("Dora"), secrets.token_hex(16)
    with twitch.through(SECOND):
        twitch.delete_message("Alice", "Dora", line)
    await settled(twitch, inbox)
    with twitch.through(FIRST):
        body = twitch_events.chat_message(where, dora, "Cheer9 rude", line, twitch.world.accounts, bits=9)
        twitch.tell("channel.chat.message", where, body)
    await until(lambda: inbox.of("deleted")[-1:] == [{"t": "deleted", "message_id": line}])

    async def refused() -> bool:
        return [row.state for row in await paid()] == ["refused"]

    await until(refused)


@pytest.mark.usefixtures("pair")
async def test_the_panic_word_is_obeyed_at_whichever_gateway_it_arrives(
    twitch: FakeTwitch, inbox: Inbox, alice: Channel
) -> None:
    with twitch.through(SECOND):
        twitch.say("Alice", "Bob", "!panic", badges=["moderator"])
    await until(lambda: inbox.of("command") == [{"t": "command", "name": "panic"}])

    async def silent() -> bool:
        await alice.arefresh_from_db()
        return alice.panic_since is not None

    await until(silent)


async def test_a_permission_taken_back_is_noted_at_whichever_gateway_it_is_told(
    pair: tuple[LiveGateway, LiveGateway], twitch: FakeTwitch, alice: Channel
) -> None:
    leader, second = pair
    with twitch.through(SECOND):
        twitch.revoke("Alice")

    async def marked() -> bool:
        await alice.arefresh_from_db()
        return alice.reauthorise_since is not None

    await until(marked)
    await until(lambda: not leader.known and not leader.gateway.channels and not second.gateway.channels)


async def test_a_silent_socket_of_the_second_gateway_is_replaced(
    pair: tuple[LiveGateway, LiveGateway], twitch: FakeTwitch, inbox: Inbox
) -> None:
    leader, second = pair
    before = (leader.gateway.link.connections, second.gateway.link.connections)
    own = {shard.session_id for shard in next(iter(twitch.world.conduits.values())).shards[2:]}
    for session in own:
        twitch.world.sockets[session].silent = True
    await until(lambda: second.gateway.link.connections > before[1] and twitch.shards_enabled == 4)
    with twitch.through(SECOND):
        twitch.say("Alice", "Dora", "after the stall")
    await until(lambda: inbox.texts == ["after the stall"])
    assert leader.gateway.link.connections == before[0]


async def test_the_second_gateway_follows_to_a_new_conduit(
    pair: tuple[LiveGateway, LiveGateway], twitch: FakeTwitch, inbox: Inbox
) -> None:
    leader, second = pair
    old = leader.gateway.link.conduit_id
    del twitch.world.conduits[old]
    twitch.forget_subscriptions()
    await until(lambda: old != leader.gateway.link.conduit_id == second.gateway.link.conduit_id)
    await leader.subscribed(shards=4)
    with twitch.through(SECOND):
        twitch.say("Alice", "Dora", "in the new conduit")
    await until(lambda: inbox.texts == ["in the new conduit"])


async def test_the_second_waits_for_its_place_and_the_first_alone_asks_for_subscriptions(
    twitch: FakeTwitch, alice: Channel, inbox: Inbox
) -> None:
    async with gateway(twitch, number=1) as second:
        await until(lambda: second.gateway.channels)
        assert (twitch.world.conduits, twitch.subscriptions) == ({}, [])
        async with gateway(twitch) as leader:
            await leader.subscribed(shards=4)
            assert len(twitch.called("POST", "/eventsub/subscriptions")) == len(KINDS)


@pytest.fixture
async def unseen(twitch: FakeTwitch) -> AsyncIterator[tuple[Inbox, Gateway]]:
    """The inbox of a channel that started just now, and the second gateway, which has not looked since."""
    async with gateway(twitch) as leader, gateway(twitch, number=1, pace=replace(QUICK, look=3600)) as second:
        await until(lambda: second.gateway.looks)
        async with Inbox(await sync_to_async(running_channel)(twitch)).open() as inbox:
            await leader.subscribed(shards=4)
            with twitch.through(SECOND):
                yield inbox, second.gateway


async def test_a_channel_that_has_just_started_is_heard_by_a_gateway_that_has_not_looked_since(
    twitch: FakeTwitch, unseen: tuple[Inbox, Gateway]
) -> None:
    inbox, second = unseen
    twitch.say("Alice", "Dora", "first!")
    await until(lambda: inbox.texts == ["first!"])
    redemption = twitch.redeem("Alice", "Dora", "Song", "something cheerful")
    await until(lambda: PaidEvent.objects.filter(redemption_id=redemption).aexists())
    twitch.say("Alice", "Mod", "!panic", badges=["moderator"])
    await until(lambda: bool(inbox.of("command")))
    assert second.channels == {}
    assert "!panic" not in inbox.texts


async def test_the_panic_word_of_a_channel_that_has_just_started_is_obeyed(
    twitch: FakeTwitch, unseen: tuple[Inbox, Gateway]
) -> None:
    inbox, _second = unseen
    twitch.say("Alice", "Mod", "!panic", badges=["moderator"])
    await until(lambda: bool(inbox.of("command")))
    assert inbox.texts == []


async def test_fewer_gateways_make_the_conduit_smaller(
    twitch: FakeTwitch, alice: Channel, inbox: Inbox, settings: Settings
) -> None:
    async with gateway(twitch) as leader, gateway(twitch, number=1):
        await leader.subscribed(shards=4)
    settings.ENV = settings.ENV.model_copy(update={"GATEWAYS": 1})
    async with gateway(twitch) as leader:
        await leader.subscribed()
        [conduit] = twitch.world.conduits.values()
        assert len(conduit.shards) == 2
        twitch.say("Alice", "Dora", "still here")
        await until(lambda: inbox.texts == ["still here"])
