"""Usage queries that were submitted, and their answers in parts of a thousand rows, for as long as they are kept."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the tables of queries and of the parts of their answers."""

    dependencies = [("records", "0009_batch_drafts")]
    operations = [
        migrations.CreateModel(
            name="StoredQuery",
            fields=[
                ("id", models.CharField(max_length=56, primary_key=True, serialize=False)),
                ("question", models.JSONField()),
                ("statement", models.CharField(max_length=56)),
                ("status", models.CharField(max_length=10)),
                ("run", models.IntegerField(default=1)),
                ("claimed_until_us", models.BigIntegerField()),
                ("columns", models.JSONField(default=list)),
                ("total", models.BigIntegerField(default=0)),
                ("stored_bytes", models.BigIntegerField(default=0)),
                ("position", models.BigIntegerField(default=0)),
                ("as_of_us", models.BigIntegerField(default=0)),
                ("submitted_us", models.BigIntegerField()),
                ("started_us", models.BigIntegerField(null=True)),
                ("finished_us", models.BigIntegerField(null=True)),
                ("expires_us", models.BigIntegerField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="records.contract"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StoredPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("run", models.IntegerField()),
                ("number", models.IntegerField()),
                ("body", models.BinaryField()),
                (
                    "query",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="records.storedquery",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="storedquery",
            index=models.Index(fields=["expires_us"], name="query_expiring"),
        ),
        migrations.AddConstraint(
            model_name="storedquery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status", "QUEUED"),
                    ("status", "PROCESSING"),
                    ("status", "DONE"),
                    ("status", "FAILED"),
                    ("status", "TIMEOUT"),
                    ("status", "EXPIRED"),
                    _connector="OR",
                ),
                name="query_status",
            ),
        ),
        migrations.AddConstraint(
            model_name="storedpart",
            constraint=models.UniqueConstraint(fields=("query", "run", "number"), name="part_once"),
        ),
    ]
