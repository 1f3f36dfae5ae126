"""One child process: started in a group of its own, heard, restarted with growing pauses, ended for certain."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

from aigirl_site.supervisor import tether
from aigirl_site.supervisor.nursery import Born, Nursery

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 10.0
SETTLED_SECONDS = 30.0
"""A child that lived this long begins again with the first pause."""
REAP_SECONDS = 1.0
LOG_BYTES = 10_000_000
LOUD = (" WARNING ", " ERROR ", " CRITICAL ", "Traceback ", "Error: ", "Fatal ")


def say(line: str) -> None:
    """One line for the person who watches the console."""
    with contextlib.suppress(BrokenPipeError):
        print(line, flush=True)  # noqa: T201


@dataclass
class Child:
    """A process of the house. `worker` is its name in the fleet, where it has one."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    directory: Path
    log_directory: Path
    worker: str = ""
    loud: tuple[str, ...] = LOUD
    """Lines with one of these are shown on the console too."""
    nursery: Nursery | None = None
    """Where it is born; else it is started by itself."""
    process: subprocess.Popen[bytes] | Born | None = None
    started_at: float = 0.0
    again_at: float = 0.0
    pause: float = FIRST_PAUSE

    def start(self) -> None:
        """Starts it. Call from the main thread: the kernel ties the child to the thread that started it."""
        self.process, said = self._born() or self._started()
        self.started_at = time.monotonic()
        heard = (self.name, said, self.log_directory, self.loud)
        threading.Thread(target=_listen, args=heard, name=f"log-{self.name}", daemon=True).start()

    def _born(self) -> tuple[Born, IO[str]] | None:
        if self.nursery is None:
            return None
        try:
            born, said = self.nursery.bear(self.command)
        except OSError as error:
            say(f"{self.name} is started by itself, which takes longer ({error})")
            return None
        return born, io.TextIOWrapper(io.FileIO(said), errors="replace")

    def _started(self) -> tuple[subprocess.Popen[bytes], IO[str]]:
        process = subprocess.Popen(  # noqa: S603
            tether.tied(self.command),
            env=dict(self.environment),
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=tether.in_child(),  # noqa: PLW1509  nothing but two system calls happens in it
        )
        assert process.stdout is not None
        return process, io.TextIOWrapper(process.stdout, errors="replace")

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def look(self, bury: Callable[[Child], None]) -> None:
        """Starts it again when it died and its pause is over. `bury` is called once for each death."""
        now = time.monotonic()
        if self.runs:
            return
        if self.process is not None:
            code = self.process.returncode
            assert code is not None
            end = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
            self.kill_group()
            group = self.process.pid
            self.process = None
            if now - self.started_at > SETTLED_SECONDS:
                self.pause = FIRST_PAUSE
            self.again_at = now + self.pause
            say(f"{self.name} ended ({end}); it is started again in {self.pause:g} s, its log is {self.log_path}")
            self.pause = min(LONGEST_PAUSE, self.pause * 2)
            bury(self)
            _reap(group)
        elif now >= self.again_at:
            self.start()

    @property
    def log_path(self) -> Path:
        return self.log_directory / f"{self.name}.log"

    def ask_to_end(self) -> None:
        if self.process is not None and self.runs:
            self.process.terminate()

    def kill_group(self) -> None:
        """Ends the child and whatever it started, also when the child itself is already gone."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)


def _reap(group: int) -> None:
    """What a dead child had started is given to the house (`Nursery.open`), which has to see it off."""
    until = time.monotonic() + REAP_SECONDS
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < until:
            if os.waitpid(-group, os.WNOHANG)[0] == 0:
                time.sleep(0.01)


def _listen(name: str, stream: IO[str], directory: Path, loud: tuple[str, ...]) -> None:
    """Each line of a child goes into its file; what is wrong is shown on the console too."""
    handler = RotatingFileHandler(directory / f"{name}.log", maxBytes=LOG_BYTES, backupCount=3, encoding="utf-8")
    with contextlib.closing(handler), stream:
        for raw in stream:
            line = raw.rstrip()
            record = logging.LogRecord(name, logging.INFO, "", 0, "%s %s", (name, line), None)
            handler.emit(record)
            if any(word in line for word in loud):
                say(f"{name}: {line}")
