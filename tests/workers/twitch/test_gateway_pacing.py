"""Subscriptions are asked for within what Twitch allows, the most needed first, and the next gateway goes on there."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from channels_app.models import Channel, EventSubSubscription
from tests.clock import until
from tests.fakes.twitch import FakeTwitch
from tests.fakes.twitch_bucket import Bucket
from tests.fakes.twitch_live import QUICK, gateway, running_channel
from workers.twitch.reconciler import HANDS
from workers.twitch.subscriptions import KINDS, MESSAGES
from workers.twitch.todo import KINDS_OF, Step

pytestmark = pytest.mark.django_db(transaction=True)

SELDOM = dataclasses.replace(QUICK, reconcile=60.0, streams=60.0)
"""Twitch's own list is read once, at the beginning."""
PATH = "/eventsub/subscriptions"


async def channels(twitch: FakeTwitch, count: int) -> list[Channel]:
    return [await sync_to_async(running_channel)(twitch, f"Caster{number}") for number in range(count)]


def asked(twitch: FakeTwitch) -> list[str]:
    """Types of what was asked for and made, in order."""
    return [call.body["type"] for call in twitch.called("POST", PATH) if call.status == 202]


async def test_the_bucket_never_runs_dry(twitch: FakeTwitch) -> None:
    await channels(twitch, 6)
    twitch.world.bucket = Bucket(size=60, per_minute=3000)
    async with gateway(twitch, pace=SELDOM) as live:
        await live.subscribed(6 * len(KINDS))
    assert twitch.world.bucket.refused == 0


async def test_a_bucket_that_somebody_else_empties_is_waited_for_without_a_storm(twitch: FakeTwitch) -> None:
    await channels(twitch, 3)
    twitch.world.bucket = Bucket(size=60, per_minute=3000)
    async with gateway(twitch, pace=SELDOM) as live:
        await until(lambda: len(twitch.subscriptions) > 5)
        twitch.world.bucket.take(twitch.world.bucket.left - 0.1)
        twitch.world.bucket.refused = 0
        await live.subscribed(3 * len(KINDS))
    # Those that were on their way at that moment, and no more.
    assert twitch.world.bucket.refused <= 5


async def test_chat_of_all_is_asked_for_before_anything_else(twitch: FakeTwitch) -> None:
    await channels(twitch, 8)
    async with gateway(twitch, pace=SELDOM) as live:
        await live.subscribed(8 * len(KINDS))
    places = [KINDS[number].type for number in range(len(KINDS))].index
    steps = [0 if kind == MESSAGES else 1 if KINDS_OF[Step.TAKEN_BACK] >> places(kind) & 1 else 2
             for kind in asked(twitch)]  # fmt: skip
    # Some are on their way at the same time.
    assert sum(steps[:8]) <= 2
    assert sum(step == 2 for step in steps[: 8 * 4]) <= 2


async def test_the_next_gateway_goes_on_where_this_one_was(twitch: FakeTwitch) -> None:
    await channels(twitch, 4)
    twitch.world.bucket = Bucket(size=40, per_minute=0)
    async with gateway(twitch, pace=SELDOM) as first:
        await until(lambda: len(twitch.subscriptions) >= 15)

        async def all_rows() -> bool:
            return await EventSubSubscription.objects.acount() == 4 * len(KINDS)

        await until(all_rows)
        await until(lambda: first.known == len(twitch.subscriptions))
    held = await EventSubSubscription.objects.filter(state="enabled").acount()
    # The progress stands in rows; what was on its way at the end is found out by asking once more.
    assert len(twitch.subscriptions) - held <= HANDS
    twitch.world.bucket = None
    async with gateway(twitch, pace=SELDOM) as second:
        await second.subscribed(4 * len(KINDS))
    assert len(asked(twitch)) == 4 * len(KINDS)
    assert sum(call.status == 409 for call in twitch.called("POST", PATH)) <= HANDS


async def test_a_site_that_lost_its_rows_reads_twitchs_list_before_it_asks(twitch: FakeTwitch) -> None:
    await channels(twitch, 18)
    async with gateway(twitch, pace=SELDOM) as first:
        await first.subscribed(18 * len(KINDS))
    await EventSubSubscription.objects.all().adelete()
    sent = len(twitch.called("POST", PATH))
    async with gateway(twitch, pace=SELDOM) as second:
        await until(lambda: second.known == 18 * len(KINDS))

        async def written() -> bool:
            return await EventSubSubscription.objects.filter(state="enabled").acount() == 18 * len(KINDS)

        await until(written)
    assert len(twitch.called("POST", PATH)) == sent


async def test_after_a_sign_in_twitch_is_asked_which_subscriptions_stand(twitch: FakeTwitch) -> None:
    [alice, _bob] = await channels(twitch, 2)
    async with gateway(twitch, pace=SELDOM) as live:
        await live.subscribed(2 * len(KINDS))

        def ids() -> dict[str, str]:
            return dict(EventSubSubscription.objects.filter(channel=alice).values_list("type", "twitch_id"))

        before: dict[str, str] = {}

        async def written() -> bool:
            before.update(await sync_to_async(ids)())
            return len(before) == len(KINDS) and all(before.values())

        await until(written)
        sent = len(twitch.called("POST", PATH))
        await EventSubSubscription.objects.filter(channel=alice).aupdate(twitch_id="")

        async def named() -> bool:
            return await sync_to_async(ids)() == before

        await until(named)
        assert len(twitch.called("POST", PATH)) == sent
        questions = [call.query for call in twitch.called("GET", PATH) if "user_id" in call.query]
        assert questions == [{"user_id": str(alice.twitch_id)}]


async def test_a_channel_that_starts_meanwhile_is_heard_though_others_wait(twitch: FakeTwitch) -> None:
    await channels(twitch, 6)
    twitch.world.bucket = Bucket(size=100, per_minute=60)
    async with gateway(twitch, pace=SELDOM) as live:
        await until(lambda: len(twitch.subscriptions) > 40)
        newcomer = await sync_to_async(running_channel)(twitch, "Newcomer")

        def heard() -> bool:
            return any(s.type == MESSAGES and s.channel_id == newcomer.twitch_id for s in twitch.subscriptions)

        await until(heard)
        assert live.known < 6 * len(KINDS), "the others are still waiting"
    assert twitch.world.bucket.refused == 0


async def test_a_channel_erased_while_it_is_subscribed_disturbs_nobody(twitch: FakeTwitch) -> None:
    alice, bob = await channels(twitch, 2)
    async with gateway(twitch) as live:
        await until(lambda: len(twitch.subscriptions) > 3)
        await Channel.objects.filter(pk=alice.pk).adelete()
        await live.subscribed(len(KINDS))
    assert {s.channel_id for s in twitch.subscriptions} == {bob.twitch_id}


async def test_on_air_is_told_only_of_those_that_changed(twitch: FakeTwitch, monkeypatch: pytest.MonkeyPatch) -> None:
    from channels_app import push

    told: list[Any] = []
    monkeypatch.setattr(push, "dashboard_now", lambda channel, body: told.append((channel.pk, body["stream_online"])))
    alice, bob = await channels(twitch, 2)
    async with gateway(twitch) as live:
        await live.subscribed(2 * len(KINDS))
        twitch.go_live("Caster0", tell=False)
        await until(lambda: told)

        async def checked() -> bool:
            await bob.arefresh_from_db()
            return bob.stream_checked_at is not None

        await until(checked)
    assert told == [(alice.pk, True)]
