"""The inbox of a run over the real channel layer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from workers import inbox


async def test_a_run_that_ends_while_its_inbox_is_opened_ends() -> None:
    async def joined() -> None:
        pass

    async def take(_body: Mapping[str, Any]) -> None:
        pass

    for steps in range(60):
        task = asyncio.create_task(inbox.read("somebody", joined=joined, take=take))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        done, _still_reading = await asyncio.wait({task}, timeout=2)
        assert done, f"cancelled after {steps} steps, it goes on reading"
        assert task.cancelled()
