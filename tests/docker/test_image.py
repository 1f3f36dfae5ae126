"""The image without Docker: from a tree of what its Dockerfile copies, every process is really started."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from aigirl_site.env import ROOT
from benchmarks.service import free_port
from tests import backends
from tests.docker.test_definitions import SERVICES, dockerfile
from tests.guards.tracked import name, tracked
from tests.waiting import until

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

START_SECONDS = 120
UP = {"worker": "takes part", "control": "takes part", "beat": "maxinterval"}
"""What each writes into its log when it is there; the site writes nothing, and listens."""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """/app of the image."""
    app = tmp_path / "app"
    app.mkdir()
    stage = ""
    for words in dockerfile():
        if words[0] == "FROM":
            stage = words[-1]
        if words[0] != "COPY" or stage != "runtime" or words[1].startswith("--from"):
            continue
        for source in words[1:-1]:
            for path in tracked():
                if name(path) == source or name(path).startswith(source):
                    target = app / name(path)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(path, target)
    shutil.copytree(ROOT / "overlay_static" / "dist", app / "overlay_static" / "dist")
    subprocess.run([sys.executable, "-B", "-m", "aigirl_site.translations"], cwd=app, check=True)
    # As the image does, which is read-only when it runs: each process would compile all of it anew.
    subprocess.run([sys.executable, "-m", "compileall", "-q", "."], cwd=app, check=True)
    return app


def test_every_process_runs_from_what_the_image_holds(tree: Path, tmp_path: Path) -> None:
    before = set(tree.rglob("*"))
    data, port = tmp_path / "data", free_port()
    redis = tmp_path / "r" / "valkey.sock"
    data.mkdir()
    clean = {k: v for k, v in os.environ.items() if k not in backends.NAMES and not k.startswith(backends.OURS)}
    environment = clean | {
        "AIGIRL_ENV_FILE": "",
        "DATA_DIR": str(data),
        "REDIS_URL": f"unix://{redis}",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }

    def command(service: str) -> list[str]:
        words = [sys.executable if word == "python" else word for word in SERVICES[service]["command"]]
        return [str(port) if word == "8000" else "127.0.0.1" if word == "0.0.0.0" else word for word in words]

    def is_up(service: str) -> bool:
        """To ask whether it works takes a process of its own, which it would have to share the processor with."""
        if service == "web":
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0
        return UP[service] in (tmp_path / f"{service}.log").read_text()

    def works(service: str) -> bool:
        question = [
            sys.executable if word == "python" else word for word in SERVICES[service]["healthcheck"]["test"][1:]
        ]
        question = [str(port) if word == "8000" else word for word in question]
        return subprocess.run(question, cwd=tree, env=environment, capture_output=True, check=False).returncode == 0

    processes = {}
    with ExitStack() as stack:
        stack.enter_context(backends.embedded_redis(redis))
        subprocess.run(command("migrate"), cwd=tree, env=environment, check=True, capture_output=True)
        for service in ("web", "worker", "control", "beat"):
            log = stack.enter_context((tmp_path / f"{service}.log").open("w"))
            processes[service] = subprocess.Popen(command(service), cwd=tree, env=environment, stdout=log, stderr=log)
            stack.callback(processes[service].kill)
        try:
            for service in processes:
                until(lambda service=service: is_up(service), seconds=START_SECONDS)  # type: ignore[misc]
                until(lambda service=service: works(service), seconds=START_SECONDS)  # type: ignore[misc]
        except AssertionError:
            raise AssertionError("\n".join(path.read_text() for path in tmp_path.glob("*.log"))) from None
        for process in processes.values():
            process.send_signal(signal.SIGTERM)
        ended = {service: process.wait(40) for service, process in processes.items()}
        assert not works("worker")
    assert ended["worker"] == ended["control"] == 0
    # The containers are read-only but for the data directory.
    assert set(tree.rglob("*")) == before
