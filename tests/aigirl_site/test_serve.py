"""`manage.py serve` and `manage.py alive`: one process alone, the same as `up` starts."""

from __future__ import annotations

import pytest
from django.conf import settings
from pydantic import SecretStr

from aigirl_site.management.commands.alive import what_is_wrong
from aigirl_site.management.commands.serve import process_of
from aigirl_site.supervisor import ground, plan
from workers.fleet import lease, pulse


@pytest.fixture(autouse=True)
def redis_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Redis that somebody else started, as everywhere but on a single machine."""
    monkeypatch.setattr(settings.ENV, "REDIS_URL", settings.ENV.redis_url)


def test_each_process_is_started_with_the_options_up_gives_it() -> None:
    together = {child.name: child.command for child in plan.make(settings.ENV, port=None, workers=2).children()}
    assert set(together) == {"web", "live1", "live2", "control", "beat"}
    alone = {name: process_of(name).command for name in together}
    assert alone == together
    assert process_of("live").command == together["live1"]


def test_the_site_listens_where_it_is_told() -> None:
    words = process_of("web", host="0.0.0.0", port=8123).command
    assert (words[words.index("--host") + 1], words[words.index("--port") + 1]) == ("0.0.0.0", "8123")


@pytest.mark.parametrize("role", ["webs", "live0", "livex", "redis", ""])
def test_an_unknown_process_is_refused_with_those_there_are(role: str) -> None:
    with pytest.raises(ground.Obstacle, match="choose web, live, control or beat"):
        process_of(role)


def test_nothing_runs_alone_without_a_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings.ENV, "REDIS_URL", "")
    with pytest.raises(ground.Obstacle, match=r"set REDIS_URL, or .*start.sh"):
        process_of("web")


def test_settings_that_do_not_fit_start_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings.ENV, "TWITCH_CLIENT_ID", "abc")
    monkeypatch.setattr(settings.ENV, "TWITCH_CLIENT_SECRET", SecretStr(""))
    with pytest.raises(ground.Obstacle, match="TWITCH_CLIENT_SECRET is missing"):
        process_of("live")


@pytest.mark.django_db
def test_a_worker_is_alive_while_its_lease_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings.ENV, "NODE_NAME", "here")
    assert "No live worker of here" in what_is_wrong("live")
    lease.register("live1@there", kind="live", capacity=1, host="there", pid=1)
    lease.register("control1@here", kind="control", capacity=0, host="here", pid=1)
    assert "No live worker of here" in what_is_wrong("live")
    lease.register("live1@here", kind="live", capacity=1, host="here", pid=1)
    assert what_is_wrong("live") == what_is_wrong("control") == ""
    lease.expire_worker("live1@here")
    assert "No live worker of here" in what_is_wrong("live")


def test_beat_is_alive_while_the_fleet_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    pulse.mark()
    assert what_is_wrong("beat") == ""
    pulse.mark(now=lambda: 1.0)
    assert "stands still" in what_is_wrong("beat")


def test_a_site_that_does_not_answer_is_told_with_its_port() -> None:
    assert what_is_wrong("web", port=1) == "The site does not answer on port 1."
