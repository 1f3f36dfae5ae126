"""The fleet at one moment: who lives, who carries out what, what waits and why."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from channels_app.models import Channel, DesiredState
from tests import factories
from tests.workers.fleet import sample
from workers.fleet import overview
from workers.fleet.figures import Figures
from workers.fleet.overview import Life, Overview, Seen, Tally, Why

pytestmark = pytest.mark.django_db


def look() -> Overview:
    return overview.look(timezone.now())


def seen(name: str) -> Seen:
    return next(worker for worker in look().workers if worker.name == name)


def test_a_worker_shows_what_it_carries_and_what_it_told() -> None:
    worker = sample.worker("live1@one")
    sample.run(worker)
    sample.run(worker)
    found = seen("live1@one")
    assert (found.life, found.runs, found.restarts, found.share) == (Life.LIVING, 2, 2, 0)
    assert 500 < found.lease_seconds <= 600
    assert found.figures == sample.TOLD


def test_a_worker_that_died_shows_as_dead_and_its_figures_count_no_more() -> None:
    sample.run(sample.worker("live1@one", left=-30))
    found = look()
    (dead,) = found.workers
    assert (dead.life, dead.runs) == (Life.DEAD, 0)
    assert -31 < dead.lease_seconds <= -30
    assert (found.living, found.dropped) == ([], {})


def test_a_worker_is_forgotten_an_hour_after_its_death() -> None:
    sample.worker("live1@one", left=-3700)
    assert look().workers == ()


def test_a_worker_that_drains_says_so() -> None:
    sample.worker("live1@one", draining=True)
    assert seen("live1@one").life is Life.DRAINING


def test_a_worker_that_is_cut_off_from_redis_says_so_while_it_lives() -> None:
    sample.worker("live1@one", cut_off=True)
    sample.worker("live2@one", cut_off=True, draining=True)
    sample.worker("live3@one", cut_off=True, left=-5)
    assert [seen(f"live{number}@one").life for number in (1, 2, 3)] == [Life.CUT_OFF, Life.DRAINING, Life.DEAD]


def test_each_wanted_run_is_live_waits_or_failed() -> None:
    worker = sample.worker("live1@one")
    sample.run(worker, restarts=2)
    sample.run(restarts=1)
    sample.run(failures=3, not_before=timezone.now() + timedelta(seconds=4))
    factories.channel(desired_state=DesiredState.RUNNING)  # the tick has not made its row yet
    sample.run(worker, of=factories.channel(), restarts=4)  # stopped a moment ago
    assert look().runs["channel"] == Tally(wanted=4, live=1, waiting=2, failing=1, restarts=7)


def test_what_waits_longest_comes_first_with_the_reason() -> None:
    sample.ticked()
    sample.worker("live1@one")
    sample.run(waiting_since=sample.ago(3))
    resting = timezone.now() + timedelta(seconds=8)
    sample.run(waiting_since=sample.ago(40), failures=2, not_before=resting, last_error="ValueError: no voice")
    found = look()
    failed, starting = found.waiting
    assert (failed.why, failed.failures, failed.last_error) == (Why.FAILED, 2, "ValueError: no voice")
    assert failed.again_in == pytest.approx(8, abs=1)
    assert (starting.why, starting.again_in) == (Why.STARTING, 0)
    assert found.waits_seconds == pytest.approx(40, abs=1)
    assert found.late == 1


def test_without_room_or_without_a_worker_that_is_the_reason() -> None:
    sample.run(waiting_since=sample.ago(1))
    assert look().waiting[0].why is Why.NO_WORKER
    sample.worker("live2@one", cut_off=True)
    assert look().waiting[0].why is Why.CUT_OFF
    sample.run(sample.worker("live1@one", capacity=1))
    assert look().waiting[0].why is Why.NO_ROOM


def test_where_nobody_ticks_all_that_waits_is_late() -> None:
    sample.never_ticked()
    sample.worker("live1@one")
    sample.run()
    assert look().late == 1
    sample.ticked()
    assert look().late == 0


def test_what_living_workers_dropped_is_summed_by_reason() -> None:
    sample.worker("live1@one")
    sample.worker("live2@one")
    assert look().dropped == {"stale": 10, "lane_full": 4}


def test_what_overlays_say_is_summed_and_previews_are_not() -> None:
    channel = factories.channel()
    factories.overlay_page(channel, underruns=2, gaps=1, dropped=3)
    factories.overlay_page(channel, underruns=1)
    factories.overlay_page(channel, underruns=50, is_preview=True)
    factories.overlay_page(channel, underruns=50, seen_at=sample.ago(600))
    assert look().overlays == overview.Overlays(connected=2, underruns=3, gaps=1, dropped=3)


def test_a_channels_run_tells_its_inbox_where_it_is_the_deepest() -> None:
    channel = factories.channel(desired_state=DesiredState.RUNNING)
    told = sample.TOLD.as_row() | {"inbox_at": channel.public_id}
    sample.run(sample.worker("live1@one", figures=Figures.from_row(told)), of=channel, fence=4)
    found = overview.channel(channel, timezone.now())
    assert (found.is_live, found.owner, found.fence, found.inbox) == (True, "live1@one", 4, 7)
    assert not found.is_late


def test_a_channel_that_never_ran_is_late_once_the_tick_should_have_started_it() -> None:
    channel = factories.channel(desired_state=DesiredState.RUNNING)
    sample.never_ticked()
    assert overview.channel(channel, timezone.now()).is_late
    Channel.objects.filter(pk=channel.pk).update(desired_state=DesiredState.STOPPED)
    channel.refresh_from_db()
    assert not overview.channel(channel, timezone.now()).is_late
