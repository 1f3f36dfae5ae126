"""The real workers at their start: tokens are asked about at once, where there is a Twitch application."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings
from redis import Redis

from aigirl_site.celery import app
from aigirl_site.supervisor import ground, plan
from channels_app.models import Channel, OverlayPresence, TwitchCredential
from tests import backends, factories
from tests.channels_app.twitch.visitor import Visitor
from tests.fakes.twitch import FakeTwitch
from tests.fakes.twitch_site import connected
from tests.waiting import until
from workers.fleet.lease import living_workers
from workers.models import WorkerProcess

pytestmark = [pytest.mark.system, pytest.mark.both, pytest.mark.timeout(300), pytest.mark.django_db(transaction=True)]

Workers = Callable[[dict[str, str]], AbstractContextManager[None]]


@pytest.fixture
def workers() -> Iterator[Workers]:
    """A live and a control worker as `up` starts them, with these settings, on this test's database and Redis. The
    block begins when both take part in the fleet; they are drained at the end."""

    @contextmanager
    def started(environment: dict[str, str]) -> Iterator[None]:
        ground.data_directory(settings.ENV.DATA_DIR)
        own = {"DATABASE_URL": database_url()} | environment
        children = [
            dataclasses.replace(each, environment={**each.environment, **own})
            for each in plan.make(settings.ENV, port=None, workers=1).children()
            if each.name in ("live1", "control")
        ]
        try:
            for child in children:
                child.start()
            until(lambda: set(kinds_alive()) == set(WorkerProcess.Kind.values))
            yield
            for child in children:
                child.ask_to_end()
            for child in children:
                assert child.process is not None
                assert child.process.wait(30) == 0
        finally:
            for child in children:
                if child.process is not None:
                    child.kill_group()
                    child.process.wait()

    yield started
    with Redis.from_url(settings.ENV.redis_url) as server:
        if left := list(server.scan_iter(f"{settings.ENV.REDIS_PREFIX}.*", count=1000)):
            server.delete(*left)


def kinds_alive() -> list[str]:
    return list(WorkerProcess.objects.filter(living_workers()).values_list("kind", flat=True))


def database_url() -> str:
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(backends.POSTGRES_URL)._replace(path=f"/{name}").geturl()


@pytest.fixture
def visitors(settings: Settings) -> Iterator[tuple[FakeTwitch, Visitor, Visitor]]:
    """Alice and Bob, signed in through Twitch two hours ago."""
    with connected(settings) as twitch:
        settings.ROOT_URLCONF = "tests.channels_app.twitch.urls"
        alice, bob = Visitor(Client()), Visitor(Client())
        for name, visitor in (("Alice", alice), ("Bob", bob)):
            twitch.consent_as(name)
            visitor.sign_in()
        TwitchCredential.objects.update(validated_at=timezone.now() - timedelta(hours=2))
        yield twitch, alice, bob


def test_a_permission_taken_back_while_nobody_listened_is_found(
    visitors: tuple[FakeTwitch, Visitor, Visitor], workers: Workers
) -> None:
    twitch, alice, bob = visitors
    twitch.revoke("Alice")
    with workers(twitch.environment()):
        until(lambda: alice.person is None)
        until(TwitchCredential.objects.filter(validated_at__gt=timezone.now() - timedelta(hours=1)).exists)
    assert bob.person is not None
    assert len(twitch.called("GET", "/oauth2/validate")) == 2


def test_without_a_twitch_application_nothing_is_asked(
    visitors: tuple[FakeTwitch, Visitor, Visitor], workers: Workers
) -> None:
    twitch, alice, _bob = visitors
    asked = len(twitch.calls)
    factories.overlay_page(Channel.objects.earliest("pk"), seen_at=timezone.now() - timedelta(minutes=5))
    with workers(twitch.environment() | {"TWITCH_CLIENT_ID": "", "TWITCH_CLIENT_SECRET": ""}):
        # It stands behind whatever the start has put into the queue.
        app.send_task("prune_presences", queue="live")
        until(lambda: not OverlayPresence.objects.exists())
    assert len(twitch.calls) == asked
    assert alice.person is not None
