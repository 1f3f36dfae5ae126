"""One running service and one Chromium for all tests with a browser, and a fresh window for each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.browser.hearing import Browser, Engine, chromium_engine
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


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def engine() -> AsyncIterator[Engine]:
    async with chromium_engine() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def chromium(engine: Engine) -> AsyncIterator[Browser]:
    async with engine.window(drawn=False) as window:
        yield window
