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
