"""Where the Python processes of a house are born: one process loads what they all need, and each is a fork of it.

A start of its own costs each of them one to four seconds of a core and a hundred megabytes. Forked, they have both in
common, and a worker that was killed is back sooner. Linux only: elsewhere the system's libraries do not bear a fork.

The house itself becomes the parent of what is forked: it is told by the kernel when one ends and how, and one lives on
when the nursery is gone.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from aigirl_site.supervisor import tether

PR_SET_CHILD_SUBREAPER = 36
SHARED = (
    "aigirl_site.asgi", "celery.apps.beat", "celery.apps.worker", "celery.bin.beat", "celery.bin.celery",
    "celery.bin.worker", "kombu.transport.redis", "uvicorn.loops.auto", "uvicorn.main", "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.auto",
)  # fmt: skip
LOAD_SECONDS = 60.0
BIRTH_SECONDS = 10.0
ADOPTION_SECONDS = 5.0
LOADED = b"loaded"
MESSAGE_BYTES = 65_536
MODULE = [sys.executable, "-m"]
"""How commands begin that can be born here: Python modules of this environment."""


class Born:
    """A child of this process that it has not started itself, with the face of `subprocess.Popen`."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Exit code, negative for a signal; None while it runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Raises TimeoutExpired."""
        until = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if until is not None and time.monotonic() > until:
                raise subprocess.TimeoutExpired("", timeout or 0.0)
            time.sleep(0.01)
        return code

    def terminate(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGTERM)


class Nursery:
    """The house's side."""

    def __init__(self, environment: Mapping[str, str], directory: Path) -> None:
        self._environment = dict(environment)
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._loaded = self._useless = False
        self._loads_until = 0.0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def open(self) -> None:
        """Begins to load. Call from the main thread, as with `Child.start`."""
        # Whoever started the house may ignore it, and then nobody's end could be asked for.
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._loads_until = time.monotonic() + LOAD_SECONDS
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603
                [*MODULE, __name__, str(theirs.fileno()), str(os.getpid())],
                env=self._environment,
                cwd=self._directory,
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                preexec_fn=tether.in_child(),  # noqa: PLW1509  nothing but two system calls happens in it
            )

    def settles(self, seconds: float) -> bool:
        """Whether it has loaded within so many seconds, or can never do so: a birth is a matter of milliseconds now."""
        if self._line is not None and not self._loaded:
            self._line.settimeout(seconds)
            try:
                self._loaded = self._line.recv(MESSAGE_BYTES) == LOADED
            except TimeoutError:
                if time.monotonic() < self._loads_until:
                    return False
            except OSError:
                self._loaded = False
            if not self._loaded:
                self._useless = True
                self.close()
        return True

    def bear(self, command: Sequence[str]) -> tuple[Born, int]:
        """A process that runs this command (`MODULE`, name, arguments), and where to read what it says.

        Raises OSError when there is none to be had.
        """
        message = json.dumps(command[len(MODULE) :]).encode()
        try:
            return self._ask(message)
        except OSError:
            if self._useless:
                raise
            # It is gone; so another one is made, once.
            self.close()
            return self._ask(message)

    def _ask(self, message: bytes) -> tuple[Born, int]:
        if self._line is None and not self._useless:
            self.open()
        self.settles(LOAD_SECONDS)
        if self._line is None:
            raise OSError("what all of them need could not be loaded")
        self._line.settimeout(BIRTH_SECONDS)
        _adopt(True)
        read, write = os.pipe()
        try:
            socket.send_fds(self._line, [message], [write])
            if not (answer := self._line.recv(MESSAGE_BYTES)):
                raise OSError("the process they are forked from is gone")
        except OSError:
            os.close(read)
            raise
        finally:
            os.close(write)
        return Born(int(answer)), read

    def close(self) -> None:
        """What was born lives on."""
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            _adopt(False)
        self._line = self._process = None
        self._loaded = False


def _adopt(orphans: bool) -> None:
    """Whether what loses its parent is given to this process from now on. Raises OSError where that cannot be."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, int(orphans), 0, 0, 0):
        raise OSError(ctypes.get_errno(), "processes cannot be adopted here")


def load() -> None:
    """Everything the processes of a house need before they have anything to do. Starts no thread, connects nowhere."""
    for name in SHARED:
        importlib.import_module(name)
    from aigirl_site import loading
    from aigirl_site.celery import app
    from workers.fleet import control

    loading.begin()
    app.loader.import_default_modules()
    control.load()
    loading.end()


def serve(line: socket.socket, house: int) -> list[str]:
    """Gives birth on request, until nobody can ask any more. Returns only in what was born: what it is to run."""
    while True:
        message, files, *_ = socket.recv_fds(line, MESSAGE_BYTES, 1)
        if not message:
            sys.exit()
        (said,) = files
        if (between := os.fork()) == 0:
            # The one between goes at once, so that its child is given to the house.
            if os.fork():
                os._exit(0)
            _settle(said, house)
            line.send(str(os.getpid()).encode())
            line.close()
            return [str(word) for word in json.loads(message)]
        os.close(said)
        os.waitpid(between, 0)


def _settle(said: int, house: int) -> None:
    """A session of its own, tied to the house's life, heard through this file."""
    os.setsid()
    for number in (1, 2):
        os.dup2(said, number)
    os.close(said)
    until = time.monotonic() + ADOPTION_SECONDS
    while os.getppid() != house:
        if time.monotonic() > until:
            os._exit(1)
        time.sleep(0.001)
    bind = tether.in_child(parent=house)
    if bind:
        bind()


def become(command: list[str]) -> None:
    """Runs the module as `python -m` does, under a name that `ps` shows."""
    from setproctitle import setproctitle

    setproctitle(" ".join(["python", "-m", *command]))
    sys.argv = command
    runpy.run_module(command[0], run_name="__main__", alter_sys=True)


def main() -> None:
    line, house = socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2])
    load()
    line.send(LOADED)
    become(serve(line, house))


if __name__ == "__main__":
    main()
