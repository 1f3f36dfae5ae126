"""A bell wakes whoever waits, once, and keeps nobody who has gone."""

from __future__ import annotations

import asyncio

from workers.pipeline.bell import Bell


async def test_all_who_wait_go_on_though_it_is_cleared_at_once() -> None:
    bell, came = Bell(), list[int]()

    async def wait(number: int) -> None:
        await bell.wait()
        came.append(number)

    async with asyncio.TaskGroup() as group:
        for number in range(3):
            group.create_task(wait(number))
        await asyncio.sleep(0)
        assert came == []
        bell.set()
        bell.clear()
    assert came == [0, 1, 2]
    assert not bell.is_set()


async def test_while_it_is_set_nobody_waits() -> None:
    bell = Bell()
    bell.set()
    bell.set()
    assert bell.is_set()
    await asyncio.wait_for(bell.wait(), 1)
    bell.clear()
    waiting = asyncio.create_task(bell.wait())
    await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()


async def test_who_gave_up_is_in_nobodys_way() -> None:
    bell = Bell()
    first, second = asyncio.create_task(bell.wait()), asyncio.create_task(bell.wait())
    await asyncio.sleep(0)
    first.cancel()
    bell.set()
    await asyncio.wait({first, second}, timeout=1)
    assert (first.cancelled(), second.done() and not second.cancelled()) == (True, True)
    assert bell._waiting == []
