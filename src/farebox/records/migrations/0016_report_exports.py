"""Exports that are files of reports, and the teams that one covers where it covers several."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add what such an export is to be, and the table of teams."""

    dependencies = [("records", "0015_export_turns")]
    operations = [
        migrations.AddField("exportrequest", "report", models.JSONField(null=True)),
        migrations.CreateModel(
            name="ExportTeam",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "export",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="teams",
                        to="records.exportrequest",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.team"),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("export", "team"), name="export_team_once")],
            },
        ),
    ]
