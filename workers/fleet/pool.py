"""The threads of a Celery worker, some of whose tasks begin what lives on.

A run goes on for hours on the loop of its process. In Celery's own pool a thread would wait for each, and nothing else:
34 KB of stack for every live channel, and 9 KB of what Celery knows of a task under way. Here its task is over when the
run has begun; what is live and where stands in the database, and a worker that ends waits for all of it.
"""

from __future__ import annotations

from concurrent.futures import Future, wait

from celery.concurrency.thread import TaskPool as Threads

_living: set[Future[None]] = set()


def live_on(rest: Future[None]) -> None:
    """Called by a task that has begun something: the worker does not end before this is done."""
    _living.add(rest)
    rest.add_done_callback(_living.discard)


class TaskPool(Threads):
    """Celery's threads, and what was begun in them."""

    def on_stop(self) -> None:
        """Waits for what lives on too, as Celery's pool does by waiting for its threads."""
        super().on_stop()
        wait(tuple(_living))
