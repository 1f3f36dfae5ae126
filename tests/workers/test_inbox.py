"""The inbox of a run: over the real channel layer, and how it bounds what waits in it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from channels.layers import get_channel_layer

from channels_app import push
from tests.virtual_time import virtual
from workers import inbox
from workers.fleet import gauges
from workers.inbox import CHAT_BURST, CHAT_PER_SECOND, FULL, MOST_CHAT, Waiting


def line(number: int, chatter: str = "viewer", **fields: Any) -> dict[str, Any]:
    event = {"id": f"m{number}", "kind": "message", "chatter": {"id": chatter, "name": chatter}, "text": "hi", "at": 0}
    return {"t": "event", "event": event | fields}


def shed() -> int:
    return gauges.HERE.counts().get(gauges.DROPPED, {}).get(FULL, 0)


def waiting() -> Waiting:
    return Waiting(asyncio.get_running_loop().time)


async def taken(of: Waiting, count: int) -> list[str]:
    """The ids or kinds of the next so many."""
    bodies = [await of.next() for _ in range(count)]
    return [body["event"]["id"] if body["t"] == "event" else body["t"] for body in bodies]


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


async def test_a_flooded_inbox_is_read_and_the_loop_is_shared() -> None:
    taken_in: list[str] = []
    opened, done = asyncio.Event(), asyncio.Event()

    async def joined() -> None:
        opened.set()

    async def take(body: Mapping[str, Any]) -> None:
        taken_in.append(body["t"])
        if body["t"] == "command":
            done.set()

    reading = asyncio.create_task(inbox.read("flooded", joined=joined, take=take))
    layer: Any = get_channel_layer()
    async with asyncio.timeout(10):
        await opened.wait()
        for number in range(400):
            await layer.group_send(push.inbox_group("flooded"), {"type": "inbox.message", "body": line(number)})
        await layer.group_send(
            push.inbox_group("flooded"), {"type": "inbox.message", "body": {"t": "command", "name": "skip"}}
        )
        # Other tasks have their turn meanwhile, or this would not come to its end.
        await done.wait()
    reading.cancel()
    await asyncio.wait({reading})
    assert taken_in.count("event") < 400


async def test_who_fails_at_one_message_reads_the_next() -> None:
    opened, second = asyncio.Event(), asyncio.Event()

    async def joined() -> None:
        opened.set()

    async def take(body: Mapping[str, Any]) -> None:
        if body["t"] == "queue":
            raise ValueError("of another release")
        second.set()

    reading = asyncio.create_task(inbox.read("failing", joined=joined, take=take))
    async with asyncio.timeout(10):
        await opened.wait()
        await push.inbox("failing", {"t": "queue"})
        await push.inbox("failing", {"t": "memory"})
        await second.wait()
    reading.cancel()
    await asyncio.wait({reading})


@virtual
async def test_of_too_much_chat_the_oldest_is_left_out_and_counted() -> None:
    before, full = shed(), waiting()
    for number in range(MOST_CHAT + 5):
        full.add(line(number))
    assert len(full) == MOST_CHAT
    assert shed() - before == 5
    assert (await taken(full, 1)) == ["m5"]


@virtual
@pytest.mark.parametrize(
    "body",
    [
        {"t": "command", "name": "skip"},
        {"t": "ack", "fence": 1, "utt": 1, "turn": "", "event": "playing", "position_ms": 0},
        {"t": "deleted", "message_id": "m1"},
        {"t": "paid"},
        {"t": "overlay"},
        line(-1, kind="cheer", paid_id=7),
        line(-1, paid_id=7),
        line(-1, kind="raid"),
        {"t": "event", "event": line(-1)["event"] | {"chatter": {"id": "b", "name": "B", "is_broadcaster": True}}},
        {"t": "event", "event": "of another release"},
    ],
    ids=lambda body: str(body)[:40],
)
async def test_nothing_else_is_ever_left_out_and_it_comes_before_chat(body: dict[str, Any]) -> None:
    full = waiting()
    full.add(body)
    for number in range(MOST_CHAT + 50):
        full.add(line(number))
    full.add(body)
    assert [await full.next(), await full.next()] == [body, body]


@virtual
async def test_chat_is_taken_no_faster_than_anybody_could_read_it() -> None:
    full, clock = waiting(), asyncio.get_running_loop().time
    for number in range(MOST_CHAT):
        full.add(line(number))
    await taken(full, MOST_CHAT)
    assert clock() == pytest.approx((MOST_CHAT - CHAT_BURST) / CHAT_PER_SECOND, abs=0.05)


@virtual
async def test_a_command_does_not_wait_until_more_chat_may_be_taken() -> None:
    full = waiting()
    for number in range(MOST_CHAT):
        full.add(line(number))
    await taken(full, int(CHAT_BURST))
    asyncio.get_running_loop().call_later(0.001, full.add, {"t": "command", "name": "skip"})
    assert (await taken(full, 1)) == ["command"]


@virtual
async def test_what_moderators_took_out_is_gone_though_their_word_comes_before_it() -> None:
    full = waiting()
    for number, chatter in enumerate(["ann", "bob", "ann", "cid"]):
        full.add(line(number, chatter))
    full.add({"t": "chatter_cleared", "chatter_id": "ann"})
    full.add({"t": "deleted", "message_id": "m3"})
    assert (await taken(full, 3)) == ["chatter_cleared", "deleted", "m1"]
    full.add(line(5))
    full.add({"t": "chat_cleared"})
    full.add(line(6))
    assert (await taken(full, 2)) == ["chat_cleared", "m6"]


@virtual
async def test_a_line_that_does_not_say_what_it_is_called_is_left_to_who_takes_it() -> None:
    queue = waiting()
    nameless = line(1)
    del nameless["event"]["id"], nameless["event"]["chatter"]["id"]
    for body in (nameless, line(2), {"t": "deleted", "message_id": "m2"}, {"t": "chatter_cleared", "chatter_id": "x"}):
        queue.add(body)
    for body in ({"t": "event"}, {}):
        queue.add(body)
    bodies = [await queue.next() for _ in range(len(queue))]
    assert [body.get("t") for body in bodies] == ["deleted", "chatter_cleared", "event", None, "event"]
    assert bodies[-1] is nameless
