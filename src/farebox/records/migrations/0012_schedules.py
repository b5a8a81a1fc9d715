"""Schedules of exports, and the times at which each was run."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the tables of schedules and of their runs."""

    dependencies = [("records", "0011_exports")]
    operations = [
        migrations.CreateModel(
            name="Schedule",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("frequency", models.CharField(max_length=200)),
                ("enabled", models.BooleanField()),
                ("wanted", models.JSONField()),
                ("created_us", models.BigIntegerField()),
                ("next_us", models.BigIntegerField()),
                ("last_us", models.BigIntegerField(null=True)),
                ("error", models.CharField(blank=True, max_length=200)),
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
                        related_name="schedules",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.team",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("enabled", True)), fields=["next_us"], name="schedule_due"),
                    models.Index(fields=["team", "owner", "created_us"], name="schedule_of"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ScheduleRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("due_us", models.BigIntegerField()),
                ("ran_us", models.BigIntegerField()),
                ("made", models.IntegerField(default=0)),
                ("error", models.CharField(blank=True, max_length=200)),
                (
                    "schedule",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="runs",
                        to="records.schedule",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.team",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("schedule", "due_us"), name="schedule_run_once"),
                ],
            },
        ),
    ]
