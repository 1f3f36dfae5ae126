"""A worker process that alone does not reach Redis has no runs, and what Redis does costs nobody the lease."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connections
from django.db.models.functions import Now

from tests.waiting import until
from tests.workers.fleet import sample
from tests.workers.fleet.bodies import PATIENCE, Body, carry_out, until_over, want_no_channel
from workers.fleet import lease, reconcile, runtime
from workers.fleet.runtime import Runtime
from workers.models import Run, WorkerProcess

pytestmark = pytest.mark.django_db(transaction=True)

FAR, NEAR = "live1@far", "live1@near"
NEVER = 3600.0


class Redis:
    """Whether the worker process reaches it."""

    there = True

    def answers(self) -> bool:
        return self.there


@pytest.fixture
def redis() -> Redis:
    return Redis()


@pytest.fixture
def far(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runtime]:
    """A process whose threads do nothing by themselves: the tests say when it beats and looks."""
    monkeypatch.setattr(runtime, "RENEW", NEVER)
    made = Runtime(FAR, capacity=5, reaches_redis=redis.answers)
    made.start()
    yield made
    made.drain()
    made.close()


def near() -> int:
    """Another worker process, which reaches Redis whenever it says so. Its epoch."""
    return lease.register(NEAR, kind="live", capacity=5, host="near", pid=1)


def pass_time(seconds: float) -> None:
    """So long ago did the worker lose Redis, as the database sees it."""
    WorkerProcess.objects.filter(name=FAR).update(unreached_since=Now() - timedelta(seconds=seconds))


def lose_redis(far: Runtime, redis: Redis) -> None:
    """It looks twice in vain, and the other one reaches Redis in between."""
    redis.there = False
    far.look_for_redis()
    pass_time(5)
    lease.note_reached(NEAR)
    far.look_for_redis()


def row() -> WorkerProcess:
    return WorkerProcess.objects.get(name=FAR)


def test_a_worker_that_alone_does_not_reach_redis_gives_its_runs_to_those_who_do(far: Runtime, redis: Redis) -> None:
    run, body, epoch = sample.run().name, Body(), near()
    thread = carry_out(far, run, body)
    lose_redis(far, redis)
    assert not body.leases[0].alive()
    thread.join(PATIENCE)
    Run.objects.update(dispatched_at=None)
    assert [worker for _run, worker in reconcile.tick()] == [NEAR]
    assert lease.claim(run, NEAR, epoch) == 2
    redis.there = True
    far.look_for_redis()
    assert set(reconcile.room()) == {FAR, NEAR}


def test_an_idle_worker_that_alone_does_not_reach_redis_gets_no_runs(far: Runtime, redis: Redis) -> None:
    near()
    lose_redis(far, redis)
    assert (row().cut_off, set(reconcile.room())) == (True, {NEAR})
    assert far.run(sample.run().name, done) is None, "dispatched before the tick knew of it"
    epoch = row().epoch
    pass_time(5)
    lease.note_reached(NEAR)
    far.look_for_redis()
    assert row().epoch == epoch, "once is enough"


def test_when_redis_itself_is_away_nothing_moves(far: Runtime, redis: Redis) -> None:
    body = Body()
    thread = carry_out(far, sample.run().name, body)
    near()
    lease.note_reached(NEAR)
    redis.there = False
    for _ in range(3):
        far.look_for_redis()
    pass_time(-0.5)  # the other noticed a moment later
    far.look_for_redis()
    assert body.leases[0].alive()
    want_no_channel(far)
    thread.join(PATIENCE)


def test_a_worker_that_is_cut_off_and_loses_its_lease_stays_cut_off(far: Runtime, redis: Redis) -> None:
    near()
    lose_redis(far, redis)
    lease.expire_worker(FAR)
    far.beat()
    assert (row().epoch, row().cut_off) == (3, True)


def test_a_process_that_starts_begins_without_the_verdict_on_the_one_before(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime, "RENEW", NEVER)
    long_ago = sample.ago(600)
    sample.worker(FAR, left=-500, cut_off=True, reached_at=long_ago, unreached_since=long_ago)
    process = Runtime(FAR, capacity=5, reaches_redis=redis.answers)
    process.start()
    try:
        assert (row().cut_off, row().reached_at, row().unreached_since) == (False, None, None)
        assert until_over(process.run(sample.run().name, done))
    finally:
        process.drain()
        process.close()


async def done(_held: lease.Lease) -> None:
    """A run that ends at once."""


def test_the_heart_renews_while_the_look_for_redis_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "RENEW", 0.01)
    looks, answer = threading.Event(), threading.Event()

    def hangs() -> bool:
        looks.set()
        return answer.wait(PATIENCE)

    process = Runtime(FAR, capacity=5, reaches_redis=hangs)
    process.start()
    try:
        assert looks.wait(PATIENCE)
        lasts = row().expires_at
        assert until(lambda: row().expires_at > lasts, seconds=PATIENCE / 2)
        assert row().reached_at is None, "it hangs still"
        answer.set()
        assert until(lambda: row().reached_at)
    finally:
        answer.set()
        process.drain()
        process.close()


def test_a_figure_that_cannot_be_told_stops_no_renewal(far: Runtime, caplog: pytest.LogCaptureFixture) -> None:
    from workers.fleet import gauges

    far.beat()
    before = row()
    with gauges.HERE.watched(gauges.INBOX, lambda: float("nan")):
        far.beat()
    assert row().expires_at > before.expires_at
    assert row().figures == before.figures
    assert "the figures of live1@far cannot be told (ValueError" in caplog.text


def test_who_notices_at_once_that_the_lease_is_lost_registers_once(far: Runtime) -> None:
    for expected in range(2, 7):
        lease.expire_worker(FAR)
        start = threading.Barrier(4)

        def beat(start: threading.Barrier = start) -> None:
            start.wait(PATIENCE)
            far.beat()
            connections.close_all()

        threads = [threading.Thread(target=beat) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        assert (row().epoch, far.tenure.epoch, far.lost) == (expected, expected, expected - 1)


def test_a_registration_the_database_did_not_take_is_made_up_for(far: Runtime) -> None:
    far.tenure.ended = True
    far.beat()
    assert (far.tenure.epoch, far.tenure.alive()) == (2, True)


def test_a_worker_that_drains_is_not_entered_anew(far: Runtime, redis: Redis) -> None:
    near()
    far.drain()
    lose_redis(far, redis)
    far.beat()
    assert (row().epoch, row().draining, row().cut_off) == (1, True, False)
