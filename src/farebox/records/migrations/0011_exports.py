"""Exports that were requested, and how far each is."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the table of export requests."""

    dependencies = [("records", "0010_stored_queries")]
    operations = [
        migrations.CreateModel(
            name="ExportRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=56, unique=True)),
                ("origin", models.CharField(max_length=8)),
                ("schedule", models.CharField(blank=True, max_length=36)),
                ("question", models.JSONField()),
                ("file_name", models.CharField(max_length=200)),
                ("state", models.CharField(max_length=9)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("read", models.BooleanField(default=False)),
                ("attempt", models.IntegerField(default=0)),
                ("tries", models.IntegerField(default=0)),
                ("claimed_until_us", models.BigIntegerField(null=True)),
                ("rows_written", models.BigIntegerField(default=0)),
                ("rows_expected", models.BigIntegerField(null=True)),
                ("size_bytes", models.BigIntegerField(default=0)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("position", models.BigIntegerField(default=0)),
                ("as_of_us", models.BigIntegerField(default=0)),
                ("names_hidden", models.BooleanField(default=False)),
                ("requested_us", models.BigIntegerField()),
                ("finished_us", models.BigIntegerField(null=True)),
                ("expires_us", models.BigIntegerField(null=True)),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.contract"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="exports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["owner", "requested_us"], name="export_of"),
                    models.Index(
                        condition=models.Q(("state", "REQUESTED"), ("state", "RUNNING"), _connector="OR"),
                        fields=["id"],
                        name="export_outstanding",
                    ),
                    models.Index(condition=models.Q(("state", "READY")), fields=["expires_us"], name="export_expiring"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "REQUESTED"),
                            ("state", "RUNNING"),
                            ("state", "READY"),
                            ("state", "FAILED"),
                            ("state", "EXPIRED"),
                            _connector="OR",
                        ),
                        name="export_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("origin", "API"), ("origin", "SCHEDULE"), ("origin", "PAGE"), _connector="OR"
                        ),
                        name="export_origin",
                    ),
                ],
            },
        ),
    ]
