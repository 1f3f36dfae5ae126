"""Who is let through to a provider, and when."""

from __future__ import annotations

import asyncio

import pytest

from tests.virtual_time import virtual
from workers.pipeline.turnstile import PER_CHANNEL, Turnstile, TurnstileBusy


class Gate:
    """A turnstile, and what happened at it."""

    def __init__(self, most: int) -> None:
        self.turned_away = 0
        self.order: list[str] = []
        self.most_inside = 0
        self.turnstile = Turnstile(most, turned_away=self._away)

    def _away(self) -> None:
        self.turned_away += 1

    async def ask(self, channel: str, seconds: float = 1.0, patience: float = 60.0) -> None:
        await self.turnstile.enter(channel, patience)
        try:
            self.order.append(channel)
            self.most_inside = max(self.most_inside, self.turnstile.inside)
            await asyncio.sleep(seconds)
        finally:
            self.turnstile.leave(channel)


@virtual
async def test_a_channel_whose_provider_hangs_waits_for_itself_alone() -> None:
    gate = Gate(most=10)
    hanging = [asyncio.create_task(gate.ask("hangs", seconds=1000)) for _ in range(8)]
    await asyncio.sleep(0)
    begin = asyncio.get_running_loop().time()
    await asyncio.gather(*(gate.ask(f"other{number}") for number in range(8)))
    assert asyncio.get_running_loop().time() - begin == pytest.approx(1.0)
    assert gate.order.count("hangs") == PER_CHANNEL
    for task in hanging:
        task.cancel()
    await asyncio.wait(hanging)
    assert gate.turnstile.inside == 0


@virtual
async def test_there_are_never_more_than_so_many_under_way() -> None:
    gate = Gate(most=3)
    await asyncio.gather(*(gate.ask(f"c{number}") for number in range(10)))
    assert gate.most_inside == 3
    assert asyncio.get_running_loop().time() == pytest.approx(4.0)


@virtual
async def test_without_a_bound_only_a_channel_waits_for_itself() -> None:
    gate = Gate(most=0)
    await asyncio.gather(*(gate.ask(f"c{number % 50}") for number in range(100)))
    assert asyncio.get_running_loop().time() == pytest.approx(1.0)


@virtual
async def test_whoever_has_least_under_way_goes_first_and_then_who_came_first() -> None:
    gate = Gate(most=3)
    busy = [asyncio.create_task(gate.ask("busy", seconds)) for seconds in (5, 1)]
    third = asyncio.create_task(gate.ask("third", 2))
    await asyncio.sleep(0)
    later = [asyncio.create_task(gate.ask(channel, 1)) for channel in ("busy", "ann", "bob")]
    await asyncio.gather(*busy, third, *later)
    assert gate.order == ["busy", "busy", "third", "ann", "bob", "busy"]


@virtual
async def test_who_waits_too_long_is_turned_away_and_counted() -> None:
    gate = Gate(most=1)
    first = asyncio.create_task(gate.ask("a", seconds=10))
    await asyncio.sleep(0)
    with pytest.raises(TurnstileBusy):
        await gate.ask("b", patience=3)
    assert (gate.turned_away, asyncio.get_running_loop().time()) == (1, 3)
    await first
    await gate.ask("b")
    assert gate.order == ["a", "b"]


@virtual
async def test_who_is_cancelled_while_it_waits_takes_nobodys_turn() -> None:
    gate = Gate(most=1)
    first = asyncio.create_task(gate.ask("a", seconds=5))
    await asyncio.sleep(0)
    gone, last = asyncio.create_task(gate.ask("b")), asyncio.create_task(gate.ask("c"))
    await asyncio.sleep(1)
    gone.cancel()
    await asyncio.gather(first, last)
    assert gate.order == ["a", "c"]
    assert gate.turnstile.inside == 0


@pytest.mark.parametrize("first", ["let through", "cancelled"])
@virtual
async def test_who_is_cancelled_in_the_instant_in_which_it_is_let_through_keeps_nobody_out(first: str) -> None:
    gate = Gate(most=1)
    await gate.turnstile.enter("a", 60)
    gone, last = asyncio.create_task(gate.ask("b")), asyncio.create_task(gate.ask("c"))
    await asyncio.sleep(0)
    if first == "cancelled":
        gone.cancel()
    gate.turnstile.leave("a")
    gone.cancel()
    await asyncio.wait({gone, last})
    assert gone.cancelled()
    assert gate.order == ["c"]
    assert gate.turnstile.inside == 0


@virtual
async def test_whose_patience_ends_in_the_instant_in_which_another_leaves_is_passed_over() -> None:
    gate = Gate(most=1)
    first = asyncio.create_task(gate.ask("a", seconds=3))
    await asyncio.sleep(0)
    impatient = asyncio.create_task(gate.ask("b", patience=3))
    await asyncio.sleep(0)
    last = [asyncio.create_task(gate.ask(channel)) for channel in ("b", "c")]
    await asyncio.gather(first, *last)
    assert isinstance(impatient.exception(), TurnstileBusy)
    assert gate.turned_away == 1
    assert sorted(gate.order) == ["a", "b", "c"]
    assert gate.turnstile.inside == 0
