"""`manage.py backup DIR`: one file with everything that cannot be made again, while the service goes on."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from aigirl_site.backups import archive
from aigirl_site.backups.database import BackupError


class Command(BaseCommand):
    help = "Writes database and pictures into one file of DIR; with --keys also the keys that open them, elsewhere."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", type=Path, metavar="DIR")
        parser.add_argument("--keys", type=Path, metavar="DIR", help="write SECRET_KEY and FIELD_KEYS there as well")
        parser.add_argument("--keep", type=int, metavar="N", help="then delete all but the newest N backups in DIR")

    def handle(self, *_args: Any, directory: Path, keys: Path | None, keep: int | None, **_options: Any) -> None:
        if keep is not None and keep < 1:
            raise CommandError("--keep needs a number of at least 1.")
        now = timezone.now()
        try:
            if keys is not None:
                self.stdout.write(f"keys   {archive.keep_keys(keys, away_from=directory, now=now)}")
            made = archive.make(directory, now=now)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"backup {made} ({made.stat().st_size / 1_000_000:.1f} MB)")
        for old in archive.thin_out(directory, keep=keep) if keep else []:
            self.stdout.write(f"gone   {old}")
