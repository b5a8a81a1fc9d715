"""Handing over the primary role: offers, of which a team has one open at most."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

STATES = ("OPEN", "ACCEPTED", "REFUSED", "WITHDRAWN", "LAPSED")


def _known_state() -> Q:
    condition = Q(state=STATES[0])
    for state in STATES[1:]:
        condition |= Q(state=state)
    return condition


class Migration(migrations.Migration):
    """Make the table."""

    dependencies = [("records", "0025_proposals")]

    operations = [
        migrations.CreateModel(
            name="Handover",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("state", models.CharField(default="OPEN", max_length=9)),
                ("offered_us", models.BigIntegerField()),
                ("until_us", models.BigIntegerField()),
                ("closed_us", models.BigIntegerField(null=True)),
                (
                    "giver",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "receiver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="handovers",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="handovers",
                        to="records.team",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["team", "offered_us"], name="handover_of_team")],
                "constraints": [
                    models.UniqueConstraint(condition=Q(("state", "OPEN")), fields=("team",), name="handover_one_open"),
                    models.CheckConstraint(condition=Q(("until_us__gt", F("offered_us"))), name="handover_span"),
                    models.CheckConstraint(
                        condition=Q(("giver", F("receiver")), _negated=True), name="handover_two_people"
                    ),
                    models.CheckConstraint(condition=_known_state(), name="handover_state"),
                ],
            },
        ),
    ]
