"""Ties a process to the life of the one that started it, so that even kill -9 leaves nothing behind.

Linux does it in the kernel. Elsewhere this file is run as a program between the two: it starts the command and
watches whether its own parent is still there.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Callable

LINUX = platform.system() == "Linux"
PR_SET_PDEATHSIG = 1
LOOK_SECONDS = 0.5


def in_child(parent: int | None = None) -> Callable[[], None] | None:
    """What a child runs before it becomes its program: asks the kernel to end it with its parent. None off Linux.

    `parent`: the process that is to be its parent, this one unless named.

    The kernel watches the *thread* that started the child: start children from a thread that stays.
    """
    if not LINUX:
        return None
    prctl = ctypes.CDLL(None).prctl
    expected = os.getpid() if parent is None else parent

    def bind() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != expected:  # it died between fork and here
            os.kill(os.getpid(), signal.SIGKILL)

    return bind


def tied(command: list[str]) -> list[str]:
    """The command as it must be started on this system."""
    if LINUX:
        return command
    return [sys.executable, __file__, str(os.getpid()), *command]


def watch(parent: int, command: list[str]) -> int:
    """Runs the command until it ends or the parent is gone. Returns its exit code."""
    child = subprocess.Popen(command)  # noqa: S603
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: child.send_signal(received))
    while os.getppid() == parent:
        try:
            return child.wait(LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            continue
    child.kill()
    return child.wait()


if __name__ == "__main__":
    sys.exit(watch(int(sys.argv[1]), sys.argv[2:]))
