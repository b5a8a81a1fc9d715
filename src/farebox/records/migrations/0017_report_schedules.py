"""Report files that are made each week or month, and the clock of each team by which they are."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the table, and give each team UTC."""

    dependencies = [("records", "0016_report_exports")]
    operations = [
        migrations.AddField("team", "time_zone", models.CharField(db_default="UTC", default="UTC", max_length=64)),
        migrations.CreateModel(
            name="ReportSchedule",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("every", models.CharField(max_length=5)),
                ("on_day", models.SmallIntegerField()),
                ("hour", models.SmallIntegerField()),
                ("wanted", models.JSONField()),
                ("enabled", models.BooleanField(default=True)),
                ("created_us", models.BigIntegerField()),
                ("next_us", models.BigIntegerField()),
                ("last_us", models.BigIntegerField(null=True)),
                ("trouble", models.CharField(blank=True, max_length=12)),
                (
                    "contract",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.contract",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.team"),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("every", "week"), ("every", "month"), _connector="OR"),
                        name="report_schedule_every",
                    )
                ],
                "indexes": [
                    models.Index(condition=models.Q(("enabled", True)), fields=["next_us"], name="report_schedule_due")
                ],
            },
        ),
    ]
