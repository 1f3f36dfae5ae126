"""One running service and one Chromium for all tests with a browser, and a fresh window for each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import pytest
import pytest_asyncio

from benchmarks.service import Service
from tests.browser.hearing import Browser, Engine, chromium_engine
from tests.browser.theatre import QUICK, Theatre, theatre


class Kept:
    """The service of this process, as long as one test after the other uses it: even idle it wants the processor."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._open: tuple[str, Any] = ("", None)

    def open(self, fixture: str, start: Callable[[], AbstractContextManager[Any]]) -> Any:
        """What was started for this fixture, or is now."""
        if self._open[0] != fixture:
            self.close()
            self._open = (fixture, self._stack.enter_context(start()))
        return self._open[1]

    def close_unless_in(self, fixtures: Collection[str]) -> None:
        if self._open[0] not in fixtures:
            self.close()

    def close(self) -> None:
        self._open = ("", None)
        self._stack.close()


_kept = Kept()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    _kept.close_unless_in(getattr(nextitem, "fixturenames", ()))


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
    house: Theatre = _kept.open("running_house", lambda: theatre(tmp_path_factory.mktemp("house")))
    return house


@pytest.fixture
def newcomers(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """The service as it is started without any key."""
    made: Service = _kept.open("newcomers", lambda: Service(tmp_path_factory.mktemp("newcomers"), quiet=True))
    return made


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


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def unpainted(engine: Engine) -> AsyncIterator[Browser]:
    async with engine.window(painted=False, thirty=True) as window:
        yield window


@pytest_asyncio.fixture(loop_scope="session")
async def chromium(unpainted: Browser) -> AsyncIterator[Browser]:
    """A window that is not painted, at the pace of OBS. It is the same for all tests, as an overlay's page keeps
    nothing for another: half of what it takes to open one is the window."""
    yield unpainted
    await unpainted.close_pages()


@pytest_asyncio.fixture(loop_scope="session")
async def visible(engine: Engine) -> AsyncIterator[Browser]:
    """A window that is painted, at the pace of OBS."""
    async with engine.window(thirty=True) as window:
        yield window


@pytest_asyncio.fixture(loop_scope="session")
async def drawing(engine: Engine) -> AsyncIterator[Browser]:
    """A window that is drawn, at the screen's own pace."""
    async with engine.window() as window:
        yield window
