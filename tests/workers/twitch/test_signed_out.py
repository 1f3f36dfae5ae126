"""A permission taken back on Twitch ends the person's sessions as soon as EventSub tells; nothing less does."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from pytest_django.fixtures import Settings

from channels_app.models import Channel, DesiredState, EventSubSubscription, TwitchCredential
from tests.channels_app.twitch.visitor import Visitor
from tests.clock import until
from tests.fakes.twitch import FakeTwitch
from tests.fakes.twitch_live import gateway

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def visitors(twitch: FakeTwitch, settings: Settings) -> tuple[Visitor, Visitor]:
    """Alice, whose channel runs, and Bob, both signed in through Twitch."""
    settings.ROOT_URLCONF = "tests.channels_app.twitch.urls"
    alice, bob = Visitor(Client()), Visitor(Client())
    for name, visitor in (("Alice", alice), ("Bob", bob)):
        twitch.consent_as(name)
        visitor.sign_in()
    Channel.objects.filter(login="alice").update(desired_state=DesiredState.RUNNING)
    return alice, bob


async def is_in(visitor: Visitor) -> bool:
    return await sync_to_async(lambda: visitor.person)() is not None


@pytest.mark.parametrize("reason", ["authorization_revoked", "user_removed"])
async def test_a_permission_taken_back_ends_the_persons_sessions(
    twitch: FakeTwitch, visitors: tuple[Visitor, Visitor], reason: str
) -> None:
    alice, bob = visitors
    async with gateway(twitch) as live:
        await live.subscribed()
        assert await is_in(alice)
        twitch.revoke("Alice", reason)

        async def is_out() -> bool:
            return not await is_in(alice)

        await until(is_out)
        await until(lambda: not live.known)
    assert await is_in(bob)


@pytest.mark.parametrize("reason", ["version_removed", "chat_user_banned", "notification_failures_exceeded"])
async def test_a_subscription_that_ends_for_another_reason_leaves_the_person_signed_in(
    twitch: FakeTwitch, visitors: tuple[Visitor, Visitor], reason: str
) -> None:
    alice, _bob = visitors
    async with gateway(twitch) as live:
        await live.subscribed()
        twitch.end_subscription("channel.raid", reason)

        async def is_noted() -> bool:
            return await EventSubSubscription.objects.filter(type="channel.raid", state="refused").aexists()

        await until(is_noted)
    assert await is_in(alice)
    assert (await TwitchCredential.objects.aget(user__twitch_id=twitch.account("Alice").id)).state == "ok"
