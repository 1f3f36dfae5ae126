"""`manage.py up` with real processes: ready, hurt, ended, killed."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

import pytest

from aigirl_site.env import ROOT
from benchmarks.service import free_port
from tests import backends
from tests.waiting import until

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

START_SECONDS = 90
"""A start takes about 5 s; the machine that runs the suite may be busy with everything at once."""


def start(data: Path, port: int, **settings: str) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(backends.OURS)}
    for name in (*backends.NAMES, "DJANGO_SETTINGS_MODULE"):
        environment.pop(name, None)
    return subprocess.Popen(
        [sys.executable, "manage.py", "up", "--port", str(port), "--data", str(data)],
        cwd=ROOT,
        env=environment | {"AIGIRL_ENV_FILE": ""} | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


class House:
    """A running `manage.py up`, seen from outside."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        self.process = start(data, self.port)
        self.said: list[str] = []
        self._lines: Queue[str] = Queue()
        Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.strip())

    def line(self, beginning: str) -> str:
        """Waits for the line that begins so."""
        while True:
            try:
                self.said.append(self._lines.get(timeout=START_SECONDS))
            except Empty:
                raise AssertionError(f"no line {beginning!r}; it said:\n" + "\n".join(self.said)) from None
            if self.said[-1].startswith(beginning):
                return self.said[-1]

    def row(self, sql: str) -> Any:
        with closing(sqlite3.connect(self.data / "aigirl.sqlite3", timeout=20)) as database:
            return database.execute(sql).fetchone()

    def owner(self) -> tuple[str, int, int] | None:
        """Owner, its pid and the fence of the demo's run, while its owner lives."""
        found: tuple[str, int, int] | None = self.row(
            "SELECT w.name, w.pid, r.fence FROM workers_run r JOIN workers_workerprocess w"
            " ON w.name = r.owner AND w.epoch = r.owner_epoch WHERE w.expires_at > strftime('%Y-%m-%d %H:%M:%f', 'now')"
        )
        return found

    def family(self) -> set[int]:
        """All processes below `manage.py up`."""
        listing = subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        parents = {int(pid): int(parent) for pid, parent in (line.split() for line in listing.splitlines())}
        family = {self.process.pid}
        while more := {pid for pid, parent in parents.items() if parent in family} - family:
            family |= more
        return family - {self.process.pid}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "data")
    yield made
    if made.process.poll() is None:
        made.process.kill()
        made.process.wait()


def running(pids: set[int]) -> set[int]:
    listing = subprocess.run(["ps", "-axo", "pid=,stat="], capture_output=True, text=True, check=True).stdout
    states = {int(pid): state for pid, state in (line.split() for line in listing.splitlines())}
    return {pid for pid in pids if not states.get(pid, "Z").startswith("Z")}


def test_the_house_gets_ready_survives_a_killed_worker_and_ends_on_request(house: House) -> None:
    assert house.line("ready ") == f"ready http://127.0.0.1:{house.port}"
    assert house.line("overlay ").startswith(f"overlay http://127.0.0.1:{house.port}/o/")
    with urllib.request.urlopen(f"http://127.0.0.1:{house.port}/health/ready", timeout=10) as answer:
        assert answer.status == 200

    before = until(house.owner, seconds=START_SECONDS)
    assert before
    name, pid, fence = before
    os.kill(pid, signal.SIGKILL)
    assert "live1 ended (signal SIGKILL)" in house.line("live1 ended")
    again = until(lambda: (now := house.owner()) and now[1] != pid and now, seconds=START_SECONDS)
    assert again
    assert again[0] == name
    assert again[2] > fence

    family = house.family()
    assert len(family) >= 5
    house.process.send_signal(signal.SIGTERM)
    assert house.process.wait(timeout=30) == 0
    assert running(family) == set()
    assert house.row("SELECT owner FROM workers_run") == ("",)


def test_nothing_outlives_a_killed_parent(house: House) -> None:
    house.line("ready ")
    until(house.owner, seconds=START_SECONDS)
    family = house.family()
    assert len(family) >= 5
    house.process.kill()
    until(lambda: not running(family), seconds=10)


def complaint(data: Path, port: int, **settings: str) -> str:
    # Named here the directory need not be changed, for which the process would begin anew.
    process = start(data, port, DATA_DIR=str(data), **settings)
    said, _ = process.communicate(timeout=START_SECONDS)
    assert process.returncode != 0
    return said.strip()


def test_a_taken_port_ends_the_start_with_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = complaint(tmp_path, port)
    assert said == f"Port {port} is already in use by another program; choose another with --port {port + 1}."


def test_a_data_directory_that_cannot_be_made_ends_the_start_with_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = complaint(tmp_path / "file" / "data", free_port())
    assert said.startswith(f"The data directory {tmp_path / 'file' / 'data'} cannot be written to")
    assert len(said.splitlines()) == 1


def test_settings_that_do_not_fit_together_end_the_start_with_one_sentence(tmp_path: Path) -> None:
    said = complaint(tmp_path, free_port(), SITE_URL="http://aigirl.example")
    assert said.startswith(
        "SITE_URL is http://aigirl.example: people would sign in over a connection anybody can read."
    )
    assert len(said.splitlines()) == 1
