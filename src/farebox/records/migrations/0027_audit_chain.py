"""The chain of the audit log: what waits for a link, and the links, which are appended and never changed."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

LINK = "records_auditlink"

SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {VERB} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is appended to, never changed'); END
"""
SQLITE_WAITS = """
CREATE TRIGGER records_audit_waits AFTER INSERT ON records_audit
BEGIN INSERT INTO records_auditwaiting (audit_id, chain) VALUES (NEW.id, COALESCE(NEW.team_id, 0)); END
"""
POSTGRESQL = """
CREATE TRIGGER records_auditlink_append_only BEFORE UPDATE OR DELETE ON records_auditlink
FOR EACH ROW EXECUTE FUNCTION records_refuse_change();
CREATE FUNCTION records_audit_waits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO records_auditwaiting (audit_id, chain) VALUES (NEW.id, COALESCE(NEW.team_id, 0)); RETURN NULL; END $$;
CREATE TRIGGER records_audit_waits AFTER INSERT ON records_audit
FOR EACH ROW EXECUTE FUNCTION records_audit_waits();
"""
BEFORE = (
    "INSERT INTO records_auditwaiting (audit_id, chain) SELECT a.id, COALESCE(a.team_id, 0) FROM records_audit a "
    "WHERE NOT EXISTS (SELECT 1 FROM records_auditwaiting w WHERE w.audit_id = a.id)"
)
"""What was written before there was a chain is sealed as well."""


def install(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Have each new row wait for its link, and forbid changes of links."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL, params=None)
    else:
        for verb in ("update", "delete"):
            schema_editor.execute(SQLITE.format(table=LINK, verb=verb, VERB=verb.upper()))
        schema_editor.execute(SQLITE_WAITS)
    schema_editor.execute(BEFORE)


def _row(**kwargs: Any) -> models.OneToOneField[object, object]:
    return models.OneToOneField(
        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.audit", **kwargs
    )


class Migration(migrations.Migration):
    """Make the tables, and have what is there wait."""

    dependencies = [("records", "0026_handovers")]

    operations = [
        migrations.CreateModel(
            name="AuditWaiting",
            fields=[
                ("audit", _row(primary_key=True, serialize=False, db_constraint=False)),
                ("chain", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="AuditLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("chain", models.BigIntegerField()),
                ("number", models.BigIntegerField()),
                ("hash", models.BinaryField(max_length=32)),
                ("sealed_us", models.BigIntegerField()),
                ("audit", _row()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("chain", "number"), name="audit_link_once"),
                ],
            },
        ),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]
