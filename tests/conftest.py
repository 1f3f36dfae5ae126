"""The ground every test stands on: an environment of its own, a database, a Redis, and three people."""

from __future__ import annotations

import gc
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests import backends

BACKEND, DATA_DIR = backends.enter()

import django

from aigirl_site import loading
from aigirl_site.supervisor import tether
from aigirl_site.translations import catalogue

# Pages in Russian are tested as they are in the source now, whoever starts the tests.
catalogue.compile_changed()
django.setup()
# Processes of pytest-xdist inherit this environment and must prepare their own before settings are read.
os.environ.pop("DJANGO_SETTINGS_MODULE", None)

import hypothesis
import pytest
from _pytest import main
from django.conf import settings
from django.template import Context
from django.template.base import Template
from django.utils import translation
from redis import Redis

from channels_app.models import Channel, User
from personas.models import Persona
from tests import emptying, factories, scheduling
from workers.fleet import runtime

emptying.install()
# A real hash is slow on purpose: half a second for each operator a test makes or signs in.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Each client of a test would look through all static files once.
settings.WHITENOISE_USE_FINDERS = False

# How quickly a busy machine makes up examples, or goes through one, is no finding.
hypothesis.settings.register_profile("patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("patient")

# Elsewhere each process is started by itself.
collect_ignore = [] if tether.LINUX else ["test_nursery.py"]
# Thousands of tests are loaded, and then make little garbage among many objects that stay.
loading.begin()
gc.set_threshold(10_000, 10, 10)
# CPython keeps the frames of calls in pieces of 16 KB, and a call that goes to and fro across the border of two maps
# and unmaps memory each time: in a page, hundreds deep below a test, a tenth of its time. A frame of nearly a megabyte
# makes the piece two, and all that is called from it has the second.
main._main.__code__ = main._main.__code__.replace(co_stacksize=131_000)


def pytest_collection_finish() -> None:
    loading.end()


def pytest_report_header() -> str:
    return f"backend: {BACKEND}"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> scheduling.Together:
    return scheduling.Together(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = [items[place] for place in scheduling.dear_first([item.nodeid for item in items])]


def pytest_runtest_setup(item: pytest.Item) -> None:
    scheduling.give_way(item.nodeid)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """pytest-xdist sends reports as UTF-8: half a character in what a test logged would end the whole run."""
    report.sections = [(name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections]


def pytest_unconfigure() -> None:
    shutil.rmtree(DATA_DIR, ignore_errors=True)


@pytest.fixture(scope="session")
def backend() -> str:
    """`postgres` or `sqlite`."""
    return BACKEND


@pytest.fixture(scope="session", autouse=True)
def redis_url() -> Iterator[str]:
    """URL of the Redis of this test process; it runs for the whole session."""
    if not settings.ENV.embeds_redis:
        yield settings.ENV.redis_url
        return
    with backends.embedded_redis(settings.ENV.redis_socket):
        yield settings.ENV.redis_url


@pytest.fixture(scope="session", autouse=True)
def _noted_pages(django_test_environment: None) -> None:
    """A response's `context` holds those of the page and its fields. Django would copy one for each of the hundreds of
    parts that are included, too: a tenth of the time of a page."""
    pages: Any = Template
    everything = pages._render

    def render(template: Any, context: Context) -> Any:
        return everything(template, context) if context.template is template else template.nodelist.render(context)

    pages._render = render


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """A database for this test process alone: several runs may go on at once on one machine."""
    name = f"test_aigirl_{os.getpid()}" if BACKEND == "postgres" else str(DATA_DIR / "test.sqlite3")
    test: dict[str, Any] = settings.DATABASES["default"].setdefault("TEST", {})
    test["NAME"] = name
    # Django reads the defaults of TEST once, when the connection is first asked for.
    from django.db import connections

    connections["default"].settings_dict["TEST"]["NAME"] = name


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Every connection of this process is closed before the database is removed: PostgreSQL keeps one in use."""
    yield
    runtime.close_db_threads()
    if BACKEND == "postgres":
        backends.close_connections(settings.DATABASES["default"]["TEST"]["NAME"])


@pytest.fixture(scope="session")
def _server(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as server:
        yield server


@pytest.fixture
def empty_cache(_server: Redis) -> Callable[[], None]:
    """Forgets what the cache holds. Only what is ours goes, as Django's own way would not do it: other test processes
    may share the server."""

    def empty() -> None:
        if kept := list(_server.scan_iter(f"{settings.ENV.REDIS_PREFIX}:*", count=1000)):
            _server.delete(*kept)

    return empty


@pytest.fixture(autouse=True)
def _fresh_cache(empty_cache: Callable[[], None]) -> Iterator[None]:
    """Nothing is kept from test to test."""
    yield
    empty_cache()


@pytest.fixture(autouse=True)
def _default_language() -> Iterator[None]:
    """A page asked for in another language leaves it behind in the thread."""
    yield
    translation.deactivate()


@pytest.fixture
def built_front_end(settings: Any, tmp_path: Path) -> None:
    """Without a build the pages ask for one."""
    settings.VITE_MANIFEST = tmp_path / "manifest.json"
    entries: dict[str, Any] = {name: {"file": f"assets/{name}-abc12345.js"} for name in ("overlay", "dashboard")}
    entries["operators"] = {"file": "assets/operators-abc12345.js", "css": ["assets/operators-abc12345.css"]}
    settings.VITE_MANIFEST.write_text(json.dumps({f"src/{name}/main.ts": entry for name, entry in entries.items()}))


@pytest.fixture
def alice(db: None) -> User:
    """Owner of the channel."""
    return factories.user("Alice")


@pytest.fixture
def bob(db: None) -> User:
    """Moderator of the channel."""
    return factories.user("Bob")


@pytest.fixture
def charlie(db: None) -> User:
    """A stranger."""
    return factories.user("Charlie")


@pytest.fixture
def channel(alice: User, bob: User) -> Channel:
    """Alice's channel, moderated by Bob, with a published persona on stage."""
    made = factories.channel(alice, moderators=[bob])
    factories.persona(made)
    return made


@pytest.fixture
def persona(channel: Channel) -> Persona:
    """The persona on stage in Alice's channel."""
    return Persona.objects.get(channel=channel)
