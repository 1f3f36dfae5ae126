"""Everything once, with Redis and without, at one gateway and at two."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator

import pytest
from django.conf import settings
from redis.asyncio import Redis

from tests.clock import Clock
from workers.twitch.once import AWAY, REMEMBERED, Seen, Shared, Twins, Written

NOWHERE = "redis://127.0.0.1:9"
CHEER = ("cheer", "44", "100", "Cheer100 hi")
REDEMPTION = ("redemption", "44", "r1", "sing")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def two(clock: Clock) -> AsyncIterator[tuple[Shared, Shared]]:
    """What two gateways share."""
    prefix = f"{settings.ENV.REDIS_PREFIX}:{secrets.token_hex(4)}"
    one, other = (Shared(settings.ENV.redis_url, prefix, clock, clock=clock) for _ in range(2))
    yield one, other
    for each in (one, other):
        await each.close()


@pytest.fixture
async def alone(clock: Clock) -> AsyncIterator[Shared]:
    """A gateway whose Redis is away."""
    made = Shared(NOWHERE, "p", clock, clock=clock)
    yield made
    await made.close()


@pytest.fixture(params=["one gateway", "two gateways", "no Redis"])
def pair(request: pytest.FixtureRequest, two: tuple[Shared, Shared], alone: Shared) -> tuple[Shared, Shared]:
    """The gateways at which the first and the second notification arrive."""
    return {"one gateway": (two[0], two[0]), "two gateways": two, "no Redis": (alone, alone)}[request.param]


async def test_an_id_is_first_once(pair: tuple[Shared, Shared]) -> None:
    one, other = (Seen(shared) for shared in pair) if pair[0] is not pair[1] else [Seen(pair[0])] * 2
    assert [await one.first("a"), await other.first("a"), await one.first("b")] == [True, False, True]


async def test_one_of_two_ids_is_enough(two: tuple[Shared, Shared]) -> None:
    one, other = Seen(two[0]), Seen(two[1])
    assert await one.first("a", "line")
    assert not await other.first("b", "line")
    assert await other.first("c")


async def test_memory_ends_when_older_notifications_are_dropped_as_stale_anyway(alone: Shared, clock: Clock) -> None:
    seen = Seen(alone)
    await seen.first("a")
    clock.now += REMEMBERED - 1
    assert not await seen.first("a")
    clock.now += REMEMBERED + 1
    assert await seen.first("a")


async def test_a_redis_that_failed_rests_as_long_whatever_the_time_of_day_does() -> None:
    of_day, clock, asked = Clock(), Clock(50.0), 0
    shared = Shared(NOWHERE, "p", of_day, clock=clock)

    async def ask(redis: Redis) -> int:
        nonlocal asked
        asked += 1
        return int(await redis.dbsize())

    for leap, passed in ((0, 0), (3600, 0), (-7200, AWAY)):
        of_day.now += leap
        clock.now += passed
        assert await shared.ask(ask) is None
    assert asked == 2, "not at once after the first, and again after its rest"
    await shared.close()


def twins(pair: tuple[Shared, Shared]) -> tuple[Twins, Twins]:
    first = Twins(pair[0])
    return first, first if pair[0] is pair[1] else Twins(pair[1])


async def test_two_notifications_about_one_cheer_meet(pair: tuple[Shared, Shared]) -> None:
    one, other = twins(pair)
    assert await one.meet("501", CHEER, "m1", line=True, counts=False) == ""
    assert await other.meet("501", CHEER, "e1", line=False, counts=False) == "m1"
    assert [await each.known_as("m1") for each in (one, other)] == ["m1", "m1"]


async def test_a_line_that_comes_second_is_known_under_the_cheers_name(pair: tuple[Shared, Shared]) -> None:
    one, other = twins(pair)
    assert await one.meet("501", CHEER, "e1", line=False, counts=False) == ""
    assert await other.meet("501", CHEER, "m1", line=True, counts=False) == "e1"
    assert [await each.known_as("m1") for each in (one, other)] == ["e1", "e1"]
    assert await one.known_as("m2") == "m2"


@pytest.mark.parametrize("line_first", [True, False])
async def test_a_redemption_gives_its_line_the_name_in_either_order(
    pair: tuple[Shared, Shared], line_first: bool
) -> None:
    one, other = twins(pair)
    for gateway, line in ((one, line_first), (other, not line_first)):
        await gateway.meet("501", REDEMPTION, "m1" if line else "r1", line=line, counts=not line)
    assert [await each.known_as("m1") for each in (one, other)] == ["r1", "r1"]


async def test_the_same_cheer_twice_is_two_pairs(pair: tuple[Shared, Shared]) -> None:
    one, other = twins(pair)
    assert [await one.meet("501", CHEER, name, line=True, counts=False) for name in ("m1", "m2")] == ["", ""]
    found = [await other.meet("501", CHEER, name, line=False, counts=False) for name in ("e1", "e2", "e3")]
    assert found == ["m1", "m2", ""]


async def test_another_channels_cheer_is_another_cheer(pair: tuple[Shared, Shared]) -> None:
    one, other = twins(pair)
    await one.meet("501", CHEER, "m1", line=True, counts=False)
    assert await other.meet("502", CHEER, "e1", line=False, counts=False) == ""


async def test_one_does_not_wait_for_ever(pair: tuple[Shared, Shared], clock: Clock) -> None:
    one, other = twins(pair)
    await one.meet("501", CHEER, "m1", line=True, counts=False)
    clock.now += Twins.LIFE
    assert await other.meet("501", CHEER, "e1", line=False, counts=False) == ""


async def test_one_that_came_while_redis_was_away_is_met_when_it_is_back(
    two: tuple[Shared, Shared], clock: Clock
) -> None:
    one = Twins(two[0])
    two[0]._away_until = clock.now + AWAY
    assert await one.meet("501", CHEER, "m1", line=True, counts=False) == ""
    clock.now += AWAY + 1
    assert await one.meet("501", CHEER, "e1", line=False, counts=False) == "m1"


async def test_what_was_taken_back_at_one_gateway_is_known_at_the_other(
    pair: tuple[Shared, Shared], clock: Clock
) -> None:
    first = Seen(pair[0])
    one, other = first, first if pair[0] is pair[1] else Seen(pair[1])
    await one.take_back("501", message="m1")
    await one.take_back("501", chatter="44", at=clock.now)

    async def gone(broadcaster: str, *messages: str, chatter: str = "45", at: float = clock.now) -> bool:
        written = Written(broadcaster, messages, chatter, at)
        gone = await other.is_taken_back(written)
        assert await other.first(secrets.token_hex(4), unless=written) is not gone
        return gone

    assert await gone("501", "m1")
    assert await gone("501", "m2", "m1")
    assert not await gone("501", "m2")
    assert await gone("501", "m2", chatter="44")
    assert not await gone("501", "m2", chatter="44", at=clock.now + 1), "what was written afterwards is meant by nobody"
    assert not await gone("502", "m2", chatter="44")
    await one.take_back("501", at=clock.now)
    assert await gone("501", "m2")
    assert not await gone("501", "m2", at=clock.now + 1)
