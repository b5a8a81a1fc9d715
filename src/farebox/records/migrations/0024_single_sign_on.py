"""Sessions kept as hashes, and single sign-on of teams."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

import farebox.records.models.oauth


def _id() -> models.BigAutoField[int, int]:
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    """Make the tables. Who was signed in before signs in again: sessions were kept otherwise."""

    dependencies = [("records", "0023_where_to_get")]

    operations = [
        migrations.CreateModel(
            name="Session",
            fields=[
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                (
                    "session_key",
                    farebox.records.models.oauth.HashedCode(max_length=64, primary_key=True, serialize=False),
                ),
                ("began_us", models.BigIntegerField()),
                ("seen_us", models.BigIntegerField()),
                ("browser", models.CharField(blank=True, max_length=60)),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"verbose_name": "session", "verbose_name_plural": "sessions", "abstract": False},
        ),
        migrations.CreateModel(
            name="SsoConnection",
            fields=[
                ("id", _id()),
                ("key", models.CharField(max_length=32, unique=True)),
                ("name", models.CharField(max_length=60)),
                ("issuer", models.CharField(max_length=400)),
                ("client_id", models.CharField(max_length=200)),
                ("secret", models.TextField()),
                ("joins", models.BooleanField(default=False)),
                ("enforced", models.BooleanField(default=False)),
                ("tested_us", models.BigIntegerField(null=True)),
                ("created_us", models.BigIntegerField()),
                (
                    "team",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="sso", to="records.team"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(("enforced", False), ("tested_us__isnull", False), _connector="OR"),
                        name="sso_tested_first",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SsoDomain",
            fields=[
                ("id", _id()),
                ("domain", models.CharField(max_length=253)),
                ("challenge", models.CharField(max_length=64)),
                ("created_us", models.BigIntegerField()),
                ("proven_us", models.BigIntegerField(null=True)),
                ("checked_us", models.BigIntegerField(null=True)),
                ("missed_us", models.BigIntegerField(null=True)),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sso_domains",
                        to="records.team",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("team", "domain"), name="sso_domain_once"),
                    models.UniqueConstraint(
                        condition=Q(("proven_us__isnull", False)), fields=("domain",), name="sso_domain_one_team"
                    ),
                ],
            },
        ),
    ]
