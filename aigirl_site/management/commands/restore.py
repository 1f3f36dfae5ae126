"""`manage.py restore FILE`: a backup in the place of what is there. The service must not run."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.db.models import F
from django.utils import timezone

from aigirl_site.backups import archive
from aigirl_site.backups.database import BackupError
from channels_app.fields import EncryptedTextField
from workers.fleet import lease
from workers.models import Run, WorkerProcess

FENCE_LEAP = 100_000
"""More claims than any run had since the backup: open overlays obey only higher fences than they have seen."""


class Command(BaseCommand):
    help = "Puts the backup in FILE in the place of the present database and pictures. Stop the service first."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *_args: Any, file: Path, **_options: Any) -> None:
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        if somebody_works():
            raise CommandError("The service runs. Stop it first, so that it does not write into what is replaced.")
        try:
            manifest = archive.put_back(file, now=timezone.now())
        except BackupError as error:
            raise CommandError(str(error)) from error
        call_command("migrate", verbosity=0, interactive=False)
        Run.objects.update(fence=F("fence") + FENCE_LEAP)
        self.stdout.write(f"The backup of {manifest['made']} is in place.")
        if unreadable := locked_rows():
            raise CommandError(
                f"But its secrets cannot be read with the present FIELD_KEYS ({unreadable}). Copy both lines of the "
                "keys file into .env before you start the service; nothing has to be restored again."
            )


def somebody_works() -> bool:
    """Whether a process of the fleet lives. A database that is empty or away has none."""
    try:
        return WorkerProcess.objects.filter(lease.living_workers()).exists()
    except DatabaseError:
        return False


def locked_rows() -> str:
    """The first kind of row whose secret no key of ours opens, or ""."""
    for model in apps.get_models():
        names = [field.name for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)]
        try:
            for row in model._base_manager.values_list(*names)[:1] if names else []:
                assert row
        except ImproperlyConfigured:
            return str(model._meta.verbose_name)
    return ""
