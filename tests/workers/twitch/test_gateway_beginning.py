"""A gateway takes over: what Twitch sends before it knows its channels is not lost."""

from __future__ import annotations

import contextlib

import pytest
from asgiref.sync import sync_to_async

from channels_app.models import PaidEvent
from tests.absence import absent
from tests.clock import until
from tests.fakes.twitch import FakeTwitch
from tests.fakes.twitch_live import gateway, running_channel

pytestmark = pytest.mark.django_db(transaction=True)


async def test_what_is_paid_while_the_database_is_away_at_the_start_is_stored(twitch: FakeTwitch) -> None:
    await sync_to_async(running_channel)(twitch)
    async with gateway(twitch) as first:
        await first.subscribed()
    async with contextlib.AsyncExitStack() as until_it_is_back:
        await until_it_is_back.enter_async_context(absent("channels_app_twitchcredential"))
        async with gateway(twitch) as second:
            await until(lambda: second.gateway.link.connections == 1 and twitch.shards_enabled == 2)
            redemption = twitch.redeem("Alice", "Dora", "Song", "something cheerful")
            await until_it_is_back.aclose()
            await until(lambda: PaidEvent.objects.filter(redemption_id=redemption).aexists())
