"""Invitations into a team."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


def _of(model: str) -> models.ForeignKey[object, object]:
    return models.ForeignKey(
        on_delete=django.db.models.deletion.CASCADE, related_name="invitations", to=f"records.{model}"
    )


class Migration(migrations.Migration):
    """Make the table."""

    dependencies = [("records", "0020_mails")]

    operations = [
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.CharField(max_length=9)),
                ("language", models.CharField(max_length=5)),
                ("state", models.CharField(default="OPEN", max_length=9)),
                ("nonce", models.CharField(max_length=32)),
                ("created_us", models.BigIntegerField()),
                ("sent_us", models.BigIntegerField()),
                ("ended_us", models.BigIntegerField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("person", _of("person")),
                ("team", _of("team")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(
                            ("role", "PRIMARY"),
                            ("role", "SECONDARY"),
                            ("role", "SSO"),
                            ("role", "USER"),
                            _connector="OR",
                        ),
                        name="invitation_role",
                    ),
                    models.CheckConstraint(
                        condition=Q(("state", "OPEN"), ("state", "ACCEPTED"), ("state", "WITHDRAWN"), _connector="OR"),
                        name="invitation_state",
                    ),
                    models.UniqueConstraint(
                        condition=Q(("state", "OPEN")), fields=("person",), name="invitation_open_once"
                    ),
                ],
            },
        ),
    ]
