"""One running service and one Chromium for all tests with a browser, and a fresh window for each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import ExitStack

import pytest
import pytest_asyncio

from tests.browser.hearing import Browser, Engine, chromium_engine
from tests.browser.theatre import QUICK, Theatre, theatre


class Kept:
    """The house of this process, as long as one test after the other is in it: even idle it wants the processor."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._open: Theatre | None = None

    def open(self, directories: pytest.TempPathFactory) -> Theatre:
        if self._open is None:
            self._open = self._stack.enter_context(theatre(directories.mktemp("house")))
        return self._open

    def close(self) -> None:
        self._open = None
        self._stack.close()


_kept = Kept()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    if "running_house" not in getattr(nextitem, "fixturenames", ()):
        _kept.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Whoever reads of a failure sees what she was asked last, what became of it, and how each log ends."""
    report = yield
    place = getattr(item, "funcargs", {}).get("house")
    if report.when == "call" and report.failed and isinstance(place, Theatre):
        report.sections.append(("The house", place.last_words()))
    return report


@pytest.fixture
def running_house(tmp_path_factory: pytest.TempPathFactory) -> Theatre:
    return _kept.open(tmp_path_factory)


@pytest.fixture
def house(running_house: Theatre) -> Iterator[Theatre]:
    """The service with a quick voice and a quiet network."""
    running_house.provider.timings = QUICK
    running_house.network.jitter = 0.0
    running_house.see_nobody()
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


@pytest_asyncio.fixture(loop_scope="session")
async def drawing(engine: Engine) -> AsyncIterator[Browser]:
    """A window that is drawn, at the screen's own pace."""
    async with engine.window() as window:
        yield window
