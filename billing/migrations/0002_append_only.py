"""The database too refuses to change what stands in the ledger. Rows go only with their channel.

On SQLite a later change to the table's columns makes the table anew and loses the trigger: such a migration must be
followed by `in_ink` again. `tests/billing/test_append_only.py` fails where it was forgotten.
"""

from typing import Any

from django.db import migrations

IN_INK = {
    "sqlite": [
        """
        CREATE TRIGGER billing_usage_in_ink BEFORE UPDATE ON billing_usagerecord
        BEGIN SELECT RAISE(ABORT, 'The ledger is append-only.'); END
        """
    ],
    "postgresql": [
        """
        CREATE OR REPLACE FUNCTION billing_usage_in_ink() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'The ledger is append-only.' USING ERRCODE = 'check_violation'; END $$
        """,
        """
        CREATE TRIGGER billing_usage_in_ink BEFORE UPDATE ON billing_usagerecord
        FOR EACH ROW EXECUTE FUNCTION billing_usage_in_ink()
        """,
    ],
}
PLAIN = {
    "sqlite": ["DROP TRIGGER IF EXISTS billing_usage_in_ink"],
    "postgresql": [
        "DROP TRIGGER IF EXISTS billing_usage_in_ink ON billing_usagerecord",
        "DROP FUNCTION IF EXISTS billing_usage_in_ink()",
    ],
}


def in_ink(_apps: Any, schema_editor: Any) -> None:
    for statement in IN_INK[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def plain(_apps: Any, schema_editor: Any) -> None:
    for statement in PLAIN[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    replaces = [("billing", "0007_append_only")]
    dependencies = [("billing", "0001_squashed_0008_customers")]
    operations = [migrations.RunPython(in_ink, plain)]
