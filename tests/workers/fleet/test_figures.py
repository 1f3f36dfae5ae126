"""What a worker process tells of itself: true, small, and cheap to collect."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

import pytest

from workers.fleet import figures
from workers.fleet.figures import SLOWLY, Figures, Teller
from workers.fleet.gauges import DROPPED, FRAMES, INBOX, MOST_REASONS, TURNS, Gauges


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    yield made
    made.close()


def test_everything_that_was_put_in_comes_out(loop: asyncio.AbstractEventLoop) -> None:
    gauges = Gauges()
    gauges.count(DROPPED, "stale", by=4)
    gauges.count(FRAMES, by=30)
    with ExitStack() as watching:
        for name, depth in (("a", 2), ("b", 11), ("c", 0)):
            watching.enter_context(gauges.watched(INBOX, partial(int, depth), of=name))
            watching.enter_context(gauges.watched(TURNS, lambda: 1, of=name))
        told = Teller(loop, gauges=gauges, now=lambda: 1000.0).tell(lost=2)
    assert (told.since, told.lost, told.frames, told.turns) == (1000.0, 2, 30, 3)
    assert (told.inbox, told.inbox_most, told.inbox_at) == (13, 11, "b")
    assert told.dropped == {"stale": 4}
    assert told.threads == threading.active_count()
    assert (told.memory or 0) > 10_000_000
    assert (told.files or 0) > 3


def test_the_loops_lateness_is_told_once(loop: asyncio.AbstractEventLoop) -> None:
    teller = Teller(loop, gauges=Gauges())
    for late in (0.001, 0.002, 0.5, 0.001, -0.0005):
        teller.looked(late)
    told, again = teller.tell(lost=0), teller.tell(lost=0)
    assert (told.late_ms, told.latest_ms) == (1.0, 500.0)
    assert (again.late_ms, again.latest_ms) == (0.0, 0.0)


def test_what_is_dear_to_count_is_counted_seldom(loop: asyncio.AbstractEventLoop) -> None:
    times = [0.0]
    teller = Teller(loop, gauges=Gauges(), now=lambda: times[-1])
    tasks = [loop.create_task(asyncio.sleep(3600)) for _ in range(5)]
    assert teller.tell(lost=0).tasks == 5
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.wait(tasks))
    assert teller.tell(lost=0).tasks == 5
    times.append(SLOWLY)
    assert teller.tell(lost=0).tasks == 0


def test_a_thousand_runs_fill_no_more_of_a_row_than_one(loop: asyncio.AbstractEventLoop) -> None:
    gauges = Gauges()
    for number in range(1000):
        gauges.count(DROPPED, f"reason_{number}", by=10**9)
    with ExitStack() as watching:
        for number in range(1000):
            watching.enter_context(gauges.watched(INBOX, lambda: 10**6, of=f"channel-{number:010}"))
        row = Teller(loop, gauges=gauges).tell(lost=0).as_row()
    assert len(row["dropped"]) == MOST_REASONS + 1
    assert len(json.dumps(row)) < 1500


def test_a_row_of_another_release_is_read_as_far_as_it_is_known() -> None:
    assert Figures.from_row({}) == Figures()
    assert Figures.from_row({"runs_of_tomorrow": 3, "turns": 2}).turns == 2
    assert Figures.from_row(Figures(inbox=3, dropped={"late": 1}).as_row()).dropped == {"late": 1}


def test_a_system_that_cannot_tell_leaves_it_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "FILES", ("/nowhere/at/all",))
    assert figures.open_files() is None
