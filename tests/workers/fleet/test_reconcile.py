"""The tick starts what is wanted and not running, once, where there is room."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pydantic import SecretStr
from pytest_django.fixtures import Settings

from channels_app import actions
from channels_app.models import Channel
from tests import factories
from workers.fleet import lease, reconcile
from workers.fleet.lease import channel_run
from workers.models import Run

pytestmark = pytest.mark.django_db


def worker(name: str = "live1@here", *, kind: str = "live", capacity: int = 10) -> int:
    return lease.register(name, kind=kind, capacity=capacity, host="here", pid=1)


def started(count: int = 1) -> list[str]:
    channels = [factories.channel() for _ in range(count)]
    for channel in channels:
        actions.start(channel, acting_user=None)
    return [channel_run(channel.public_id) for channel in channels]


def test_a_started_channel_is_dispatched_once() -> None:
    worker()
    [run] = started()
    assert reconcile.tick() == [(run, "live1@here")]
    assert reconcile.tick() == []


def test_a_dispatch_that_was_lost_is_repeated() -> None:
    worker()
    [run] = started()
    reconcile.tick()
    earlier = timezone.now() - timedelta(seconds=reconcile.REDISPATCH + 1)
    Run.objects.update(dispatched_at=earlier)
    assert reconcile.tick() == [(run, "live1@here")]


@pytest.mark.django_db(transaction=True)
def test_ticks_at_once_hand_each_run_out_once() -> None:
    worker(capacity=100)
    runs = started(20)
    start, handed = threading.Barrier(4), list[str]()

    def tick() -> None:
        start.wait()
        handed.extend(run for run, _worker in reconcile.tick())
        connection.close()

    threads = [threading.Thread(target=tick) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(handed) == sorted(runs)


@pytest.mark.parametrize("ahead", [-60, 60])
def test_a_host_whose_clock_is_wrong_hands_out_nothing_twice(monkeypatch: pytest.MonkeyPatch, ahead: int) -> None:
    worker()
    [run] = started()
    now = timezone.now
    with monkeypatch.context() as wrong:
        wrong.setattr(timezone, "now", lambda: now() + timedelta(seconds=ahead))
        assert reconcile.tick() == [(run, "live1@here")]
    assert reconcile.tick() == []
    with monkeypatch.context() as wrong:
        wrong.setattr(timezone, "now", lambda: now() + timedelta(seconds=ahead))
        assert reconcile.tick() == []


def test_where_very_many_wait_each_tick_notes_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile, "MOST_NOTED", 2)
    started(3)
    noted = []
    for _ in range(2):
        reconcile.tick()
        noted.append(Run.objects.filter(waiting_since__isnull=False).count())
    assert noted == [2, 3]


def test_a_running_channel_is_left_alone() -> None:
    epoch = worker()
    [run] = started()
    reconcile.tick()
    assert lease.claim(run, "live1@here", epoch)
    assert reconcile.tick() == []


def test_a_worker_that_dies_just_after_the_claim_keeps_nobody_waiting() -> None:
    epoch = worker("live1@here", capacity=2)
    worker("live2@here", capacity=1)
    [run] = started()
    assert reconcile.tick() == [(run, "live1@here")]
    assert lease.claim(run, "live1@here", epoch)
    lease.expire_worker("live1@here")
    assert reconcile.tick() == [(run, "live2@here")]


def test_a_stopped_channel_is_not_started() -> None:
    worker()
    started()
    reconcile.tick()
    Run.objects.update(dispatched_at=None)
    for channel in Channel.objects.all():
        actions.stop(channel, acting_user=None)
    assert reconcile.tick() == []


def test_runs_go_where_there_is_room() -> None:
    worker("live1@here", capacity=1)
    worker("live2@here", capacity=3)
    worker("control1@here", kind="control", capacity=0)
    started(6)
    workers = [name for _run, name in reconcile.tick()]
    assert sorted(workers) == ["live1@here"] + ["live2@here"] * 3
    assert Run.objects.filter(dispatched_at__isnull=True).count() == 2


def test_a_draining_or_dead_worker_gets_nothing() -> None:
    worker("live1@here")
    worker("live2@here")
    lease.drain("live1@here")
    lease.expire_worker("live2@here")
    started()
    assert reconcile.tick() == []


def test_a_run_that_failed_rests_before_it_is_tried_again() -> None:
    epoch = worker()
    [run] = started()
    reconcile.tick()
    fence = lease.claim(run, "live1@here", epoch)
    assert fence
    lease.release_failed(run, fence, "ValueError: no voice", pause=30)
    assert reconcile.tick() == []
    row = Run.objects.get(name=run)
    assert (row.failures, row.last_error) == (1, "ValueError: no voice")
    Run.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    assert reconcile.tick() == [(run, "live1@here")]


def test_the_gateway_is_wanted_only_with_twitch_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    worker()
    assert reconcile.tick() == []
    monkeypatch.setattr(settings.ENV, "TWITCH_CLIENT_ID", "id")
    monkeypatch.setattr(settings.ENV, "TWITCH_CLIENT_SECRET", SecretStr("secret"))
    assert reconcile.tick() == [("gateway/0", "live1@here")]


def waiting_since(run: str) -> datetime | None:
    return Run.objects.values_list("waiting_since", flat=True).get(name=run)


def test_since_when_a_run_waits_is_kept_until_it_is_live() -> None:
    [run] = started()
    reconcile.tick()
    since = waiting_since(run)
    assert since is not None, "no worker, and it is noted all the same"
    epoch = worker()
    reconcile.tick()
    assert waiting_since(run) == since
    lease.claim(run, "live1@here", epoch)
    assert waiting_since(run) is None


def test_who_is_stopped_while_waiting_waits_no_more() -> None:
    [run] = started()
    reconcile.tick()
    actions.stop(Channel.objects.get(), acting_user=None)
    reconcile.tick()
    assert waiting_since(run) is None


def test_runs_that_rest_after_a_failure_hold_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile, "BATCH", 2)
    epoch = worker()
    for run in (failed := started(2)):
        reconcile.tick()
        fence = lease.claim(run, "live1@here", epoch)
        assert fence
        lease.release_failed(run, fence, "ValueError: no voice", pause=60)
    [fresh] = started()
    assert failed
    assert reconcile.tick() == [(fresh, "live1@here")]


@pytest.fixture
def two_gateways(settings: Settings) -> None:
    keys = {"TWITCH_CLIENT_ID": "id", "TWITCH_CLIENT_SECRET": SecretStr("secret"), "GATEWAYS": 2}
    settings.ENV = settings.ENV.model_copy(update=keys)


@pytest.mark.usefixtures("two_gateways")
def test_as_many_gateways_run_as_are_wanted_each_where_there_is_most_room() -> None:
    worker("live1@here")
    worker("live2@here")
    pairs = reconcile.tick()
    assert [run for run, _ in sorted(pairs)] == ["gateway/0", "gateway/1"]
    assert {name for _, name in pairs} == {"live1@here", "live2@here"}


@pytest.mark.usefixtures("two_gateways")
def test_a_gateway_too_many_is_let_go_and_comes_back_when_it_is_wanted(settings: Settings) -> None:
    epoch = worker()
    reconcile.tick()
    for name in ("gateway/0", "gateway/1"):
        assert lease.claim(name, "live1@here", epoch)
    settings.ENV = settings.ENV.model_copy(update={"GATEWAYS": 1})
    held = sorted(lease.held_by("live1@here", epoch))
    assert held == [("gateway/0", 1, True), ("gateway/1", 1, False)]
    assert lease.release("gateway/1", 1)
    assert reconcile.tick() == []
    assert lease.claim("gateway/1", "live1@here", epoch) is None
    settings.ENV = settings.ENV.model_copy(update={"GATEWAYS": 2})
    assert reconcile.tick() == [("gateway/1", "live1@here")]
