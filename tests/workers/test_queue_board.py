"""The queue on the dashboards: told when it changed, twice a second at most, and only while somebody looks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.virtual_time import virtual
from tests.workers.pipeline.chat import cheer, director, message
from workers.pipeline.director import Choice
from workers.pipeline.turn_log import TurnLog
from workers.pipeline.values import EventKind
from workers.queue_board import PUSH_SECONDS, SHOWN, WATCH_SECONDS, QueueBoard, queue


class Dashboards:
    """What was told, with the second at which it was."""

    def __init__(self) -> None:
        self.now: Any = 0
        self.looks = 0
        self.told: list[tuple[float, Any]] = []
        self.board = QueueBoard(self._look, self._send, lambda: 0.0)

    def _look(self) -> dict[str, Any]:
        self.looks += 1
        return {"waiting": self.now}

    async def _send(self, body: dict[str, Any]) -> None:
        self.told.append((asyncio.get_running_loop().time(), body["waiting"]))


@asynccontextmanager
async def kept() -> AsyncIterator[Dashboards]:
    made = Dashboards()
    task = asyncio.create_task(made.board.keep())
    yield made
    task.cancel()


@virtual
async def test_a_busy_chat_is_told_twice_a_second() -> None:
    async with kept() as seen:
        seen.board.watch()
        for number in range(1000):
            seen.now = number
            await asyncio.sleep(0.01)
    assert len(seen.told) <= 10 / PUSH_SECONDS + 1
    assert len(seen.told) >= 10 / PUSH_SECONDS - 1
    assert seen.told[-1][1] > 940


@virtual
async def test_a_quiet_chat_is_not_told_again() -> None:
    async with kept() as seen:
        seen.board.watch()
        await asyncio.sleep(30)
    assert len(seen.told) == 1


@virtual
async def test_a_dashboard_that_opens_is_told_although_nothing_changed() -> None:
    async with kept() as seen:
        seen.board.watch()
        await asyncio.sleep(10)
        seen.board.watch()
        await asyncio.sleep(1)
    assert [value for _at, value in seen.told] == [0, 0]


@virtual
async def test_while_nobody_looks_it_costs_nothing() -> None:
    async with kept() as seen:
        await asyncio.sleep(1000)
        assert seen.looks == 0
        seen.board.watch()
        await asyncio.sleep(WATCH_SECONDS + 1)
        looks = seen.looks
        await asyncio.sleep(1000)
    assert seen.looks == looks


def test_a_long_queue_is_told_in_bounds() -> None:
    room = director(every_message=True)
    for number in range(100):
        room.offer(message(f"{number} " + "x" * 450 + f" {number}?", f"name{number}" * 20), 0)
    body = queue(1, [], room.waiting(0))
    assert len(body["waiting"]) == SHOWN
    assert body["more"] == len(room.waiting(0)) - SHOWN
    assert len(json.dumps(body)) < 10_000


def test_a_tip_stands_as_it_was_given() -> None:
    room = director()
    room.offer(message("", "nora", 12.0, kind=EventKind.TIP, amount=522, title="€4.50", paid_id=1), 12)
    [entry] = queue(7, [], room.waiting(12))["waiting"]
    assert (entry["kind"], entry["given"], entry["paid"]) == ("tip", "€4.50", True)


def test_each_entry_tells_who_what_why_and_since_when() -> None:
    room = director(every_message=True)
    room.offer(cheer("woo", "pat", 12.0, id="paid"), 12)
    for who in ("a", "b"):
        room.offer(message("same words here", who, 13.0), 13)
    room.put_first("paid", 14)
    turn = TurnLog("turn", Choice((message("@Mika hi", "mia"),), "mention", "mention", "hi"), 0.0)
    body = queue(7, [turn], room.waiting(14))
    [now] = body["now"]
    assert (body["fence"], now["id"], now["name"], now["text"], now["state"]) == (7, "turn", "mia", "hi", "thinking")
    paid, copies = body["waiting"]
    assert (paid["id"], paid["kind"], paid["amount"], paid["paid"], paid["chosen"]) == (
        "paid",
        "cheer",
        100,
        True,
        True,
    )
    assert (paid["lane"], paid["why"], paid["at"]) == ("paid", "cheer", 12.0)
    assert paid["given"] == ""
    assert (copies["chatters"], copies["why"], copies["paid"]) == (2, "every message", False)


def test_an_answer_to_several_names_them_all() -> None:
    events = (message("@Mika hi", "mia"), message("@Mika hey", "ben"))
    turn = TurnLog("turn", Choice(events, "mention", "mention", "hi\nhey"), 0.0)
    [now] = queue(1, [turn], [])["now"]
    assert (now["name"], now["text"]) == ("mia, ben", "hi hey")
