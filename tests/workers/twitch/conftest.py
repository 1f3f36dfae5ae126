from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from pytest_django.fixtures import Settings

from channels_app.models import Channel
from tests.fakes.twitch import FakeTwitch
from tests.fakes.twitch_live import Inbox, running_channel
from tests.fakes.twitch_site import connected


@pytest.fixture
def twitch(settings: Settings) -> Iterator[FakeTwitch]:
    """A Twitch on loopback with a quick heart, and the site set up to talk to it."""
    with connected(settings, keepalive=0.2, grace=3.0) as fake:
        yield fake


@pytest.fixture
def alice(twitch: FakeTwitch) -> Channel:
    """A broadcaster's channel that runs."""
    return running_channel(twitch)


@pytest.fixture
async def inbox(alice: Channel) -> AsyncIterator[Inbox]:
    """What a run of that channel would read."""
    async with Inbox(alice).open() as opened:
        yield opened
