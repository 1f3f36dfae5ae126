"""Which database and Redis the suite runs on, chosen by AIGIRL_TEST_BACKEND: `postgres`, `sqlite` or `auto`.

`postgres` uses the servers on this machine, each test process in a database and under a key prefix of its own.
`sqlite` needs none: a database file and an embedded server in the temporary data directory.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from aigirl_site.supervisor import tether, valkey

POSTGRES_URL = os.environ.get("AIGIRL_TEST_DATABASE_URL", "postgres://postgres:postgres@127.0.0.1:5432/postgres")
REDIS_URL = os.environ.get("AIGIRL_TEST_REDIS_URL", "redis://127.0.0.1:6379/15")

OURS = ("TWITCH_", "LLM_", "SPEECH_", "MODERATION_", "JUDGE_", "STRIPE_")
NAMES = (
    "SECRET_KEY", "FIELD_KEYS", "SITE_URL", "ALLOWED_HOSTS", "DEBUG", "DATABASE_URL", "REDIS_URL", "REDIS_PREFIX",
    "BROKER_URL", "DATA_DIR", "GATEWAYS",
)  # fmt: skip


def servers_answer() -> bool:
    """Whether PostgreSQL lets us in and Redis answers."""
    try:
        psycopg.connect(POSTGRES_URL, connect_timeout=2).close()
    except psycopg.Error:
        return False
    return valkey.answers(REDIS_URL)


def choose() -> str:
    """`postgres` or `sqlite`. Ends the run when the wanted servers do not answer: nothing is silently left out."""
    wanted = os.environ.get("AIGIRL_TEST_BACKEND", "auto")
    if wanted not in {"auto", "postgres", "sqlite"}:
        raise SystemExit(f"AIGIRL_TEST_BACKEND is {wanted!r}; it must be postgres, sqlite or auto.")
    if wanted == "sqlite":
        return "sqlite"
    if servers_answer():
        return "postgres"
    if wanted == "postgres":
        raise SystemExit(
            "AIGIRL_TEST_BACKEND=postgres, but PostgreSQL on 127.0.0.1:5432 or Redis on 127.0.0.1:6379 "
            "does not answer. Start them, or name them in AIGIRL_TEST_DATABASE_URL and AIGIRL_TEST_REDIS_URL."
        )
    return "sqlite"


def environment(backend: str, data_dir: Path) -> dict[str, str]:
    """The whole environment of the product under test: nothing of the person who runs the tests."""
    values = {
        "AIGIRL_ENV_FILE": "",
        "DATA_DIR": str(data_dir),
        "SITE_URL": "http://127.0.0.1:8000",
        "SECRET_KEY": "only-for-tests",
        "REDIS_PREFIX": f"aigirl-test-{os.getpid()}",
    }
    if backend == "postgres":
        values |= {"DATABASE_URL": POSTGRES_URL, "REDIS_URL": REDIS_URL}
    return values


def enter() -> tuple[str, Path]:
    """Cleans the environment of this process and fills it. Call before Django is imported. (backend, data directory)"""
    if "aigirl_site.env" in sys.modules:
        raise SystemExit(
            "The settings were read before the tests could prepare their environment; "
            "unset DJANGO_SETTINGS_MODULE and leave out --ds."
        )
    backend = choose()
    data_dir = Path(tempfile.mkdtemp(prefix="aigirl-test-"))
    for name in list(os.environ):
        if name.startswith(OURS) or name in NAMES:
            del os.environ[name]
    os.environ.update(environment(backend, data_dir), DJANGO_SETTINGS_MODULE="aigirl_site.settings")
    return backend, data_dir


def close_connections(database: str) -> None:
    """Ends whatever threads of any library still hold open to this database of ours."""
    with psycopg.connect(POSTGRES_URL, autocommit=True) as server:
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [database])


@contextmanager
def embedded_redis(socket: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A server on this socket while the block runs."""
    valkey.prepare(socket)
    server = subprocess.Popen(
        tether.tied(valkey.command(socket)),
        preexec_fn=tether.in_child(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        if not valkey.wait(f"unix://{socket}"):
            raise RuntimeError(f"The embedded Redis on {socket} did not answer.")
        yield server
    finally:
        server.kill()
        server.wait()
