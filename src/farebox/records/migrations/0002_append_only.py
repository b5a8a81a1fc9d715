"""The ledger is appended to and never changed; the database itself refuses (domain L2, invariant L6)."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

SQLITE = """
CREATE TRIGGER records_entry_no_update BEFORE UPDATE ON records_entry
BEGIN SELECT RAISE(ABORT, 'ledger entries are appended, never changed'); END;
CREATE TRIGGER records_entry_no_delete BEFORE DELETE ON records_entry
BEGIN SELECT RAISE(ABORT, 'ledger entries are appended, never deleted'); END;
"""

POSTGRESQL = """
CREATE FUNCTION records_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'ledger entries are appended, never changed or deleted'; END $$;
CREATE TRIGGER records_entry_append_only BEFORE UPDATE OR DELETE ON records_entry
FOR EACH ROW EXECUTE FUNCTION records_entry_refuse();
"""


def forbid_changes(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Install the triggers of the engine in use."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL)
        return
    for statement in SQLITE.split("END;"):
        if statement.strip():
            schema_editor.execute(statement + "END;")


class Migration(migrations.Migration):
    """Forbid changes of the ledger."""

    dependencies = [("records", "0001_initial")]
    operations = [migrations.RunPython(forbid_changes, migrations.RunPython.noop)]
