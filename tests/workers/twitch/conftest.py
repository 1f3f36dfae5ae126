from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from tests.fakes.twitch import FakeTwitch
from tests.fakes.twitch_site import connected


@pytest.fixture
def twitch(settings: Settings) -> Iterator[FakeTwitch]:
    """A Twitch on loopback with a quick heart, and the site set up to talk to it."""
    with connected(settings, keepalive=0.2, grace=3.0) as fake:
        yield fake
