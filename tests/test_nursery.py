"""Processes that are forks of one: they end, are missed and live on as if each had been started by itself."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from aigirl_site.env import ROOT
from aigirl_site.supervisor.children import Child
from aigirl_site.supervisor.nursery import MODULE, Nursery
from tests.test_supervisor import is_running
from tests.waiting import until

pytestmark = [pytest.mark.system]

PR_GET_CHILD_SUBREAPER = 37

PROBES = {
    "probe_chance": "from workers.own_words import CHANCE\nprint('drew', CHANCE.random())",
    "probe_end": "import sys\nsys.exit(3)",
    "probe_family": """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])
print('pids', os.getpid(), child.pid, os.getppid(), flush=True)
time.sleep(60)
""",
    "probe_name": "import sys, time\nprint('with', sys.argv[1:], flush=True)\ntime.sleep(60)",
}


@pytest.fixture(scope="module")
def probes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with modules to be run."""
    directory = tmp_path_factory.mktemp("probes")
    for name, code in PROBES.items():
        (directory / f"{name}.py").write_text(code)
    return directory


@pytest.fixture(scope="module")
def nursery(probes: Path) -> Iterator[Nursery]:
    made = Nursery(os.environ | {"AIGIRL_ENV_FILE": "", "PYTHONPATH": str(probes)}, ROOT)
    yield made
    made.close()


@pytest.fixture
def child(nursery: Nursery, tmp_path: Path) -> Iterator[Callable[..., Child]]:
    made: list[Child] = []

    def begin(module: str, *arguments: str, born_in: Nursery = nursery) -> Child:
        command = [*MODULE, module, *arguments]
        name = f"{module}{len(made)}"
        made.append(Child(name, command, os.environ, ROOT, tmp_path, nursery=born_in))
        made[-1].start()
        return made[-1]

    yield begin
    for each in made:
        each.kill_group()


def said(child: Child, word: str) -> list[str]:
    """What it said after this word, in its log."""
    until(lambda: child.log_path.exists() and f"{word} " in child.log_path.read_text())
    return child.log_path.read_text().partition(f"{word} ")[2].split()


def test_one_that_ends_is_born_again(child: Callable[..., Child], capsys: pytest.CaptureFixture[str]) -> None:
    probe = child("probe_end")
    first = probe.process
    assert first
    until(lambda: not probe.runs)
    probe.look(lambda _: None)
    probe.again_at = 0.0
    probe.look(lambda _: None)
    assert probe.process
    assert probe.process.pid != first.pid
    assert "probe_end0 ended (exit code 3)" in capsys.readouterr().out


def test_it_is_the_houses_own_and_takes_what_it_started_along(child: Callable[..., Child]) -> None:
    probe = child("probe_family")
    own, started, parent = map(int, said(probe, "pids"))
    assert probe.process
    assert (own, parent) == (probe.process.pid, os.getpid())
    os.kill(own, signal.SIGKILL)
    until(lambda: not probe.runs)
    probe.look(lambda _: None)
    # Not even a dead one is left, which would be one more with each that is killed.
    assert not Path(f"/proc/{started}").exists()
    assert probe.pause == 1.0


def test_it_shows_what_it_runs(child: Callable[..., Child]) -> None:
    probe = child("probe_name", "--port", "1")
    assert said(probe, "with") == ["['--port',", "'1']"]
    assert probe.process
    assert "probe_name --port 1" in Path(f"/proc/{probe.process.pid}/cmdline").read_text()


def test_no_two_have_the_same_luck(child: Callable[..., Child]) -> None:
    draws = [said(child("probe_chance"), "drew") for _ in range(2)]
    assert draws[0] != draws[1]


def test_a_nursery_that_is_gone_is_missed_by_nobody(child: Callable[..., Child], nursery: Nursery) -> None:
    before = child("probe_name")
    said(before, "with")
    assert nursery.pid
    os.kill(nursery.pid, signal.SIGKILL)
    after = child("probe_name", "again")
    said(after, "with")
    assert before.runs
    assert after.runs


def test_what_cannot_be_born_is_started(
    child: Callable[..., Child], probes: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    broken = Nursery(os.environ | {"DJANGO_SETTINGS_MODULE": "no_settings", "PYTHONPATH": str(probes)}, ROOT)
    with closing(broken):
        for _ in range(2):
            probe = child("probe_end", born_in=broken)
            until(lambda probe=probe: not probe.runs)  # type: ignore[misc]
    said = capfd.readouterr()
    assert said.out.count("is started by itself, which takes longer") == 2
    assert said.err.count("No module named 'no_settings'") == 1, "what cannot be loaded is not loaded again for each"


def test_a_closed_nursery_leaves_the_orphans_of_others_to_the_system(probes: Path) -> None:
    made = Nursery(os.environ | {"PYTHONPATH": str(probes)}, ROOT)
    with closing(made):
        born, said = made.bear([*MODULE, "probe_end"])
        os.close(said)
        assert adopts()
        born.wait(timeout=10)
    assert not adopts()


def adopts() -> bool:
    """Whether this process becomes the parent of what loses its own."""
    answer = ctypes.c_int()
    ctypes.CDLL(None).prctl(PR_GET_CHILD_SUBREAPER, ctypes.byref(answer), 0, 0, 0)
    return bool(answer.value)


def test_nobody_outlives_a_house_that_is_killed(probes: Path) -> None:
    house = f"""
import os, sys
from pathlib import Path
sys.path.insert(0, {str(ROOT)!r})
from aigirl_site.supervisor.nursery import MODULE, Nursery
nursery = Nursery(os.environ, Path({str(ROOT)!r}))
print(*(nursery.bear([*MODULE, 'probe_name'])[0].pid for _ in range(2)), nursery.pid, flush=True)
os.kill(os.getpid(), 9)
"""
    environment = os.environ | {"PYTHONPATH": str(probes)}
    killed = subprocess.run([sys.executable, "-c", house], env=environment, stdout=subprocess.PIPE, text=True)
    assert killed.returncode == -signal.SIGKILL
    assert len(killed.stdout.split()) == 3
    until(lambda: not any(is_running(int(pid)) for pid in killed.stdout.split()))
