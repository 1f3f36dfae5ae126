"""How the database becomes empty after a test that really committed.

Django's own way truncates every table, which costs PostgreSQL two thirds of a second, and makes the content types and
permissions anew. A test leaves rows in a handful of tables: these are deleted, and what every migration makes stays.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.test import TransactionTestCase

LASTING = {"django_content_type", "auth_permission"}
"""The same after every migration; no test changes them."""


def install() -> None:
    """From now on tests empty the database this way."""
    TransactionTestCase._fixture_teardown = _empty  # type: ignore[attr-defined]


def _empty(_case: Any) -> None:
    tables = [
        connection.ops.quote_name(name)
        for name in connection.introspection.django_table_names(only_existing=False, include_views=False)
        if name not in LASTING
    ]
    # Foreign keys are looked at when the transaction ends, so that the order is of no matter.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in tables))
        for (name,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {name}")
