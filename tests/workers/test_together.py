"""Questions of many channels to the database, asked as one."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

import pytest
from django.db import DatabaseError

from tests.virtual_time import virtual
from workers.together import GATHER_SECONDS, Together

pytestmark = pytest.mark.django_db(transaction=True)
"""The threads of the database look after their connections before each question."""


class Doubling:
    """A database that knows twice each number, and counts how often it is asked."""

    def __init__(self, *, unknown: int = -1, away: bool = False) -> None:
        self.asked: list[list[int]] = []
        self.unknown, self.away = unknown, away

    def __call__(self, numbers: Collection[int]) -> dict[int, int]:
        self.asked.append(sorted(numbers))
        if self.away:
            raise DatabaseError("away")
        return {number: 2 * number for number in numbers if number != self.unknown}


@virtual
async def test_many_who_ask_within_a_while_are_asked_for_at_once() -> None:
    database = Doubling()
    ask = Together(database)
    answers = await asyncio.gather(*(ask(number) for number in [3, 1, 2, 3]))
    assert answers == [6, 2, 4, 6]
    assert database.asked == [[1, 2, 3]]
    assert asyncio.get_running_loop().time() == pytest.approx(GATHER_SECONDS)


@virtual
async def test_so_many_do_not_wait_for_more() -> None:
    database = Doubling()
    ask = Together(database, most=3)
    await asyncio.gather(*(ask(number) for number in range(6)))
    assert database.asked == [[0, 1, 2], [3, 4, 5]]
    assert asyncio.get_running_loop().time() == 0


@virtual
async def test_who_asks_again_gets_a_new_answer() -> None:
    database = Doubling()
    ask = Together(database)
    await ask(1)
    await ask(1)
    assert database.asked == [[1], [1]]


@virtual
async def test_a_failure_reaches_everybody_and_is_over_with_the_next_question() -> None:
    database = Doubling(away=True)
    ask = Together(database)
    failures = await asyncio.gather(ask(1), ask(2), return_exceptions=True)
    assert [type(failure) for failure in failures] == [DatabaseError, DatabaseError]
    database.away = False
    assert await ask(1) == 2


@virtual
async def test_one_who_leaves_takes_no_answer_from_the_others() -> None:
    ask = Together(Doubling())
    leaving, staying = asyncio.create_task(ask(1)), asyncio.create_task(ask(1))
    await asyncio.sleep(GATHER_SECONDS / 2)
    leaving.cancel()
    assert await staying == 2
    assert leaving.cancelled()


@virtual
async def test_nobody_waits_for_ever_for_what_is_not_answered() -> None:
    ask = Together(Doubling(unknown=1))
    with pytest.raises(KeyError):
        async with asyncio.timeout(5):
            await ask(1)
