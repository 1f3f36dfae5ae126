"""One worker process: it carries out what it claims, drains, and gives everything up when it lost its lease."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future

import pytest
from django.db import DataError, InterfaceError, OperationalError

from channels_app.models import Channel, DesiredState
from tests import factories
from tests.absence import rename
from tests.workers.fleet.bodies import PATIENCE, Body, carry_out, until_over, want_no_channel
from workers.fleet import lease, runtime
from workers.fleet.figures import Figures
from workers.fleet.lease import Lease, channel_run
from workers.fleet.runtime import Runtime
from workers.models import Run, WorkerProcess

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def process() -> Iterator[Runtime]:
    made = Runtime("live1@here", capacity=5)
    made.start()
    yield made
    made.drain()
    made.close()


@pytest.fixture
def run() -> str:
    channel = factories.channel(desired_state=DesiredState.RUNNING)
    return Run.objects.create(name=channel_run(channel.public_id), kind=Run.Kind.CHANNEL, channel=channel).name


def test_a_drained_worker_lets_its_runs_leave_and_gives_them_back(process: Runtime, run: str) -> None:
    body = Body()
    thread = carry_out(process, run, body)
    assert body.leases[0].alive()
    assert process.drain()
    thread.join(PATIENCE)
    assert body.left.is_set()
    assert Run.objects.get(name=run).owner == ""
    assert not WorkerProcess.objects.filter(lease.living_workers()).exists()
    assert process.run(run, Body()) is None


def test_no_thread_waits_for_a_run_and_none_holds_a_connection_for_it(process: Runtime, run: str) -> None:
    held: list[object] = []
    body = Body()
    runs: list[Future[None] | None] = []

    def work() -> None:
        from django.db import connection

        runs.append(process.run(run, body))
        held.append(connection.connection)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(PATIENCE)
    assert body.began.wait(PATIENCE)
    assert not body.left.is_set()
    assert held == [None]
    want_no_channel(process)
    assert until_over(runs[0])
    assert Run.objects.get(name=run).owner == ""


def test_a_loop_that_comes_late_is_in_a_hurry_until_it_has_caught_up(process: Runtime) -> None:
    runtime.install(process)
    try:
        assert not runtime.is_hurried()
        process.late = runtime.HURRIED * 2
        assert runtime.is_hurried()
        until = time.monotonic() + PATIENCE
        while runtime.is_hurried() and time.monotonic() < until:
            time.sleep(0.05)
        assert not runtime.is_hurried()
    finally:
        runtime.install(None)


def test_a_second_dispatch_of_a_live_run_is_refused_and_disturbs_nothing(process: Runtime, run: str) -> None:
    body, second = Body(), Body()
    thread = carry_out(process, run, body)
    assert process.run(run, second) is None
    assert not second.began.is_set()
    assert body.leases[0].alive()
    want_no_channel(process)
    thread.join(PATIENCE)
    assert Run.objects.get(name=run).fence == 1


def test_a_worker_that_lost_its_lease_gives_all_up_and_begins_anew(process: Runtime, run: str) -> None:
    body = Body()
    thread = carry_out(process, run, body)
    lease.expire_worker("live1@here")
    process.beat()
    assert not body.leases[0].alive()
    thread.join(PATIENCE)
    assert body.left.is_set()
    assert process.tenure.epoch == 2
    again = Body()
    thread = carry_out(process, run, again)
    assert again.leases[0].fence == 2
    want_no_channel(process)
    thread.join(PATIENCE)


def test_a_run_nobody_wants_any_more_is_asked_to_leave(process: Runtime, run: str) -> None:
    body = Body()
    thread = carry_out(process, run, body)
    want_no_channel(process)
    thread.join(PATIENCE)
    assert body.left.is_set()


def test_a_run_whose_channel_is_deleted_leaves(process: Runtime, run: str) -> None:
    body = Body()
    thread = carry_out(process, run, body)
    Channel.objects.all().delete()
    process.beat()
    thread.join(PATIENCE)
    assert body.left.is_set()


def test_a_run_another_process_took_over_leaves(process: Runtime, run: str) -> None:
    body = Body()
    thread = carry_out(process, run, body)
    process.beat()
    assert not body.left.is_set()
    Run.objects.update(owner="live2@there", fence=2)
    process.beat()
    thread.join(PATIENCE)
    assert body.left.is_set()
    assert Run.objects.get(name=run).owner == "live2@there"


def test_a_run_that_fails_at_once_rests_longer_each_time(process: Runtime, run: str) -> None:
    async def broken(held: Lease) -> None:
        raise ValueError("no voice")

    for failures in (1, 2):
        assert until_over(process.run(run, broken))
        row = Run.objects.get(name=run)
        assert (row.owner, row.failures, row.last_error) == ("", failures, "ValueError: no voice")
    assert row.not_before is not None
    assert row.started_at is not None
    assert (row.not_before - row.started_at).total_seconds() >= 2


def test_an_error_whose_words_no_database_takes_is_an_error_like_others(process: Runtime, run: str) -> None:
    async def broken(held: Lease) -> None:
        raise ValueError("no \ud800 voice\0")

    assert until_over(process.run(run, broken))
    row = Run.objects.get(name=run)
    assert (row.owner, row.failures, row.last_error) == ("", 1, "ValueError: no \\ud800 voice ")


def test_a_run_that_could_not_be_given_back_is_free_with_the_next_heartbeat(
    process: Runtime, run: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(held: Lease) -> None:
        await runtime.in_db(rename, "workers_run", "away")
        raise ValueError("no voice")

    try:
        assert until_over(process.run(run, broken))
        assert "could not be given back" in caplog.text
    finally:
        rename("away", "workers_run")
    assert Run.objects.get(name=run).owner == "live1@here"
    process.beat()
    assert Run.objects.get(name=run).owner == ""
    body = Body()
    thread = carry_out(process, run, body)
    process.beat()
    assert not body.left.is_set()
    assert Run.objects.get(name=run).owner == "live1@here", "what is here stays here"
    want_no_channel(process)
    thread.join(PATIENCE)


@pytest.mark.parametrize("wanted", [True, False])
def test_a_claim_whose_answer_was_lost_holds_up_nobody(process: Runtime, run: str, wanted: bool) -> None:
    assert lease.claim(run, "live1@here", process.tenure.epoch) == 1
    if not wanted:
        Channel.objects.update(desired_state=DesiredState.STOPPED)
    process.beat()
    assert Run.objects.get(name=run).owner == ""


def test_a_loop_that_stands_still_loses_its_lease(process: Runtime) -> None:
    before = WorkerProcess.objects.get().expires_at
    stuck, free = threading.Event(), threading.Event()

    def stand_still() -> None:
        stuck.set()
        free.wait(PATIENCE)

    process.loop.call_soon_threadsafe(stand_still)
    assert stuck.wait(PATIENCE)
    process.clock = lambda: lease.boottime() + runtime.LOOP_STUCK + 1
    process.beat()
    free.set()
    assert WorkerProcess.objects.get().expires_at == before


async def test_the_database_is_asked_away_from_the_loop() -> None:
    where = await runtime.in_db(threading.current_thread)
    assert where is not threading.current_thread()
    assert await runtime.in_db(Channel.objects.count) == 0


async def test_what_must_not_be_lost_is_asked_again_while_the_database_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runtime, "DB_RETRY_SECONDS", 0.0)
    answers: list[Exception | None] = [OperationalError("gone"), InterfaceError("closed"), None]

    def write(value: int) -> int:
        if (answer := answers.pop(0)) is not None:
            raise answer
        return value

    assert await runtime.in_db_at_last(write, 7) == 7
    answers[:] = [DataError("no such value")]
    with pytest.raises(DataError):
        await runtime.in_db_at_last(write, 7)


def test_a_heartbeat_tells_how_the_process_is(process: Runtime) -> None:
    process.beat()
    first = Figures.from_row(WorkerProcess.objects.get().figures)
    assert (first.lost, first.tasks >= 1, (first.memory or 0) > 10_000_000) == (0, True, True)
    lease.expire_worker("live1@here")
    process.beat()
    process.beat()
    assert Figures.from_row(WorkerProcess.objects.get().figures).lost == 1


def test_a_loop_that_comes_back_late_says_by_how_much(process: Runtime) -> None:
    process.beat()
    process.loop.call_soon_threadsafe(time.sleep, 0.3)
    # Two looks later the blocked one is over, whatever it began in the middle of.
    asyncio.run_coroutine_threadsafe(asyncio.sleep(3 * runtime.LOOP_BEAT), process.loop).result(PATIENCE)
    process.beat()
    assert Figures.from_row(WorkerProcess.objects.get().figures).latest_ms >= 100
