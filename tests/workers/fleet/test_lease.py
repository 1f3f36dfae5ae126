"""One owner at a time: claims, fences, leases that end."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from channels_app.models import Channel, DesiredState
from tests import factories
from workers.fleet import lease
from workers.fleet.lease import Lease, LeaseLost, Tenure, channel_run
from workers.models import Run, WorkerProcess


def worker(name: str = "live1@here", *, cut_off: bool = False) -> int:
    return lease.register(name, kind="live", capacity=10, host="here", pid=1, cut_off=cut_off)


def wanted_run(channel: Channel | None = None) -> str:
    channel = channel or factories.channel()
    Channel.objects.filter(pk=channel.pk).update(desired_state=DesiredState.RUNNING)
    return Run.objects.create(name=channel_run(channel.public_id), kind=Run.Kind.CHANNEL, channel=channel).name


def run_out(name: str) -> None:
    """The lease of this worker ended a second ago."""
    WorkerProcess.objects.filter(name=name).update(expires_at=timezone.now() - timedelta(seconds=1))


def race(run: str, epochs: dict[str, int]) -> list[int | None]:
    """All these workers claim the run at the same moment. Their answers."""
    start, fences = threading.Barrier(len(epochs)), list[int | None]()

    def claim(name: str) -> None:
        start.wait()
        fences.append(lease.claim(run, name, epochs[name]))
        connection.close()

    threads = [threading.Thread(target=claim, args=(name,)) for name in epochs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return fences


@pytest.mark.django_db(transaction=True)
def test_of_many_claims_at_once_exactly_one_wins() -> None:
    epochs = {name: worker(name) for name in (f"live{number}@here" for number in range(6))}
    for _ in range(5):
        assert sorted(race(wanted_run(), epochs), key=str) == [1] + [None] * 5


def test_a_live_channel_cannot_be_claimed_again(db: None) -> None:
    run = wanted_run()
    first, second = worker("live1@here"), worker("live2@here")
    assert lease.claim(run, "live1@here", first) == 1
    assert lease.claim(run, "live2@here", second) is None
    assert lease.claim(run, "live1@here", first) is None


def test_a_dead_owners_run_is_taken_over_with_a_higher_fence(db: None) -> None:
    run = wanted_run()
    assert lease.claim(run, "live1@here", worker("live1@here")) == 1
    run_out("live1@here")
    assert lease.claim(run, "live2@here", worker("live2@here")) == 2


def test_a_worker_seen_dead_frees_its_runs_at_once(db: None) -> None:
    run = wanted_run()
    lease.claim(run, "live1@here", worker("live1@here"))
    lease.expire_worker("live1@here")
    assert lease.claim(run, "live2@here", worker("live2@here")) == 2


def test_a_worker_that_registers_anew_gives_up_what_it_held(db: None) -> None:
    run = wanted_run()
    lease.claim(run, "live1@here", worker("live1@here"))
    again = worker("live1@here")
    assert again == 2
    assert lease.claim(run, "live1@here", again) == 2


def test_a_lease_that_ended_cannot_be_renewed(db: None) -> None:
    epoch = worker()
    assert lease.renew("live1@here", epoch)
    assert not lease.renew("live1@here", epoch - 1)
    run_out("live1@here")
    assert not lease.renew("live1@here", epoch)


def test_a_draining_worker_takes_nothing(db: None) -> None:
    run, epoch = wanted_run(), worker()
    lease.drain("live1@here")
    assert lease.claim(run, "live1@here", epoch) is None


def test_a_worker_that_is_cut_off_takes_nothing_before_it_reaches_redis(db: None) -> None:
    run, epoch = wanted_run(), worker(cut_off=True)
    assert lease.claim(run, "live1@here", epoch) is None
    lease.note_reached("live1@here")
    assert lease.claim(run, "live1@here", epoch) == 1


def test_a_new_epoch_inherits_no_verdict_on_the_way_to_redis(db: None) -> None:
    worker()
    lease.note_reached("live1@here")
    lease.note_unreached("live1@here")
    WorkerProcess.objects.update(cut_off=True)
    worker()
    row = WorkerProcess.objects.get()
    assert (row.reached_at, row.unreached_since, row.cut_off) == (None, None, False)


def test_a_stopped_or_suspended_channel_is_not_claimed_and_its_run_must_stop(db: None) -> None:
    channel = factories.channel()
    run, epoch = wanted_run(channel), worker()
    assert lease.claim(run, "live1@here", epoch) == 1
    assert lease.held_by("live1@here", epoch) == [(run, 1, True)]
    Channel.objects.filter(pk=channel.pk).update(suspended_at=timezone.now())
    assert lease.held_by("live1@here", epoch) == [(run, 1, False)]
    assert lease.release(run, 1)
    assert lease.claim(run, "live1@here", epoch) is None


def test_only_the_present_fence_can_give_a_run_back(db: None) -> None:
    run = wanted_run()
    lease.claim(run, "live1@here", worker("live1@here"))
    run_out("live1@here")
    lease.claim(run, "live2@here", worker("live2@here"))
    assert not lease.release(run, 1)
    assert Run.objects.get(name=run).owner == "live2@here"
    assert lease.release(run, 2)
    assert Run.objects.get(name=run).owner == ""


def test_a_run_falls_silent_before_its_lease_ends() -> None:
    now = 1000.0
    tenure = Tenure("live1@here", 1, deadline=0, clock=lambda: now)
    held = Lease("channel/x", 7, tenure)
    tenure.renewed(now)
    assert held.alive()
    now += lease.TTL - lease.MARGIN - 0.001
    held.ensure()
    now += 0.002
    assert not held.alive()
    with pytest.raises(LeaseLost, match="fence 7"):
        held.ensure()
    assert now - 1000.0 < lease.TTL


def test_a_new_epoch_silences_the_runs_of_the_old_one() -> None:
    tenure = Tenure("live1@here", 1, deadline=float("inf"))
    held = Lease("channel/x", 1, tenure)
    assert held.alive()
    tenure.ended = True
    assert not held.alive()


def test_a_run_that_was_given_back_begins_again_without_being_counted(db: None) -> None:
    run, epoch = wanted_run(), worker()
    for fence in (1, 2):
        lease.claim(run, "live1@here", epoch)
        lease.release(run, fence)
    assert Run.objects.get(name=run).restarts == 0


def test_a_run_whose_owner_died_or_that_ended_by_itself_is_counted_as_restarted(db: None) -> None:
    run = wanted_run()
    lease.claim(run, "live1@here", worker("live1@here"))
    run_out("live1@here")
    epoch = worker("live2@here")
    lease.claim(run, "live2@here", epoch)
    assert Run.objects.get(name=run).restarts == 1
    lease.release_failed(run, 2, "ValueError: no voice", pause=0)
    assert Run.objects.get(name=run).waiting_since is not None
    lease.claim(run, "live2@here", epoch)
    row = Run.objects.get(name=run)
    assert (row.restarts, row.waiting_since) == (2, None)


def test_what_a_worker_tells_of_itself_goes_along_with_its_heartbeat(db: None) -> None:
    epoch = worker()
    assert lease.renew("live1@here", epoch, {"turns": 3})
    assert lease.renew("live1@here", epoch)
    assert WorkerProcess.objects.get().figures == {"turns": 3}
    run_out("live1@here")
    assert not lease.renew("live1@here", epoch, {"turns": 4})
    assert WorkerProcess.objects.get().figures == {"turns": 3}
