"""Lists of people and seats."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

_STATES = ("CHECKED", "RUNNING", "DONE", "STOPPED")


class Migration(migrations.Migration):
    """Make the table."""

    dependencies = [("records", "0021_invitations")]

    operations = [
        migrations.CreateModel(
            name="PeopleList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("actor", models.CharField(max_length=40)),
                ("state", models.CharField(max_length=7)),
                ("rows", models.JSONField()),
                ("read_as", models.JSONField()),
                ("digest", models.CharField(max_length=64)),
                ("choice", models.JSONField(null=True)),
                ("differs", models.JSONField(default=dict)),
                ("left_out", models.JSONField(default=list)),
                ("counts", models.JSONField(default=dict)),
                ("total", models.IntegerField()),
                ("done", models.IntegerField(default=0)),
                ("created_us", models.BigIntegerField()),
                ("began_us", models.BigIntegerField(null=True)),
                ("ended_us", models.BigIntegerField(null=True)),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="people_lists", to="records.team"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(*(("state", state) for state in _STATES), _connector="OR"),
                        name="people_list_state",
                    ),
                ],
                "indexes": [
                    models.Index(condition=Q(("state", "RUNNING")), fields=["id"], name="people_list_running"),
                    models.Index(fields=["created_us"], name="people_list_made"),
                ],
            },
        ),
    ]
