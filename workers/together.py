"""Questions that many channels of a process ask the database again and again, asked as one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from workers.fleet.runtime import in_db

K = TypeVar("K")
V = TypeVar("V")

GATHER_SECONDS = 0.5
"""How long a question that nobody is in a hurry for waits for others."""
MOST = 100
"""Questions that are asked at once; so many do not wait."""


class Together(Generic[K, V]):
    """One for each kind of question. `ask` answers all keys it gets; it runs in a thread of the database."""

    def __init__(
        self, ask: Callable[[Collection[K]], Mapping[K, V]], *, seconds: float = GATHER_SECONDS, most: int = MOST
    ) -> None:
        self._ask, self._seconds, self._most = ask, seconds, most
        self._waiting: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[K, asyncio.Future[V]]] = WeakKeyDictionary()
        self._asking: set[asyncio.Task[None]] = set()

    async def __call__(self, key: K) -> V:
        """The answer, at most `seconds` later than it would come alone. Raises what `ask` raises."""
        loop = asyncio.get_running_loop()
        waiting = self._waiting.setdefault(loop, {})
        if not waiting:
            loop.call_later(self._seconds, self._begin, waiting)
        future = waiting.get(key)
        if future is None:
            future = waiting[key] = loop.create_future()
            # Whoever asked may be gone by then, and a failure nobody hears of is no failure.
            future.add_done_callback(lambda done: done.cancelled() or done.exception())
        if len(waiting) >= self._most:
            self._begin(waiting)
        # Somebody else may wait for the same answer.
        return await asyncio.shield(future)

    def _begin(self, waiting: dict[K, asyncio.Future[V]]) -> None:
        questions = dict(waiting)
        waiting.clear()
        if questions:
            task = asyncio.get_running_loop().create_task(self._answer(questions))
            self._asking.add(task)
            task.add_done_callback(partial(_end, self._asking, questions))

    async def _answer(self, questions: dict[K, asyncio.Future[V]]) -> None:
        try:
            answers = await in_db(self._ask, list(questions))
        except Exception as error:
            for future in questions.values():
                future.set_exception(error)
            return
        for key, future in questions.items():
            future.set_result(answers[key])


def _end(asking: set[asyncio.Task[None]], questions: Mapping[K, asyncio.Future[V]], task: asyncio.Task[None]) -> None:
    """Nobody waits for ever: not where the loop ends, and not for a key that was not answered."""
    asking.discard(task)
    failure = None if task.cancelled() else task.exception()
    for future in questions.values():
        if not future.done():
            future.set_exception(failure) if failure else future.cancel()
