"""The ground a start needs, and children that come back and leave nothing behind."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from aigirl_site.env import Env
from aigirl_site.supervisor import ground, plan, tether
from aigirl_site.supervisor.children import Child
from tests.waiting import until


def test_a_taken_port_is_named_with_its_mend() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ground.Obstacle, match=rf"Port {port} is already in use.*--port {port + 1}"):
            ground.free_port("127.0.0.1", port)
    ground.free_port("127.0.0.1", port)


def test_a_data_directory_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ground.Obstacle, match=r"cannot be written to .*--data DIR"):
        ground.data_directory(tmp_path / "file")
    assert (ground.data_directory(tmp_path / "new") / "log").is_dir()


def test_two_houses_never_share_a_data_directory(tmp_path: Path) -> None:
    ground.data_directory(tmp_path)
    with ground.alone(tmp_path), pytest.raises(ground.Obstacle, match=f"already runs .*process {os.getpid()}"):
        ground.alone(tmp_path)
    ground.alone(tmp_path).close()


@pytest.mark.parametrize(
    ("site_url", "port", "host", "listens_on"),
    [
        ("http://127.0.0.1:8000", None, "127.0.0.1", 8000),
        ("http://localhost:9000", None, "127.0.0.1", 9000),
        ("http://localhost:9000", 9001, "127.0.0.1", 9001),
        ("https://ai.example.com", None, plan.EVERYWHERE, 8000),
    ],
)
def test_only_a_site_that_others_reach_listens_to_them(
    site_url: str, port: int | None, host: str, listens_on: int, tmp_path: Path
) -> None:
    made = plan.make(Env(SITE_URL=site_url, DATA_DIR=tmp_path), port=port, workers=None)
    assert (made.host, made.port) == (host, listens_on)


@pytest.fixture
def child(tmp_path: Path) -> Callable[[str], Child]:
    return lambda code: Child("probe", [sys.executable, "-c", code], os.environ, tmp_path, tmp_path)


def test_a_child_that_dies_is_started_again_after_a_pause(
    child: Callable[[str], Child], capsys: pytest.CaptureFixture[str]
) -> None:
    probe, deaths = child("import sys; print('ERROR: ', 'Error: no voice'); sys.exit(3)"), list[str]()
    probe.start()
    for pause in (1.0, 2.0):
        assert probe.process is not None
        probe.process.wait()
        probe.look(lambda dead: deaths.append(dead.name))
        assert probe.pause == pause
        probe.again_at = 0.0
        probe.look(lambda dead: deaths.append(dead.name))
        last = probe.process
    assert last is not None
    last.wait()
    assert deaths == ["probe", "probe"]
    said = capsys.readouterr().out
    assert "probe ended (exit code 3); it is started again in 0.5 s" in said
    until(lambda: "no voice" in probe.log_path.read_text())


def test_what_a_child_started_ends_with_it(child: Callable[[str], Child]) -> None:
    probe = child(
        "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "print('pid', p.pid, flush=True); time.sleep(60)"
    )
    probe.start()
    until(lambda: probe.log_path.exists() and "pid" in probe.log_path.read_text())
    grandchild = int(probe.log_path.read_text().split("pid")[1])
    assert is_running(grandchild)
    probe.kill_group()
    until(lambda: not is_running(grandchild))


def test_off_linux_a_watcher_ends_the_program_when_its_parent_is_gone(tmp_path: Path) -> None:
    """The parent starts the watcher, tells its pid and dies at once."""
    code = f"""
import subprocess, sys, os
watched = [sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(60)"]
watcher = subprocess.Popen([sys.executable, {tether.__file__!r}, str(os.getpid()), *watched], stdout=subprocess.PIPE)
print(watcher.stdout.readline().decode(), flush=True)
os._exit(0)
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    until(lambda: not is_running(int(answer.stdout)))


def is_running(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    return bool(state) and not state.startswith("Z")
