"""A clock the test moves; and waiting for what other processes and threads do, never longer than needed."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any


class Clock:
    """Stands still but for the test."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


async def until(condition: Callable[[], Any], *, seconds: float = 20.0) -> None:
    """Returns when the condition (plain or async) holds. Raises AssertionError after so many seconds."""
    deadline = time.monotonic() + seconds
    pause = 0.01
    while True:
        held = condition()
        if inspect.isawaitable(held):
            # Mostly a question to the database in a thread, which takes milliseconds of processor each time.
            pause = 0.04
            held = await held
        if held:
            return
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {inspect.getsource(condition).strip()}")
        await asyncio.sleep(pause)
