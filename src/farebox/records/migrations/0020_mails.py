"""Mail that waits to be sent."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

_KINDS = ("INVITATION", "ASSIGNED", "SEAT", "RESET", "HANDOVER", "SIGN_IN_CHANGED")
_STATES = ("WAITING", "SENT", "FAILED", "DROPPED")


def _to(model: str, *, db_index: bool = True) -> models.ForeignKey[object | None, object | None]:
    return models.ForeignKey(
        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to=model, db_index=db_index
    )


class Migration(migrations.Migration):
    """Make the table."""

    dependencies = [("records", "0019_groups_and_defaults")]

    operations = [
        migrations.CreateModel(
            name="Mail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=15)),
                ("facts", models.JSONField()),
                ("language", models.CharField(max_length=5)),
                ("state", models.CharField(default="WAITING", max_length=7)),
                ("tries", models.IntegerField(default=0)),
                ("queued_us", models.BigIntegerField()),
                ("due_us", models.BigIntegerField()),
                ("done_us", models.BigIntegerField(null=True)),
                ("reference", models.CharField(max_length=32)),
                ("trouble", models.CharField(blank=True, max_length=12)),
                ("code", models.IntegerField(default=0)),
                ("person", _to("records.person")),
                ("team", _to("records.team", db_index=False)),
                ("user", _to(settings.AUTH_USER_MODEL)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(*(("kind", kind) for kind in _KINDS), _connector="OR"), name="mail_kind"
                    ),
                    models.CheckConstraint(
                        condition=Q(*(("state", state) for state in _STATES), _connector="OR"), name="mail_state"
                    ),
                    models.CheckConstraint(
                        condition=Q(("person__isnull", False), ("user__isnull", False), _connector="OR"),
                        name="mail_to_somebody",
                    ),
                ],
                "indexes": [
                    models.Index(condition=Q(("state", "WAITING")), fields=["due_us", "id"], name="mail_due"),
                    models.Index(fields=["done_us"], name="mail_done"),
                ],
            },
        ),
    ]
