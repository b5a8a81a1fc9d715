"""Programs that act for people or for one administrator; codes kept hashed; families of tokens and their beginning."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import farebox.records.models.oauth


def _person() -> models.ForeignKey[object, object]:
    return models.ForeignKey(
        blank=True,
        null=True,
        on_delete=django.db.models.deletion.SET_NULL,
        related_name="+",
        to=settings.AUTH_USER_MODEL,
    )


class Migration(migrations.Migration):
    """Add what the library's own models leave out."""

    dependencies = [("records", "0013_enrichment")]
    operations = [
        migrations.AddField("accesstoken", "family", models.UUIDField(db_index=True, null=True)),
        migrations.AddField("application", "acts_for", _person()),
        migrations.AddField("application", "implicit", models.BooleanField(default=False)),
        migrations.AddField("application", "pkce", models.BooleanField(default=False)),
        migrations.AddField("application", "revoked_us", models.BigIntegerField(null=True)),
        migrations.AddField("application", "scopes", models.CharField(default="data:read", max_length=100)),
        migrations.AddField("grant", "family", models.UUIDField(default=uuid.uuid4)),
        migrations.AddField("grant", "spent_us", models.BigIntegerField(null=True)),
        migrations.AddField("refreshtoken", "began_us", models.BigIntegerField(default=0)),
        migrations.AddField("refreshtoken", "scope", models.TextField(default="")),
        migrations.AddField("team", "two_legged", models.BooleanField(db_default=False, default=False)),
        migrations.AlterField("application", "user", _person()),
        migrations.AlterField("grant", "code", farebox.records.models.oauth.HashedCode(max_length=64, unique=True)),
    ]
