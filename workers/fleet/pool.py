"""The threads of a Celery worker, some of whose tasks begin what lives on.

A run goes on for hours on the loop of its process. In Celery's own pool a thread would wait for each, and nothing else:
34 KB of stack for every live channel, and 9 KB of what Celery knows of a task under way. Here its task is over when the
run has begun; what is live and where stands in the database, and a worker that ends waits for all of it.
"""

from __future__ import annotations

from concurrent.futures import Future, wait
from typing import Any

from celery.concurrency.thread import TaskPool as Threads


class TaskPool(Threads):
    """Celery's threads, and what was begun in them."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._living: set[Future[None]] = set()

    def on_start(self) -> None:
        _of_this_process.add(self)

    def on_stop(self) -> None:
        """Waits for what lives on too, as Celery's pool does by waiting for its threads."""
        super().on_stop()
        wait(tuple(self._living))
        _of_this_process.discard(self)

    def keep(self, rest: Future[None]) -> None:
        """Does not end before this is done."""
        self._living.add(rest)
        rest.add_done_callback(self._living.discard)


_of_this_process: set[TaskPool] = set()


def live_on(rest: Future[None]) -> None:
    """Called by a task that has begun something: its thread is free, where the process has a pool that keeps this.
    Elsewhere the thread waits for it."""
    for pool in _of_this_process:
        pool.keep(rest)
        return
    rest.result()
