"""Everything once, with Redis and without."""

from __future__ import annotations

import secrets

from django.conf import settings

from workers.twitch.once import REMEMBERED, Seen, Twins

NOWHERE = "redis://127.0.0.1:9"
CHEER = ("cheer", "44", "100", "Cheer100 hi")


class Clock:
    def __init__(self) -> None:
        self.at = 1_000_000.0

    def __call__(self) -> float:
        return self.at


async def test_an_id_is_first_once() -> None:
    seen = Seen(settings.ENV.redis_url, secrets.token_hex(4), Clock())
    assert [await seen.first("a"), await seen.first("a"), await seen.first("b")] == [True, False, True]
    await seen.close()


async def test_another_process_knows_what_this_one_saw() -> None:
    prefix = secrets.token_hex(4)
    one, other = (Seen(settings.ENV.redis_url, prefix, Clock()) for _ in range(2))
    assert await one.first("a", "line")
    assert not await other.first("b", "line")
    assert await other.first("c")
    await one.close()
    await other.close()


async def test_without_redis_memory_serves() -> None:
    seen = Seen(NOWHERE, "p", Clock())
    assert [await seen.first("a"), await seen.first("a"), await seen.first("b")] == [True, False, True]
    await seen.close()


async def test_memory_ends_when_older_notifications_are_dropped_as_stale_anyway() -> None:
    clock = Clock()
    seen = Seen(NOWHERE, "p", clock)
    await seen.first("a")
    clock.at += REMEMBERED - 1
    assert not await seen.first("a")
    clock.at += REMEMBERED + 1
    assert await seen.first("a")
    await seen.close()


def test_two_notifications_about_one_cheer_meet() -> None:
    twins = Twins(Clock())
    assert twins.meet("501", CHEER, "m1", line=True) == ""
    assert twins.meet("501", CHEER, "e1", line=False) == "m1"


def test_the_same_cheer_twice_is_two_pairs() -> None:
    twins = Twins(Clock())
    assert [twins.meet("501", CHEER, name, line=True) for name in ("m1", "m2")] == ["", ""]
    assert [twins.meet("501", CHEER, name, line=False) for name in ("e1", "e2")] == ["m1", "m2"]
    assert twins.meet("501", CHEER, "e3", line=False) == ""


def test_another_channels_cheer_is_another_cheer() -> None:
    twins = Twins(Clock())
    twins.meet("501", CHEER, "m1", line=True)
    assert twins.meet("502", CHEER, "e1", line=False) == ""


def test_one_does_not_wait_for_ever() -> None:
    clock = Clock()
    twins = Twins(clock)
    twins.meet("501", CHEER, "m1", line=True)
    clock.at += Twins.LIFE
    assert twins.meet("501", CHEER, "e1", line=False) == ""


def test_a_line_is_known_under_the_events_name() -> None:
    twins = Twins(Clock())
    twins.same("m1", "e1")
    assert (twins.known_as("m1"), twins.known_as("m2")) == ("e1", "m2")
