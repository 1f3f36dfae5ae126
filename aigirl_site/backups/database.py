"""The database as one file, and back. SQLite by its own online copy, PostgreSQL by its own tools."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.backends.postgresql.client import DatabaseClient

PROGRAMS = ("pg_dump", "pg_restore", "psql")
NEWER_THAN_SOME_SERVERS = b"SET transaction_timeout = 0;"
"""pg_restore 17 begins with it wherever the copy came from, and servers before 17 refuse it. 0 is the default."""
PREAMBLE_BYTES = 4096
"""Session settings stand before anything of the database does."""


class BackupError(Exception):
    """It was not done, and nothing was lost. The message says why, and what to do."""


def engine() -> str:
    """`sqlite` or `postgresql`."""
    return str(connection.vendor)


def save(target: Path) -> None:
    """Writes the whole database into the file while the service may go on. Raises BackupError."""
    if engine() == "sqlite":
        _copy_sqlite(Path(connection.settings_dict["NAME"]), target)
    else:
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def load(source: Path, *, stamp: str) -> None:
    """Puts the file in the place of the database: all of it, or nothing. Raises BackupError.

    The SQLite file that was there stays beside the new one, with `stamp` in its name.
    """
    connection.close()
    if engine() == "sqlite":
        _replace_sqlite(source, Path(connection.settings_dict["NAME"]), stamp)
        return
    with tempfile.TemporaryDirectory(dir=source.parent) as directory:
        # By way of a file: psql would take the end of a broken pipe for the end of the story, and commit half of it.
        script = Path(directory) / "database.sql"
        _run("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(source), connect=False)
        make_older_servers_understand(script)
        _run(
            "psql", "--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null",
            # All of it: tables that a newer version made would stand in the way of its migrations.
            "--command=DROP SCHEMA public CASCADE", "--command=CREATE SCHEMA public", f"--file={script}",
        )  # fmt: skip


def make_older_servers_understand(script: Path) -> None:
    """Turns the setting into a comment of the same length: the rest, which may be gigabytes, stays where it is."""
    with script.open("r+b") as file:
        place = file.read(PREAMBLE_BYTES).find(b"\n" + NEWER_THAN_SOME_SERVERS)
        if place >= 0:
            file.seek(place + 1)
            file.write(b"-- ")


def _copy_sqlite(source: Path, target: Path) -> None:
    if not source.is_file():
        raise BackupError(f"There is no database at {source}; start the service once, or check DATA_DIR.")
    try:
        with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(target)) as copy:
            original.backup(copy)
            # A copy in one file, whatever journal the original keeps beside it.
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise BackupError(f"The database at {source} could not be copied ({error}).") from error


def _replace_sqlite(source: Path, place: Path, stamp: str) -> None:
    try:
        with closing(sqlite3.connect(source)) as copy:
            (verdict,) = copy.execute("PRAGMA integrity_check").fetchone()
            copy.execute("SELECT count(*) FROM django_migrations")
    except sqlite3.Error as error:
        verdict = str(error)
    if verdict != "ok":
        raise BackupError(f"The database in this backup is damaged ({verdict}); take an older one.")
    place.parent.mkdir(parents=True, exist_ok=True)
    new = place.with_name(f"{place.name}.new")
    shutil.copyfile(source, new)
    for suffix in ("", "-wal", "-shm"):
        old = place.with_name(place.name + suffix)
        if old.exists():
            # The journal belongs to its file: beside the new one it would be played into it.
            old.rename(place.with_name(f"{place.name}.replaced-{stamp}{suffix}"))
    new.rename(place)


def _run(program: str, *arguments: str, connect: bool = True) -> None:
    """One of PostgreSQL's programs on our database. The password goes by the environment, where nobody can list it."""
    if shutil.which(program) is None:
        raise BackupError(f"{program} is not installed; on Debian and Ubuntu: sudo apt install postgresql-client")
    command, environment = [program, *arguments], dict(os.environ)
    if connect:
        words, secrets = DatabaseClient.settings_to_cmd_args_env(_settings(), [])
        command += words[1:]
        environment |= secrets or {}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise BackupError(f"{program} failed, and nothing was changed: {reason(done.stderr, done.returncode)}")


def reason(said: str, code: int) -> str:
    """The line that tells why; notices may stand before it."""
    lines = said.strip().splitlines() or [f"exit code {code}"]
    return next((line for line in lines if re.search(r"\b(ERROR|error|FATAL|fatal):", line)), lines[0])


def _settings() -> dict[str, Any]:
    return dict(connection.settings_dict)
