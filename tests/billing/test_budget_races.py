"""Many workers ask at once: together they are promised no more than there is, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import F, Sum

from billing.budget import Claim, reserve
from billing.ledger import record_usage, release_expired
from billing.limits import Limits
from billing.models import Budget, HouseDay, Reservation, UsageRecord
from channels_app.models import Channel
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 11, 27, 12, 30, tzinfo=UTC)
WORKERS = 6


def at_once(work: Callable[[int], object]) -> list[object]:
    """The work of each worker, all begun in the same moment."""
    barrier = threading.Barrier(WORKERS)

    def one(number: int) -> object:
        try:
            barrier.wait(10)
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(one, range(WORKERS)))


def test_parallel_workers_are_promised_no_more_than_the_ceiling_and_the_quota(channel: Channel) -> None:
    limits = Limits(site_hour=1000, replies=7)

    def ask(worker: int) -> int:
        keys = [f"{worker}:{number}" for number in range(6)]
        claim = Claim(130, replies=1)
        return sum(not reserve(channel, key=key, claim=claim, limits=limits, now=NOON) for key in keys)

    granted = sum(int(str(count)) for count in at_once(ask))
    budget = Budget.objects.get(channel=channel)
    assert granted == 7
    assert (budget.held_micros, budget.held_replies) == (7 * 130, 7)
    assert Reservation.objects.count() == 7


def test_parallel_channels_are_promised_no_more_than_the_houses_ceiling(channel: Channel) -> None:
    channels = [channel, *(factories.channel() for _ in range(WORKERS - 1))]
    limits = Limits(house_day=1000)

    def ask(worker: int) -> int:
        return sum(
            not reserve(channels[worker], key=str(number), claim=Claim(90), limits=limits, now=NOON)
            for number in range(4)
        )

    assert sum(int(str(count)) for count in at_once(ask)) == 11
    assert HouseDay.objects.get().held_micros == 990
    assert Budget.objects.aggregate(sum=Sum("held_micros"))["sum"] == 990


def test_settling_reporting_twice_and_expiring_at_once_end_in_the_ledgers_sums(channel: Channel) -> None:
    limits = Limits(site_hour=100_000)
    late = NOON + timedelta(minutes=16)

    def live(worker: int) -> None:
        for number in range(5):
            key = f"{worker % 2}:{number}"
            reserve(channel, key=key, claim=Claim(100, replies=1), limits=limits, now=NOON)
            if worker == WORKERS - 1:
                release_expired(late)
            record_usage(channel, key=key, kind=UsageRecord.Kind.REPLY, cost_micros=60, replies=1, at=NOON)

    at_once(live)
    release_expired(late)
    budget, house = Budget.objects.get(channel=channel), HouseDay.objects.get()
    sums = UsageRecord.objects.aggregate(cost=Sum("cost_micros"), platform=Sum(F("cost_micros") - F("own_micros")))
    assert sums["cost"] == 10 * 60
    assert (budget.hour_micros, budget.period_replies, house.micros) == (600, 10, sums["platform"])
    assert (budget.held_micros, budget.held_replies, house.held_micros) == (0, 0, 0)
