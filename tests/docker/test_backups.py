"""docker/backup.sh and docker/restore.sh on real databases: what was there comes back, and nothing else is lost."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.fernet import Fernet

from aigirl_site.backups import database
from aigirl_site.env import ROOT
from tests import backends

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

DATABASE = f"aigirl_backup_{os.getpid()}"
ENGINES = ["sqlite"] + (["postgresql"] if backends.servers_answer() and shutil.which("pg_dump") else [])
TOKEN = "a-token-nobody-may-read"

FILL = f"""
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.utils import timezone
from channels_app.models import Channel, TwitchCredential, User
from workers.models import Run
user = User.objects.create_user("anna", twitch_id="1")
channel = Channel.objects.create(broadcaster=user, login="anna", display_name="Anna")
TwitchCredential.objects.create(user=user, access_token="{TOKEN}", expires_at=timezone.now())
Run.objects.create(name="channel/x", kind="channel", channel=channel, fence=41)
"""
SPOIL = ("UPDATE channels_app_user SET username = 'later'", "CREATE TABLE of_a_newer_version (id integer)")
WORK = (
    "INSERT INTO workers_workerprocess (name, kind, epoch, draining, capacity, host, pid, registered_at, expires_at)"
    " VALUES ('live1@x', 'live', 1, false, 1, 'x', 1, '2026-01-01', '2126-01-01')",
)


class Installation:
    """A data directory with its settings, and the commands its owner would type."""

    def __init__(self, data: Path, database_url: str) -> None:
        self.data = data
        data.mkdir()
        clean = {k: v for k, v in os.environ.items() if k not in backends.NAMES and not k.startswith(backends.OURS)}
        self.environment = clean | {
            "AIGIRL_ENV_FILE": "",
            "DATA_DIR": str(data),
            "DATABASE_URL": database_url,
            "SECRET_KEY": "only-for-tests-of-backups-0123456789",
            "FIELD_KEYS": Fernet.generate_key().decode(),
            "REDIS_URL": "redis://127.0.0.1:1/0",
        }

    def run(self, *command: str, well: bool = True) -> str:
        """Output of a command; its complaint where it has to fail."""
        done = subprocess.run(
            command, cwd=self.data.parent, env=self.environment, capture_output=True, text=True, check=False
        )
        assert (done.returncode == 0) is well, done.stdout + done.stderr
        return done.stdout if well else done.stderr

    def manage(self, *arguments: str) -> str:
        return self.run(str(ROOT / ".venv/bin/python"), str(ROOT / "manage.py"), *arguments)

    def sql(self, *statements: str) -> list[tuple[Any, ...]]:
        """Rows of the last statement."""
        url = self.environment["DATABASE_URL"]
        opened: Any = psycopg.connect(url) if url else sqlite3.connect(self.data / "aigirl.sqlite3")
        with closing(opened), opened:
            for statement in statements:
                cursor = opened.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []

    @property
    def people(self) -> list[str]:
        return [name for (name,) in self.sql("SELECT username FROM channels_app_user")]

    @property
    def fence(self) -> int:
        return int(self.sql("SELECT fence FROM workers_run")[0][0])

    @property
    def token(self) -> str:
        """Read with the present keys."""
        ((sealed,),) = self.sql("SELECT access_token FROM channels_app_twitchcredential")
        return Fernet(self.environment["FIELD_KEYS"]).decrypt(sealed).decode()

    def backup(self, *arguments: str, well: bool = True) -> str:
        return self.run(str(ROOT / "docker/backup.sh"), *arguments, well=well)

    def restore(self, file: Path, *, well: bool = True) -> str:
        return self.run(str(ROOT / "docker/restore.sh"), str(file), well=well)


@contextmanager
def server_database(name: str, like: str = "template1") -> Iterator[str]:
    """URL of a database of its own on the PostgreSQL server."""
    with psycopg.connect(backends.POSTGRES_URL, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
    yield f"{backends.POSTGRES_URL.rpartition('/')[0]}/{name}"
    with psycopg.connect(backends.POSTGRES_URL, autocommit=True) as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module", params=ENGINES)
def first(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One channel with a token, a run and a picture, on each kind of database; tests take a copy."""
    with ExitStack() as stack:
        is_server = request.param == "postgresql"
        url = stack.enter_context(server_database(f"{DATABASE}_first")) if is_server else ""
        made = Installation(tmp_path_factory.mktemp("first") / "data", url)
        made.manage("shell", "-v", "0", "-c", FILL)
        (made.data / "media" / "avatars").mkdir(parents=True)
        (made.data / "media" / "avatars" / "one.png").write_bytes(b"picture")
        yield made


@pytest.fixture
def installation(first: Installation, tmp_path: Path) -> Iterator[Installation]:
    with ExitStack() as stack:
        is_server = bool(first.environment["DATABASE_URL"])
        url = stack.enter_context(server_database(DATABASE, f"{DATABASE}_first")) if is_server else ""
        made = Installation(tmp_path / "data", url)
        made.environment["FIELD_KEYS"] = first.environment["FIELD_KEYS"]
        shutil.copytree(first.data, made.data, dirs_exist_ok=True)
        yield made


def test_what_was_saved_comes_back_and_only_the_keys_open_it(installation: Installation, tmp_path: Path) -> None:
    said = installation.backup("backups", "--keys", "keys")
    (file,) = (tmp_path / "backups").iterdir()
    (keys,) = (tmp_path / "keys").iterdir()
    assert file.name in said
    assert file.stat().st_mode & 0o077 == keys.stat().st_mode & 0o077 == 0
    secrets = {name: installation.environment[name] for name in ("SECRET_KEY", "FIELD_KEYS")}
    assert dict(line.split("=", 1) for line in keys.read_text().splitlines()) == secrets
    with tarfile.open(file) as archive:
        inside = b"".join(part.read() for part in map(archive.extractfile, archive) if part)
    assert not [secret for secret in (*secrets.values(), TOKEN) if secret.encode() in inside]

    installation.sql(*SPOIL)
    (installation.data / "media" / "avatars" / "one.png").unlink()
    installation.environment["FIELD_KEYS"] = Fernet.generate_key().decode()
    assert "secrets cannot be read" in installation.restore(file, well=False)
    installation.environment["FIELD_KEYS"] = secrets["FIELD_KEYS"]
    assert installation.people == ["anna"]
    assert installation.token == TOKEN
    # Overlays that stayed open obey only higher fences than they have seen.
    assert installation.fence > 41 + 1000
    # What a newer version made would stand in the way of its migrations.
    with pytest.raises((sqlite3.OperationalError, psycopg.errors.UndefinedTable)):
        installation.sql("SELECT * FROM of_a_newer_version")
    assert (installation.data / "media" / "avatars" / "one.png").read_bytes() == b"picture"
    assert "is in place" in installation.restore(file)


def test_what_cannot_be_restored_changes_nothing(installation: Installation, tmp_path: Path) -> None:
    installation.backup("backups")
    (file,) = (tmp_path / "backups").iterdir()
    half = tmp_path / "half.tar.gz"
    half.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    spoilt = tmp_path / "spoilt.tar.gz"
    with tarfile.open(file) as whole, tarfile.open(spoilt, "w:gz") as archive:
        archive.addfile(whole.getmember("manifest.json"), whole.extractfile("manifest.json"))
        archive.add(ROOT / "LICENSE", "database")

    assert "no whole backup" in installation.restore(half, well=False)
    assert "Error" in installation.restore(spoilt, well=False)
    installation.sql(*WORK)
    assert "The service runs" in installation.restore(file, well=False)
    assert (installation.people, installation.token, installation.fence) == (["anna"], TOKEN, 41)


def test_a_server_older_than_the_programs_understands_what_they_write(tmp_path: Path) -> None:
    script = tmp_path / "database.sql"
    settings = b"SET statement_timeout = 0;\n%s\nSET client_encoding = 'UTF8';\n"
    rows = b"COPY t (a) FROM stdin;\n" + b"x\n" * database.PREAMBLE_BYTES + b"%s\n\\.\n"
    script.write_bytes((settings + rows) % (database.NEWER_THAN_SOME_SERVERS, database.NEWER_THAN_SOME_SERVERS))
    database.make_older_servers_understand(script)
    assert script.read_bytes() == (settings + rows) % (
        b"--  transaction_timeout = 0;",
        database.NEWER_THAN_SOME_SERVERS,
    )


def test_of_all_that_a_program_says_the_reason_is_told() -> None:
    said = "NOTICE:  drop cascades to 64 other objects\npsql:database.sql:13: ERROR:  permission denied\nmore\n"
    assert database.reason(said, 3) == "psql:database.sql:13: ERROR:  permission denied"
    assert database.reason("pg_dump: hint\npg_dump: error: no server\n", 1) == "pg_dump: error: no server"
    assert database.reason("", 7) == "exit code 7"


class TestArguments:
    """What goes wrong before any database is asked."""

    @pytest.fixture
    def installation(self, tmp_path: Path) -> Installation:
        return Installation(tmp_path / "data", "")

    def test_keys_never_lie_beside_what_they_open(self, installation: Installation) -> None:
        assert "belong apart" in installation.backup("backups", "--keys", "backups/keys", well=False)

    def test_without_a_database_there_is_nothing_to_save(self, installation: Installation) -> None:
        assert "no database at" in installation.backup("backups", well=False)

    def test_only_the_newest_are_kept(self, installation: Installation, tmp_path: Path) -> None:
        installation.sql("CREATE TABLE any_table (id integer)")
        (tmp_path / "backups").mkdir()
        for day in (1, 2, 3):
            (tmp_path / "backups" / f"aigirl-2026010{day}T000000Z.tar.gz").write_text("old")
        (tmp_path / "backups" / "notes.txt").write_text("mine")
        installation.backup("backups", "--keep", "2")
        left = sorted(path.name for path in (tmp_path / "backups").iterdir())
        assert left[0] == "aigirl-20260103T000000Z.tar.gz"
        assert left[2] == "notes.txt"
        assert len(left) == 3

    def test_files_of_another_kind_are_refused(self, installation: Installation, tmp_path: Path) -> None:
        ours_not = tmp_path / "elsewhere.tar.gz"
        with tarfile.open(ours_not, "w:gz") as archive:
            archive.add(ROOT / "LICENSE", "LICENSE")
        file = tmp_path / "other.tar.gz"
        manifest = tmp_path / "manifest.json"
        manifest.write_text('{"format": 1, "engine": "postgresql", "made": "2026-01-01"}')
        with tarfile.open(file, "w:gz") as archive:
            archive.add(manifest, "manifest.json")
        assert "no backup made by this program" in installation.restore(ours_not, well=False)
        assert "postgresql database, and DATABASE_URL names a sqlite one" in installation.restore(file, well=False)
