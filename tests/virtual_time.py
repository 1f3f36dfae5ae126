"""An asyncio loop whose clock jumps to the next timer: an hour of waiting passes at once, and always the same way."""

from __future__ import annotations

import asyncio
import functools
import selectors
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

EPOCH = 1_764_000_000.0
"""Unix seconds when a virtual loop begins."""


class _JumpingSelector(selectors.DefaultSelector):
    """Never waits for a timer. It does wait for a socket or a thread while nothing else is left to do."""

    def __init__(self) -> None:
        super().__init__()
        self.elapsed = 0.0
        self.threads_busy = 0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if timeout is None or self.threads_busy:
            return super().select(None)
        self.elapsed += timeout
        return []


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """`time()` starts at 0 and moves only when every task waits."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.elapsed

    def run_in_executor(self, executor: Any, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:  # type: ignore[override]
        """Work in a thread takes no virtual time: the clock stands until it is done."""
        self._jumping.threads_busy += 1
        future: asyncio.Future[T] = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._thread_done)
        return future

    def _thread_done(self, _future: asyncio.Future[Any]) -> None:
        self._jumping.threads_busy -= 1


class VirtualClock:
    """The line's clock on the running loop's time."""

    def now(self) -> float:
        return EPOCH + asyncio.get_running_loop().time()


def run(main: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine on a virtual loop to its end."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)


def virtual(test: Callable[P, Awaitable[None]]) -> Callable[P, None]:
    """Decorator of an async test: it runs on virtual time."""

    @functools.wraps(test)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> None:
        async def main() -> None:
            await test(*args, **kwargs)

        run(main())

    return wrapper
