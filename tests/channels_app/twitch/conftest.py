from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from tests.channels_app.twitch.visitor import Visitor
from tests.fakes.twitch import FakeTwitch
from tests.fakes.twitch_site import connected


@pytest.fixture
def twitch(settings: Settings) -> Iterator[FakeTwitch]:
    """A Twitch on loopback, and the site set up to talk to it."""
    with connected(settings) as fake:
        yield fake


@pytest.fixture
def visitor(client: Client, db: None, settings: Settings) -> Visitor:
    """A browser that goes through Twitch's consent page."""
    settings.ROOT_URLCONF = "tests.channels_app.twitch.urls"
    return Visitor(client)
