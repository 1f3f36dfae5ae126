"""The threads of a Celery worker, for tasks that live on when their function has returned.

A run goes on for hours on the loop of its process. In Celery's own pool a thread would wait for each, and nothing else:
34 KB of stack, its frames and its locks for every live channel. Here the function hands over what is still to come and
gives its thread back; to Celery the task is under way until that is done.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from celery.concurrency.base import apply_target
from celery.concurrency.thread import TaskPool as Threads

MOST_THREADS = 32
"""Threads for what does not live on: claims, looking after rewards, checks of versions, of which some take minutes."""

_task = threading.local()


def live_on(rest: Future[None]) -> None:
    """Called by a task: it is over when this is done. Where no pool of ours carries it out, that is waited for."""
    if getattr(_task, "may_live_on", False):
        _task.rest = rest
    else:
        rest.result()


class TaskPool(Threads):
    """As many tasks as the worker has slots, and no more threads than those that work."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.executor = ThreadPoolExecutor(min(self.limit, MOST_THREADS), thread_name_prefix="task")
        self._living: set[Future[None]] = set()

    def on_apply(
        self,
        target: Callable[..., Any],
        args: Sequence[Any] | None = None,
        kwargs: Mapping[str, Any] | None = None,
        callback: Callable[..., Any] | None = None,
        accept_callback: Callable[..., Any] | None = None,
        **_: Any,
    ) -> Any:
        """Celery's way to hand over a task; `callback` tells it that it is over."""
        whole = (target, args, kwargs, callback, accept_callback)
        return super().on_apply(self._carry_out, whole, callback=_nobody)

    def on_stop(self) -> None:
        """Waits for what lives on too, as Celery's pool does by waiting for its threads."""
        super().on_stop()
        wait(tuple(self._living))

    def _carry_out(
        self,
        target: Callable[..., Any],
        args: Sequence[Any] | None,
        kwargs: Mapping[str, Any] | None,
        callback: Callable[..., Any] | None,
        accept_callback: Callable[..., Any] | None,
    ) -> None:
        answers: list[Any] = []
        _task.may_live_on, _task.rest = True, None
        apply_target(target, args, kwargs, answers.append, accept_callback)
        rest: Future[None] | None = _task.rest
        _task.rest = None

        def tell(_rest: Future[None] | None = None) -> None:
            if callback is not None:
                callback(*answers)

        if rest is None:
            tell()
            return
        self._living.add(rest)
        rest.add_done_callback(tell)
        rest.add_done_callback(self._living.discard)


def _nobody(_answer: Any) -> None:
    """Who is told that a function has returned, where the task may live on."""
