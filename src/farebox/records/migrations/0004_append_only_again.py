"""Entries, links, acts and audit rows are appended and never changed; the database itself refuses (invariant L6)."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

TABLES = ("records_entry", "records_link", "records_act", "records_audit")

SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {VERB} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is appended to, never changed'); END
"""

POSTGRESQL = """
CREATE OR REPLACE FUNCTION records_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is appended to, never changed', TG_TABLE_NAME; END $$;
DROP TRIGGER IF EXISTS records_entry_append_only ON records_entry;
DROP FUNCTION IF EXISTS records_entry_refuse();
"""
POSTGRESQL_TRIGGER = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION records_refuse_change()
"""


def forbid_changes(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Install the triggers of the engine in use; a table that was rebuilt has lost them."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL, params=None)
        for table in TABLES:
            schema_editor.execute(POSTGRESQL_TRIGGER.format(table=table))
        return
    for table in TABLES:
        for verb in ("update", "delete"):
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")
            schema_editor.execute(SQLITE.format(table=table, verb=verb, VERB=verb.upper()))


class Migration(migrations.Migration):
    """Forbid changes of everything that the books are proven by."""

    dependencies = [("records", "0003_trusted_ledger")]
    operations = [migrations.RunPython(forbid_changes, migrations.RunPython.noop)]
