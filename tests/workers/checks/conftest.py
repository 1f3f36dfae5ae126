"""A whole set-up in which nothing is wrong, on real servers on loopback; each test breaks one thing of it."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.utils import timezone
from pytest_django.fixtures import Settings

from aigirl_site.env import Env
from channels_app.models import Channel, EventSubSubscription, OverlayPresence, TwitchCredential
from channels_app.twitch.scopes import SIGN_IN
from tests import factories
from tests.fakes.provider import ProviderServer
from tests.fakes.twitch import FakeTwitch
from workers.checks.everything import check_all
from workers.checks.finding import Finding, Status
from workers.fleet import lease, pulse
from workers.models import Run, WorkerProcess

BUSY_WAIT = 30.0
"""Seconds they wait for somebody who does answer, however busy this machine is: nobody sound is to be blamed."""
STALL_WAIT = 2.0
"""Seconds the checks wait for somebody who never answers, where a test has such a one."""
PROVIDER_KEY = "right-key"


def unused_port() -> int:
    """A port of 127.0.0.1 nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Nothing."""


@contextmanager
def web(application: Callable[..., Any]) -> Iterator[int]:
    """Serves a WSGI application on a free port while the block runs."""
    server = make_server("127.0.0.1", 0, application, handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@dataclass
class SetUp:
    """The sound set-up. Break it, then ask for `faults()`."""

    settings: Settings
    channel: Channel
    twitch: FakeTwitch
    provider: ProviderServer
    values: dict[str, Any]
    """The environment by setting name; `configure` changes some of it."""
    build: Path
    """Directory of the built front end."""
    ways: dict[str, Any] = field(default_factory=lambda: {"wait": BUSY_WAIT})

    def configure(self, **changes: Any) -> None:
        self.values |= changes
        self.settings.ENV = Env.model_validate(self.values)

    def findings(self) -> list[Finding]:
        return check_all(Channel.objects.get(pk=self.channel.pk), **self.ways)

    def faults(self) -> dict[str, Finding]:
        return {finding.id: finding for finding in self.findings() if finding.status is Status.FAULT}


@pytest.fixture
def twitch() -> Iterator[FakeTwitch]:
    with FakeTwitch() as running:
        yield running


@pytest.fixture
def provider() -> Iterator[ProviderServer]:
    with ProviderServer(keys=frozenset({PROVIDER_KEY})) as running:
        yield running


@pytest.fixture(scope="session")
def site_port() -> Iterator[int]:
    """Where our own site answers."""
    with web(get_wsgi_application()) as port:
        yield port


@pytest.fixture
def set_up(
    channel: Channel,
    twitch: FakeTwitch,
    provider: ProviderServer,
    site_port: int,
    settings: Settings,
    tmp_path: Path,
) -> SetUp:
    values = twitch.environment() | {
        "SITE_URL": f"http://localhost:{site_port}",
        "DATA_DIR": str(tmp_path / "data"),
        "LLM_BASE_URL": provider.base_url,
        "LLM_API_KEY": PROVIDER_KEY,
        "SPEECH_BASE_URL": provider.base_url,
        "SPEECH_API_KEY": PROVIDER_KEY,
        "MODERATION_BASE_URL": provider.base_url,
        "MODERATION_API_KEY": PROVIDER_KEY,
        "JUDGE_BASE_URL": provider.base_url,
        "JUDGE_API_KEY": PROVIDER_KEY,
        "REDIS_URL": settings.ENV.redis_url,
    }
    made = SetUp(settings, channel, twitch, provider, values, tmp_path / "dist")
    made.configure()
    build_front_end(made)
    start_processes()
    connect_twitch(made)
    open_overlay(channel)
    return made


def build_front_end(made: SetUp) -> None:
    (made.build / ".vite").mkdir(parents=True)
    entries = {f"src/{name}/main.ts": {"file": f"{name}.js"} for name in ("overlay", "dashboard")}
    for entry in entries.values():
        (made.build / entry["file"]).write_text("")
    (made.build / ".vite" / "manifest.json").write_text(json.dumps(entries))
    made.settings.VITE_MANIFEST = made.build / ".vite" / "manifest.json"


def start_processes() -> None:
    """A live worker that holds the gateway, a control worker, a tick a moment ago."""
    epoch = lease.register("live1@here", kind=WorkerProcess.Kind.LIVE, capacity=10, host="here", pid=1)
    lease.register("control@here", kind=WorkerProcess.Kind.CONTROL, capacity=0, host="here", pid=2)
    Run.objects.create(name=lease.GATEWAY, kind=Run.Kind.GATEWAY, owner="live1@here", owner_epoch=epoch)
    pulse.mark()


def connect_twitch(made: SetUp, scopes: tuple[str, ...] = SIGN_IN) -> None:
    """The broadcaster is signed in, and Twitch sends the channel's events."""
    access, refresh = made.twitch.grant("Alice", scopes)
    TwitchCredential.objects.update_or_create(
        user=made.channel.broadcaster,
        defaults={
            "access_token": access,
            "refresh_token": refresh,
            "scopes": list(scopes),
            "expires_at": timezone.now() + timedelta(hours=3),
        },
    )
    EventSubSubscription.objects.get_or_create(
        channel=made.channel, type="channel.chat.message", defaults={"state": EventSubSubscription.State.ENABLED}
    )
    Channel.objects.filter(pk=made.channel.pk).update(desired_state="running")


def open_overlay(channel: Channel, **fields: Any) -> OverlayPresence:
    """A page in OBS that plays sound, and has played a turn."""
    values: dict[str, Any] = {
        "connection": "page",
        "engine": "Chrome/127.0.6533.120",
        "obs_version": "2.26.3",
        "seen_at": timezone.now(),
        "audible": True,
        "fps": 60.0,
    }
    page = OverlayPresence.objects.create(channel=channel, **(values | fields))
    factories.turn(channel, heard_at=timezone.now())
    return page
