"""What operators see first: what is live, what fails, what it costs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from aigirl_site.operators import home
from billing.models import UsageRecord
from channels_app.models import Channel, DesiredState, PaidEvent, Turn
from tests import factories
from workers.models import Run, WorkerProcess


def by_label() -> dict[str, Any]:
    return {figure["label"]: figure for figure in home.figures(timezone.now())}


def worker(name: str, *, lives: bool = True) -> WorkerProcess:
    left = timedelta(seconds=8) if lives else -timedelta(seconds=40)
    return WorkerProcess.objects.create(
        name=name, kind="live", epoch=4, capacity=500, expires_at=timezone.now() + left, host="one"
    )


def test_the_page_shows_what_is_wanted_and_what_runs(admin_client: Client, channel: Channel) -> None:
    Channel.objects.filter(pk=channel.pk).update(desired_state=DesiredState.RUNNING)
    assert by_label()["Live channels"] | {"link": ""} == {
        "label": "Live channels", "value": 0, "help": "1 wanted", "link": "", "is_bad": True,
    }  # fmt: skip
    worker("live-1@one")
    Run.objects.create(name="channel/x", kind="channel", channel=channel, owner="live-1@one", owner_epoch=4)
    assert (by_label()["Live channels"]["value"], by_label()["Live channels"]["is_bad"]) == (1, False)
    text = admin_client.get(reverse("admin:index")).content.decode()
    assert "live-1@one" in text
    assert "1 / 500" in text


def test_failures_money_and_paid_events_without_an_answer_are_counted(channel: Channel) -> None:
    Channel.objects.filter(pk=channel.pk).update(desired_state=DesiredState.RUNNING)
    for outcome in ["spoken"] * 8 + ["failed"] * 2:
        factories.turn(channel, outcome=outcome, cost_micros=1_000)
    UsageRecord.objects.create(channel=channel, key="a", kind="reply", cost_micros=1_250_000)
    waiting = factories.paid_event(channel)
    found = by_label()
    assert (found["Failed in the last hour"]["value"], found["Failed in the last hour"]["is_bad"]) == ("20.0 %", True)
    assert found["Spent today"]["value"] == "$1.25"
    assert found["Paid and unanswered"]["value"] == 0, "it came just now"
    PaidEvent.objects.filter(pk=waiting.pk).update(received_at=timezone.now() - timedelta(minutes=11))
    assert by_label()["Paid and unanswered"]["is_bad"]


def test_the_hours_end_with_the_present_one(channel: Channel) -> None:
    now = timezone.now()
    old = factories.turn(channel)
    Turn.objects.filter(pk=old.pk).update(created_at=now - timedelta(hours=2))
    factories.turn(channel, outcome="failed")
    rows = home.hours(now)
    assert [row["turns"] for row in rows[-3:]] == [1, 0, 1]
    assert (rows[-1]["failed"], rows[-1]["height"], len(rows)) == (1, 100.0, 24)


def test_nobody_else_sees_it(client: Client, channel: Channel) -> None:
    client.force_login(channel.broadcaster)
    assert client.get(reverse("admin:index")).status_code == 302
