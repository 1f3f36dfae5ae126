"""What must hold before anything is started: a data directory we can write to and have to ourselves, a free port."""

from __future__ import annotations

import fcntl
import os
import socket
from pathlib import Path
from typing import TextIO


class Obstacle(Exception):
    """Nothing can be started. The message is one sentence for a person: what is wrong and what to do."""


def data_directory(path: Path) -> Path:
    """Makes the data directory and its rooms. Raises Obstacle when it cannot be written to."""
    try:
        for room in (path, path / "log", path / "run", path / "static"):
            room.mkdir(parents=True, exist_ok=True)
        probe = path / "run" / f"probe-{os.getpid()}"
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        raise Obstacle(
            f"The data directory {path} cannot be written to ({error.strerror}); "
            "choose another with --data DIR or DATA_DIR, or give this user the right to write there."
        ) from error
    return path


def alone(path: Path) -> TextIO:
    """Holds the data directory for this process until the returned file is closed. Raises Obstacle when it is taken."""
    file = (path / "run" / "up.lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        file.close()
        raise Obstacle(
            f"AI Girl already runs with the data directory {path} (process {holder}); "
            "stop it first, or choose another directory with --data DIR."
        ) from error
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def free_port(host: str, port: int) -> None:
    """Raises Obstacle when something else listens on the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise Obstacle(f"Port {port} may not be opened by this user; choose one above 1023 with --port.") from error
        except OSError as error:
            raise Obstacle(
                f"Port {port} is already in use by another program; choose another with --port {port + 1}."
            ) from error
