"""Servers and hosts that a benchmark may kill: a Redis and a PostgreSQL of its own, and a second worker host.

Each is a real program with real files in a directory of its own; nothing that runs on this machine is touched. The
second host is a network namespace where the system lets us make one (Linux, as root), with one cable to Redis and
another to everything else, so that one can be pulled.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from aigirl_site.supervisor import valkey
from benchmarks.service import free_port

POSTGRES = "/usr/lib/postgresql/*/bin/postgres"
START_SECONDS = 30.0


def run(*command: str) -> str:
    """Its output. Raises RuntimeError with what it said when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {(done.stderr or done.stdout).strip()[-400:]}")
    return done.stdout


class OwnRedis:
    """A Redis-compatible server that keeps nothing, on TCP, at these addresses."""

    def __init__(self, directory: Path, addresses: Sequence[str]) -> None:
        self.port = free_port()
        self._directory, self._addresses = directory, addresses
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, address: str = "127.0.0.1") -> str:
        return f"redis://{address}:{self.port}/0"

    def start(self) -> None:
        self._directory.mkdir(exist_ok=True)
        command = [
            valkey.program(), "--port", str(self.port), "--bind", *self._addresses, "--protected-mode", "no",
            "--dir", str(self._directory), "--save", "", "--appendonly", "no",
            "--client-output-buffer-limit", "pubsub", "64mb", "32mb", "30",
        ]  # fmt: skip
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if not valkey.wait(self.url(), seconds=START_SECONDS):
            raise RuntimeError("The benchmark's own Redis did not start.")

    def kill(self) -> None:
        """At once, with all it held."""
        if self._process:
            self._process.kill()
            self._process.wait()


class OwnPostgres:
    """A PostgreSQL cluster of its own. As root it runs as `postgres`, since the program refuses root."""

    @staticmethod
    def program() -> Path | None:
        found = sorted(Path("/").glob(POSTGRES.lstrip("/")))
        return found[-1].parent if found else None

    def __init__(self, directory: Path, addresses: Sequence[str]) -> None:
        programs = self.program()
        assert programs is not None
        self.port = free_port()
        self._programs, self._data, self._addresses = programs, directory / "cluster", addresses
        self._log = directory / "log"
        directory.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            person = pwd.getpwnam("postgres")
            os.chown(directory, person.pw_uid, person.pw_gid)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
        # Nothing of it may hold our pipes: the server goes on after the command has ended.
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        if done.returncode:
            raise RuntimeError(f"{program} failed; its log is {self._log}")

    def start(self) -> None:
        self._run("initdb", "-D", str(self._data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        with (self._data / "pg_hba.conf").open("a") as rules:
            rules.write("host all all 10.213.0.0/16 trust\n")
        with (self._data / "postgresql.conf").open("a") as settings:
            settings.write(
                f"listen_addresses = '{','.join(self._addresses)}'\nport = {self.port}\n"
                f"unix_socket_directories = '{self._data}'\nfsync = off\nmax_connections = 200\n"
            )
        self._run("pg_ctl", "-D", str(self._data), "-l", str(self._log), "-w", "start")

    def restart(self) -> None:
        """Every connection is broken, as with an update of the server."""
        self._run("pg_ctl", "-D", str(self._data), "-l", str(self._log), "-w", "-m", "fast", "restart")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self._data), "-w", "-m", "immediate", "stop")

    def url(self, address: str = "127.0.0.1") -> str:
        return f"postgres://postgres@{address}:{self.port}/postgres"


class Host:
    """A second host. `redis_side` and `other_side` are our addresses as it sees them."""

    redis_side = other_side = "127.0.0.1"
    is_apart = False
    """Whether it is a network of its own."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def command(self, *words: str) -> list[str]:
        """How a program is started there."""
        return list(words)


class Namespace(Host):
    """One in a network namespace with two cables."""

    is_apart = True

    def __init__(self) -> None:
        # Of its own each time: one that was killed may have left its cables behind.
        first = 2 * secrets.randbelow(127)
        self.redis_side, self.other_side = f"10.213.{first}.1", f"10.213.{first + 1}.1"
        self._name = f"aigirl-{secrets.token_hex(3)}"
        self._cables = (f"r{self._name[-6:]}", f"o{self._name[-6:]}")

    @staticmethod
    def may_be_made() -> bool:
        if os.geteuid() != 0 or shutil.which("ip") is None:
            return False
        name = f"aigirl-{secrets.token_hex(3)}"
        made = subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False).returncode == 0
        subprocess.run(["ip", "netns", "delete", name], capture_output=True, check=False)
        return made

    def __enter__(self) -> Self:
        run("ip", "netns", "add", self._name)
        for cable, ours in zip(self._cables, (self.redis_side, self.other_side), strict=True):
            there = re.sub(r"\.1$", ".2", ours)
            run("ip", "link", "add", cable, "type", "veth", "peer", "name", f"{cable}n", "netns", self._name)
            run("ip", "address", "add", f"{ours}/24", "dev", cable)
            run("ip", "link", "set", cable, "up")
            run("ip", "-n", self._name, "address", "add", f"{there}/24", "dev", f"{cable}n")
            run("ip", "-n", self._name, "link", "set", f"{cable}n", "up")
        run("ip", "-n", self._name, "link", "set", "lo", "up")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for cable in self._cables:
            subprocess.run(["ip", "link", "delete", cable], capture_output=True, check=False)
        subprocess.run(["ip", "netns", "delete", self._name], capture_output=True, check=False)

    def command(self, *words: str) -> list[str]:
        return ["ip", "netns", "exec", self._name, *words]

    def pull_redis(self) -> None:
        """The cable to Redis is out: what is sent is lost, without a word."""
        run("ip", "link", "set", self._cables[0], "down")

    def plug_redis(self) -> None:
        run("ip", "link", "set", self._cables[0], "up")


class Process:
    """One process of the house by itself, as a service manager would start it."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path, directory: Path) -> None:
        self._log = log.open("ab")
        self.popen = subprocess.Popen(
            command, env=dict(environment), cwd=directory, stdout=self._log, stderr=subprocess.STDOUT
        )

    def terminate(self) -> None:
        self.popen.send_signal(signal.SIGTERM)

    def end(self) -> None:
        self.popen.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.popen.wait(10)
        self._log.close()


def until(found: object, seconds: float, what: str) -> None:
    """Waits until the callable answers true. Raises RuntimeError naming what never came."""
    end = time.monotonic() + seconds
    while not found():  # type: ignore[operator]
        if time.monotonic() > end:
            raise RuntimeError(f"{what} did not happen within {seconds:.0f} s")
        time.sleep(0.05)
