"""A table that cannot be found for a while: what a database that fails looks like to whoever asks it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.db import connection


@contextlib.asynccontextmanager
async def absent(table: str) -> AsyncIterator[None]:
    """The table cannot be found while the block runs."""
    await sync_to_async(rename)(table, "away")
    try:
        yield
    finally:
        await sync_to_async(rename)("away", table)


def rename(old: str, new: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {old} RENAME TO {new}")
