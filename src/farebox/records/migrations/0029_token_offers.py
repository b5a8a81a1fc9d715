"""Tokens offered to the primary administrator of another team, and the mail that tells of it."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

_STATES = ("OPEN", "ACCEPTED", "REFUSED", "WITHDRAWN")
_KINDS = ("INVITATION", "ASSIGNED", "SEAT", "RESET", "HANDOVER", "SIGN_IN_CHANGED", "TOKENS_OFFERED")


def _to(model: str, *, db_index: bool = True) -> models.ForeignKey[object, object]:
    return models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=model, db_index=db_index)


def _any(column: str, words: tuple[str, ...]) -> Q:
    return Q(*((column, word) for word in words), _connector="OR")


class Migration(migrations.Migration):
    """Make the table, and let mails be of one more kind."""

    dependencies = [("records", "0028_withdrawals_proposed")]

    operations = [
        migrations.CreateModel(
            name="TokenOffer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("tokens_micro", models.BigIntegerField()),
                ("address", models.CharField(max_length=254)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("state", models.CharField(default="OPEN", max_length=9)),
                ("offered_us", models.BigIntegerField()),
                ("until_us", models.BigIntegerField()),
                ("closed_us", models.BigIntegerField(null=True)),
                ("giver", _to(settings.AUTH_USER_MODEL)),
                ("pack", _to("records.pack")),
                ("team", _to("records.team", db_index=False)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=Q(("tokens_micro__gt", 0)), name="token_offer_of_something"),
                    models.CheckConstraint(condition=Q(("until_us__gt", F("offered_us"))), name="token_offer_span"),
                    models.CheckConstraint(condition=_any("state", _STATES), name="token_offer_state"),
                ],
                "indexes": [
                    models.Index(fields=["team", "offered_us"], name="token_offer_of_team"),
                    models.Index(condition=Q(("state", "OPEN")), fields=["address"], name="token_offer_to"),
                ],
            },
        ),
        migrations.RemoveConstraint(model_name="mail", name="mail_kind"),
        migrations.AddConstraint(
            model_name="mail", constraint=models.CheckConstraint(condition=_any("kind", _KINDS), name="mail_kind")
        ),
    ]
