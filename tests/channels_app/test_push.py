"""What crosses between processes, over the real channel layer."""

from __future__ import annotations

import asyncio
import itertools

from channels_app import push


async def test_a_task_that_sends_can_be_cancelled_at_any_moment() -> None:
    sent = 0

    async def speak() -> None:
        nonlocal sent
        for number in itertools.count():
            await push.send("overlay.somebody", {"type": "overlay.frames", "number": number})
            sent += 1

    for steps in range(60):
        task = asyncio.create_task(speak())
        before = sent
        while sent < before + 2:
            await asyncio.sleep(0)
        for _ in range(steps % 6):
            await asyncio.sleep(0)
        task.cancel()
        done, _still_sending = await asyncio.wait({task}, timeout=2)
        assert done, "the cancellation was forgotten"
        assert task.cancelled()


async def test_what_was_cancelled_before_may_still_say_good_bye() -> None:
    said = asyncio.Event()

    async def speak() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            if await push.send("overlay.somebody", {"type": "overlay.frames"}):
                said.set()

    task = asyncio.create_task(speak())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task}, timeout=5)
    assert said.is_set()
