"""What Prometheus is told, and who is told it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from billing.models import UsageRecord
from channels_app.models import Channel, DesiredState, Turn
from tests import factories
from tests.workers.fleet import sample
from workers.models import Run, WorkerProcess

URL = "/health/metrics"


def told(client: Client) -> dict[frozenset[str], float]:
    """Name and label values -> value."""
    text = client.get(URL).content.decode()
    return {
        frozenset({sample.name, *sample.labels.values()}): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_fleet_the_turns_and_the_money_are_there(client: Client, channel: Channel) -> None:
    now = timezone.now()
    Channel.objects.filter(pk=channel.pk).update(desired_state=DesiredState.RUNNING)
    lease = now + timedelta(seconds=8)
    WorkerProcess.objects.create(name="live-1", kind="live", epoch=2, capacity=500, expires_at=lease)
    Run.objects.create(name="channel/x", kind="channel", channel=channel, owner="live-1", owner_epoch=2)
    for thought in (300, 400, 900):
        factories.turn(channel, timings_ms={"picked": 0, "first_token": thought, "playing": thought + 100})
    old = factories.turn(channel, outcome="failed")
    Turn.objects.filter(pk=old.pk).update(created_at=now - timedelta(minutes=6))
    UsageRecord.objects.create(channel=channel, key="a", kind="reply", cost_micros=250_000)
    found = told(client)
    assert found[frozenset({"aigirl_channels_wanted"})] == found[frozenset({"aigirl_channels_live"})] == 1
    assert found[frozenset({"aigirl_worker_runs", "live-1", "live"})] == 1
    assert 0 < found[frozenset({"aigirl_worker_lease_seconds", "live-1", "live"})] <= 8
    assert (found[frozenset({"aigirl_turns_5m", "spoken"})], found[frozenset({"aigirl_turns_5m", "failed"})]) == (3, 0)
    assert found[frozenset({"aigirl_stage_seconds_5m", "first_sound", "0.5"})] == 0.5
    assert found[frozenset({"aigirl_stage_seconds_5m", "think", "0.95"})] == 0.9
    assert found[frozenset({"aigirl_spent_today_usd"})] == 0.25


@pytest.mark.django_db
def test_each_living_worker_tells_its_figures(client: Client) -> None:
    sample.worker("live1@one", capacity=500)
    sample.run(sample.worker("live2@one", capacity=3, draining=True))
    sample.worker("live3@one", capacity=3, cut_off=True)
    found = told(client)

    def of(name: str, *labels: str) -> float:
        return found[frozenset({f"aigirl_worker_{name}", "live1@one", "live", *labels})]

    assert (of("memory_bytes"), of("threads"), of("tasks"), of("open_files")) == (312_000_000, 520, 900, 140)
    assert (of("inbox_messages"), of("inbox_deepest_messages"), of("turns"), of("provider_calls")) == (9, 7, 3, 2)
    assert (of("loop_late_seconds", "0.5"), of("loop_late_seconds", "1")) == (0.0004, 0.012)
    assert (of("frames_total"), of("dropped_total", "stale"), of("dropped_total", "lane_full")) == (1200, 5, 2)
    assert (of("registrations_total"), of("lease_losses_total")) == (3, 1)
    assert (of("runs"), of("room")) == (0, 500)
    assert (of("cut_off"), found[frozenset({"aigirl_worker_cut_off", "live3@one", "live"})]) == (0, 1)
    assert found[frozenset({"aigirl_worker_room", "live3@one", "live"})] == 0
    drains = {name: found[frozenset({f"aigirl_worker_{name}", "live2@one", "live"})] for name in ("runs", "room")}
    assert drains == {"runs": 1, "room": 0}


@pytest.mark.django_db
def test_a_dead_worker_tells_that_it_is_dead_and_no_figures(client: Client) -> None:
    sample.run(sample.worker("live1@one", left=-30))
    found = told(client)
    assert found[frozenset({"aigirl_worker_lease_seconds", "live1@one", "live"})] < -29
    assert found[frozenset({"aigirl_worker_registrations_total", "live1@one", "live"})] == 3
    assert frozenset({"aigirl_worker_memory_bytes", "live1@one", "live"}) not in found
    assert frozenset({"aigirl_worker_dropped_total", "live1@one", "live", "stale"}) not in found


@pytest.mark.django_db
def test_runs_are_told_by_what_becomes_of_them(client: Client) -> None:
    sample.ticked()
    worker = sample.worker("live1@one")
    sample.run(worker, restarts=2)
    sample.run(waiting_since=sample.ago(20))
    sample.run(failures=1, waiting_since=sample.ago(5))
    factories.overlay_page(factories.channel(), gaps=4, underruns=2, dropped=1)
    found = told(client)
    states = {name: found[frozenset({"aigirl_runs", "channel", name})] for name in ("live", "waiting", "failing")}
    assert states == {"live": 1, "waiting": 1, "failing": 1}
    assert found[frozenset({"aigirl_runs_wanted", "channel"})] == 3
    assert found[frozenset({"aigirl_run_restarts_total", "channel"})] == 2
    assert 20 <= found[frozenset({"aigirl_runs_waiting_seconds"})] < 40
    assert 0 <= found[frozenset({"aigirl_tick_age_seconds"})] < 20
    faults = {name: found[frozenset({"aigirl_overlays_faults", name})] for name in ("gaps", "underruns", "dropped")}
    assert faults == {"gaps": 4, "underruns": 2, "dropped": 1}


@pytest.mark.django_db
def test_a_gateway_is_up_while_a_worker_carries_it_out(client: Client, settings: Any) -> None:
    settings.ENV = settings.ENV.model_copy(
        update={"TWITCH_CLIENT_ID": "id", "TWITCH_CLIENT_SECRET": SecretStr("secret")}
    )
    worker = sample.worker("live1@one")
    gateway = Run.objects.create(name="gateway/0", kind="gateway", owner=worker.name, owner_epoch=worker.epoch)
    assert told(client)[frozenset({"aigirl_gateway_up", "gateway/0"})] == 1
    Run.objects.filter(pk=gateway.pk).update(owner_epoch=worker.epoch - 1)
    found = told(client)
    assert found[frozenset({"aigirl_gateway_up", "gateway/0"})] == 0
    assert found[frozenset({"aigirl_runs", "gateway", "waiting"})] == 1


@pytest.mark.django_db
def test_without_a_token_only_this_machine_is_told(client: Client) -> None:
    assert client.get(URL).status_code == 200
    assert client.get(URL, REMOTE_ADDR="203.0.113.9").status_code == 404
    assert client.get(URL, headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404, "behind our own proxy"


@pytest.mark.django_db
def test_with_a_token_whoever_has_it_is_told_and_nobody_else(client: Client, settings: Any) -> None:
    settings.ENV = settings.ENV.model_copy(update={"METRICS_TOKEN": SecretStr("long-and-secret")})
    far = {"REMOTE_ADDR": "203.0.113.9"}
    assert client.get(URL, headers={"Authorization": "Bearer long-and-secret"}, **far).status_code == 200  # type: ignore[arg-type]
    for wrong in ("", "Bearer wrong", "long-and-secre"):
        assert client.get(URL, headers={"Authorization": wrong}).status_code == 404
