"""What an operator proposed, and whether another one approved it."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

_KIND = Q(kind="GIVE") | Q(kind="ADJUST") | Q(kind="CONSUME") | Q(kind="MOVE") | Q(kind="MERGE") | Q(kind="APPOINT")
_STATE = Q(state="OPEN") | Q(state="DONE") | Q(state="REFUSED") | Q(state="WITHDRAWN")
_TWO = ~Q(state="DONE") | (~Q(decided_by=F("proposed_by")) & ~Q(decided_by=""))


class Migration(migrations.Migration):
    """Make the table."""

    dependencies = [("records", "0024_single_sign_on")]

    operations = [
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=7)),
                ("payload", models.JSONField()),
                ("key", models.CharField(blank=True, max_length=80)),
                ("proposed_by", models.CharField(max_length=60)),
                ("proposed_us", models.BigIntegerField()),
                ("lapses_us", models.BigIntegerField()),
                ("state", models.CharField(db_default="OPEN", default="OPEN", max_length=9)),
                ("decided_by", models.CharField(blank=True, db_default="", max_length=60)),
                ("decided_us", models.BigIntegerField(null=True)),
                ("answer", models.JSONField(default=dict)),
                (
                    "team",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.team"),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["state", "proposed_us"], name="proposal_of_state")],
                "constraints": [
                    models.CheckConstraint(condition=_KIND, name="proposal_kind"),
                    models.CheckConstraint(condition=_STATE, name="proposal_state"),
                    models.UniqueConstraint(
                        condition=~Q(key=""), fields=("proposed_by", "key"), name="proposal_key_once"
                    ),
                    models.CheckConstraint(condition=_TWO, name="proposal_takes_two"),
                ],
            },
        ),
    ]
