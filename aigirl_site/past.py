"""Databases too old for this version: steps of theirs that were never taken stand nowhere any more."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

TOO_OLD = (
    "This database was made by an earlier version, and the steps from there to here have been put together since. "
    'Start the version before that once, then this one: "Updating" in docs/deployment.md has the commands.'
)


def is_too_old(connection: BaseDatabaseWrapper) -> bool:
    """Whether some migrations whose files are gone were carried out and others, replaced by the same one, were not.

    Django leaves such a replacement out without a word, and the tables it would make with it.
    """
    loader = MigrationLoader(connection, load=False)
    loader.load_disk()
    done = MigrationRecorder(connection).applied_migrations().keys()
    for migration in loader.disk_migrations.values():
        gone = set(migration.replaces) - loader.disk_migrations.keys()
        if gone & done and gone - done:
            return True
    return False
