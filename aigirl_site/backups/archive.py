"""One file that holds the database and the pictures people uploaded; and the keys, in a file of their own."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from aigirl_site.backups import database
from aigirl_site.backups.database import BackupError

FORMAT = 1
STAMP = "%Y%m%dT%H%M%SZ"
PATTERN = "aigirl-*.tar.gz"
KEY_NAMES = ("SECRET_KEY", "FIELD_KEYS")


def stamp_of(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(STAMP)


def make(directory: Path, *, now: datetime) -> Path:
    """Writes a backup into the directory, readable by its owner only. Raises BackupError."""
    target = directory / f"aigirl-{stamp_of(now)}.tar.gz"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=directory) as room:
            dump, packed = Path(room) / "database", Path(room) / "packed"
            database.save(dump)
            with tarfile.open(packed, "w:gz") as archive:
                _add_text(archive, "manifest.json", json.dumps(_manifest(now)))
                archive.add(dump, "database")
                if Path(settings.MEDIA_ROOT).is_dir():
                    archive.add(settings.MEDIA_ROOT, "media")
            packed.chmod(0o600)
            # Named only when it is whole: nobody takes half a backup for one.
            packed.rename(target)
    except OSError as error:
        raise BackupError(f"{error.filename or directory}: {error.strerror or error}.") from error
    return target


def thin_out(directory: Path, *, keep: int) -> list[Path]:
    """Deletes all but the newest `keep` backups; returns those that went."""
    old = sorted(directory.glob(PATTERN), reverse=True)[keep:]
    for path in old:
        path.unlink()
    return old


def keep_keys(directory: Path, *, away_from: Path, now: datetime) -> Path:
    """Writes the keys as lines for `.env` into a directory that must not be the backup's. Raises BackupError."""
    if directory.resolve().is_relative_to(away_from.resolve()):
        raise BackupError("The keys belong apart from the backups they open: name another directory with --keys.")
    lines = {"SECRET_KEY": settings.SECRET_KEY, "FIELD_KEYS": ",".join(settings.FIELD_KEYS)}
    target = directory / f"aigirl-keys-{stamp_of(now)}.env"
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        with target.open("x") as file:
            target.chmod(0o600)
            file.writelines(f"{name}={lines[name]}\n" for name in KEY_NAMES)
    except OSError as error:
        raise BackupError(f"{directory} cannot be written to ({error.strerror}).") from error
    return target


def put_back(source: Path, *, now: datetime) -> dict[str, Any]:
    """Puts database and pictures of a backup in the place of those that are there; returns its manifest.

    What was there is kept beside it where it is files. Raises BackupError; the database is then as it was.
    """
    data: Path = settings.ENV.DATA_DIR
    try:
        data.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=data) as room, tarfile.open(source) as archive:
            manifest = _read_manifest(archive)
            _extract(archive, Path(room))
            # To the microsecond: what a restore a moment ago put aside must not be overwritten.
            aside = f"{stamp_of(now)}-{now:%f}"
            database.load(Path(room) / "database", stamp=aside)
            _replace_pictures(Path(room) / "media", aside)
    except (tarfile.TarError, EOFError) as error:
        raise BackupError(f"{source} is no whole backup ({error}); take another one.") from error
    except OSError as error:
        raise BackupError(f"{error.filename or source}: {error.strerror or error}.") from error
    return manifest


def _manifest(now: datetime) -> dict[str, Any]:
    return {"format": FORMAT, "made": now.isoformat(timespec="seconds"), "engine": database.engine()}


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(text.encode())
    archive.addfile(entry, io.BytesIO(text.encode()))


def _read_manifest(archive: tarfile.TarFile) -> dict[str, Any]:
    """The manifest of a backup that fits this house. Raises BackupError."""
    try:
        file = archive.extractfile("manifest.json")
        manifest: dict[str, Any] = json.loads(file.read()) if file else {}
    except (KeyError, ValueError):
        manifest = {}
    if manifest.get("format") != FORMAT:
        raise BackupError("This file is no backup made by this program.")
    if manifest["engine"] != database.engine():
        raise BackupError(
            f"This backup is of a {manifest['engine']} database, and DATABASE_URL names a {database.engine()} one."
        )
    return manifest


def _extract(archive: tarfile.TarFile, room: Path) -> None:
    """Plain files only, and only into the room, whatever the archive says."""
    for member in archive:
        path = (room / member.name).resolve()
        if not member.isfile() or not path.is_relative_to(room.resolve()):
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        content = archive.extractfile(member)
        if content is not None:
            with path.open("wb") as file:
                while part := content.read(1 << 20):
                    file.write(part)


def _replace_pictures(new: Path, stamp: str) -> None:
    place = Path(settings.MEDIA_ROOT)
    if place.is_dir():
        place.rename(place.with_name(f"{place.name}.replaced-{stamp}"))
    if new.is_dir():
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(new, place)
