"""One running service for all tests with a browser, and a fresh browser for each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.browser.hearing import Browser, browser
from tests.browser.theatre import QUICK, Theatre, theatre


@pytest.fixture(scope="session")
def running_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    with theatre(tmp_path_factory.mktemp("house")) as running:
        yield running


@pytest.fixture
def house(running_house: Theatre) -> Iterator[Theatre]:
    """The service with a quick voice and a quiet network."""
    running_house.provider.timings = QUICK
    running_house.network.jitter = 0.0
    running_house.forget()
    yield running_house
    running_house.network.jitter = 0.0


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with browser() as running:
        yield running
