"""A worker that is full keeps no run from one that has room: what it had taken beforehand would never begin."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from redis import Redis

from aigirl_site.celery import app
from aigirl_site.env import ROOT
from aigirl_site.supervisor import tether
from tests.waiting import until
from tests.workers.fleet.endless import BEGUN, OVER

pytestmark = [pytest.mark.system, pytest.mark.both, pytest.mark.timeout(120)]

THREADS = 2
QUEUE = "endless"


@pytest.fixture
def server() -> Iterator[Redis]:
    with Redis.from_url(settings.ENV.redis_url) as made:
        yield made


@pytest.fixture
def start(server: Redis) -> Iterator[Callable[[str], None]]:
    """Starts a worker process of two threads with our settings; all end with the test."""
    processes = []

    def started(name: str) -> None:
        command = [
            sys.executable, "-m", "celery", "-A", "tests.workers.fleet.endless", "worker",
            "-c", str(THREADS), "-Q", QUEUE, "-n", f"{name}@here", "--without-gossip", "--without-mingle",
        ]  # fmt: skip
        own = {"DJANGO_SETTINGS_MODULE": "aigirl_site.settings", "CELERY_SKIP_CHECKS": "1"}
        processes.append(
            subprocess.Popen(
                command,
                env=os.environ | own,
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                preexec_fn=tether.in_child(),
            )
        )

    yield started
    server.set(f"{settings.ENV.REDIS_PREFIX}:{OVER}", 1)
    for process in processes:
        process.kill()
        process.wait()


def test_a_full_worker_keeps_nothing_from_one_with_room(server: Redis, start: Callable[[str], None]) -> None:
    def begun() -> int:
        return int(server.get(f"{settings.ENV.REDIS_PREFIX}:{BEGUN}") or 0)

    for _ in range(2 * THREADS):
        app.send_task("endless", queue=QUEUE)
    start("full")
    until(lambda: begun() == THREADS)
    start("empty")
    until(lambda: begun() == 2 * THREADS)
