"""A task that lives on takes a slot and no thread; Celery hears that it is over when it is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future

import pytest

from workers.fleet import pool
from workers.fleet.pool import TaskPool

PATIENCE = 20
OVER = (0, "None", 0.1)
"""What Celery's tracer returns for a task that succeeded."""


@pytest.fixture
def tasks() -> Iterator[TaskPool]:
    made = TaskPool(500)
    made.start()
    yield made
    made.stop()


def living(rest: Future[None]) -> Callable[[], tuple[int, str, float]]:
    def task() -> tuple[int, str, float]:
        pool.live_on(rest)
        return OVER

    return task


def test_a_task_that_lives_on_gives_its_thread_back_and_is_over_when_it_ends(tasks: TaskPool) -> None:
    rests: list[Future[None]] = [Future() for _ in range(100)]
    accepted: list[int] = []
    over: list[object] = []
    for rest in rests:
        # One after the other, as one thread is enough for it.
        tasks.apply_async(
            living(rest), accept_callback=lambda pid, _at: accepted.append(pid), callback=over.append
        ).get(PATIENCE)
    assert (len(accepted), over) == (100, [])
    assert tasks.info["threads"] == 1
    rests[7].set_result(None)
    assert over == [OVER]
    for rest in rests:
        if not rest.done():
            rest.set_exception(OSError("the loop is gone"))
    assert over == [OVER] * 100


def test_a_task_that_ends_with_its_function_is_over_at_once(tasks: TaskPool) -> None:
    over: list[object] = []
    rest: Future[None] = Future()
    tasks.apply_async(living(rest), callback=over.append).get(PATIENCE)
    tasks.apply_async(lambda: OVER, callback=over.append).get(PATIENCE)
    assert over == [OVER], "what the thread did before does not count"
    rest.set_result(None)


def test_who_ends_waits_for_what_lives_on() -> None:
    tasks, rest, over = TaskPool(2), Future[None](), list[object]()
    tasks.start()
    tasks.apply_async(living(rest), callback=over.append).get(PATIENCE)
    ending = threading.Thread(target=tasks.stop)
    ending.start()
    ending.join(0.1)
    assert ending.is_alive()
    rest.set_result(None)
    ending.join(PATIENCE)
    assert not ending.is_alive()
    assert over == [OVER]


def test_in_another_pool_its_thread_waits() -> None:
    rest: Future[None] = Future()
    thread = threading.Thread(target=living(rest))
    thread.start()
    thread.join(0.1)
    assert thread.is_alive()
    rest.set_result(None)
    thread.join(PATIENCE)
    assert not thread.is_alive()
