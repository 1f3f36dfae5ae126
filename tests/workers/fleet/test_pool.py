"""What a task has begun lives on without a thread, and no worker ends before it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future

import pytest

from workers.fleet import pool
from workers.fleet.pool import TaskPool

PATIENCE = 20
DONE = (0, "None", 0.1)
"""What Celery's tracer returns for a task that succeeded."""


@pytest.fixture
def tasks() -> Iterator[TaskPool]:
    made = TaskPool(32)
    made.start()
    yield made
    made.stop()


def beginning(rest: Future[None]) -> Callable[[], tuple[int, str, float]]:
    def task() -> tuple[int, str, float]:
        pool.live_on(rest)
        return DONE

    return task


def carry_out(tasks: TaskPool, rest: Future[None], told: list[object]) -> None:
    """Returns when its thread is free again."""
    tasks.apply_async(beginning(rest), callback=told.append).get(PATIENCE)


def test_a_hundred_tasks_that_begin_something_need_one_thread(tasks: TaskPool) -> None:
    rests: list[Future[None]] = [Future() for _ in range(100)]
    told: list[object] = []
    for rest in rests:
        carry_out(tasks, rest, told)
    assert told == [DONE] * 100
    assert tasks.info["threads"] == 1
    for rest in rests:
        rest.set_result(None)


@pytest.mark.parametrize("failure", [None, OSError("the loop is gone")])
def test_who_ends_waits_for_what_lives_on(failure: Exception | None) -> None:
    tasks, first, second = TaskPool(2), Future[None](), Future[None]()
    tasks.start()
    carry_out(tasks, first, [])
    carry_out(tasks, second, [])
    ending = threading.Thread(target=tasks.stop)
    ending.start()
    first.set_result(None)
    ending.join(0.1)
    assert ending.is_alive()
    if failure is None:
        second.set_result(None)
    else:
        second.set_exception(failure)
    ending.join(PATIENCE)
    assert not ending.is_alive()
