"""
All tables as the migrations before them leave them, made in one step where nothing is yet.

Whoever has some of those migrations gets the others one by one.
"""

import uuid
from collections.abc import Callable
from importlib import import_module

import django.db.models.deletion
import django.db.models.expressions
import oauth2_provider.generators
import oauth2_provider.models
from django.conf import settings
from django.db import migrations, models

import farebox.records.models.fields
import farebox.records.models.oauth

REPLACED = (
    "0001_initial",
    "0002_append_only",
    "0003_trusted_ledger",
    "0004_append_only_again",
    "0005_open_uses",
    "0006_token_events",
    "0007_over_consumed",
    "0008_sequences",
    "0009_batch_drafts",
    "0010_stored_queries",
    "0011_exports",
    "0012_schedules",
    "0013_enrichment",
    "0014_oauth",
    "0015_export_turns",
    "0016_report_exports",
    "0017_report_schedules",
    "0018_sums_of_days",
    "0019_groups_and_defaults",
    "0020_mails",
    "0021_invitations",
    "0022_people_lists",
    "0023_where_to_get",
    "0024_single_sign_on",
    "0025_proposals",
    "0026_handovers",
    "0027_audit_chain",
)


def _of(name: str, step: str) -> Callable[..., None]:
    """Return a step of a migration that this one replaces."""
    found: Callable[..., None] = getattr(import_module(f"farebox.records.migrations.{name}"), step)
    return found


STEPS = (
    _of("0004_append_only_again", "forbid_changes"),
    _of("0008_sequences", "make_sequences"),
    _of("0027_audit_chain", "install"),
)
"""What no table tells: that books are only appended to, the series of numbers, and what waits for the audit's chain."""


class Migration(migrations.Migration):
    """Make all tables at once, then the triggers and sequences."""

    initial = True
    replaces = [("records", name) for name in REPLACED]

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("id", farebox.records.models.fields.Number(primary_key=True, serialize=False)),
                ("charges_since", models.BigIntegerField()),
                ("charges_until", models.BigIntegerField()),
                ("ended", models.TextField()),
                ("booked_us", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="BatchDraft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("charges_since", models.BigIntegerField()),
                ("charges_until", models.BigIntegerField()),
                ("ended", models.TextField()),
                ("booked_us", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Counter",
            fields=[
                ("name", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("value", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Family",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=60, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("scope", models.CharField(max_length=100)),
                ("key", models.CharField(max_length=200)),
                ("fingerprint", models.BinaryField(max_length=32)),
                ("answer", models.JSONField()),
                ("created_us", models.BigIntegerField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("scope", "key"), name="idempotency_once")],
            },
        ),
        migrations.CreateModel(
            name="Intake",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.BigIntegerField(default=0)),
                ("team", models.BigIntegerField(default=0)),
                ("hour_us", models.BigIntegerField()),
                ("received", models.BigIntegerField(default=0)),
                ("accepted", models.BigIntegerField(default=0)),
                ("duplicate", models.BigIntegerField(default=0)),
                ("rejected", models.BigIntegerField(default=0)),
                ("quarantined", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("source", "team", "hour_us"), name="intake_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "received",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("accepted"), "+", models.F("duplicate")
                                        ),
                                        "+",
                                        models.F("rejected"),
                                    ),
                                    "+",
                                    models.F("quarantined"),
                                ),
                            )
                        ),
                        name="intake_adds_up",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Offer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=60, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="RateCard",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=60, unique=True)),
                ("demo", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="Team",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=60, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("names_hidden", models.BooleanField(default=False)),
                ("two_legged", models.BooleanField(db_default=False, default=False)),
                ("exporting_us", models.BigIntegerField(db_default=0, default=0)),
                ("time_zone", models.CharField(db_default="UTC", default="UTC", max_length=64)),
                ("created_us", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("email", models.EmailField(max_length=254, unique=True)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("language", models.CharField(blank=True, max_length=5)),
                ("is_active", models.BooleanField(default=True)),
                ("is_operator", models.BooleanField(default=False)),
                ("created_us", models.BigIntegerField(default=0)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Act",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="acts", to="records.team"
                    ),
                ),
                ("kind", models.CharField(max_length=11)),
                ("actor", models.CharField(max_length=100)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("facts", models.JSONField(default=dict)),
                ("booked_us", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind", "MOVE"),
                            ("kind", "MERGE"),
                            ("kind", "CLOSE_BOOKS"),
                            ("kind", "JOIN"),
                            _connector="OR",
                        ),
                        name="act_kind",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Application",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "client_id",
                    models.CharField(
                        db_index=True,
                        default=oauth2_provider.generators.generate_client_id,
                        max_length=255,
                        unique=True,
                        verbose_name="client ID",
                    ),
                ),
                (
                    "redirect_uris",
                    models.TextField(
                        blank=True, help_text="Allowed URIs list, space separated", verbose_name="redirect URIs"
                    ),
                ),
                (
                    "post_logout_redirect_uris",
                    models.TextField(
                        blank=True,
                        default="",
                        help_text="Allowed Post Logout URIs list, space separated",
                        verbose_name="post logout redirect URIs",
                    ),
                ),
                (
                    "client_type",
                    models.CharField(
                        choices=[("confidential", "Confidential"), ("public", "Public")],
                        max_length=32,
                        verbose_name="client type",
                    ),
                ),
                (
                    "authorization_grant_type",
                    models.CharField(
                        choices=[
                            ("authorization-code", "Authorization code"),
                            ("urn:ietf:params:oauth:grant-type:device_code", "Device Code"),
                            ("implicit", "Implicit"),
                            ("password", "Resource owner password-based"),
                            ("client-credentials", "Client credentials"),
                            ("openid-hybrid", "OpenID connect hybrid"),
                        ],
                        max_length=44,
                        verbose_name="authorization grant type",
                    ),
                ),
                (
                    "client_secret",
                    oauth2_provider.models.ClientSecretField(
                        blank=True,
                        db_index=True,
                        default=oauth2_provider.generators.generate_client_secret,
                        help_text="Client secret for authentication",
                        max_length=255,
                        verbose_name="client secret",
                    ),
                ),
                ("hash_client_secret", models.BooleanField(default=True, verbose_name="hash client secret")),
                ("name", models.CharField(blank=True, max_length=255, verbose_name="name")),
                ("skip_authorization", models.BooleanField(default=False, verbose_name="skip authorization")),
                ("created", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated", models.DateTimeField(auto_now=True, verbose_name="updated")),
                (
                    "algorithm",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "No OIDC support"),
                            ("RS256", "RSA with SHA-2 256"),
                            ("HS256", "HMAC with SHA-2 256"),
                        ],
                        default="",
                        max_length=5,
                        verbose_name="algorithm",
                    ),
                ),
                (
                    "allowed_origins",
                    models.TextField(
                        blank=True,
                        default="",
                        help_text="Allowed origins list to enable CORS, space separated",
                        verbose_name="allowed origins",
                    ),
                ),
                (
                    "registration_source",
                    models.CharField(
                        choices=[
                            ("manual", "Manual"),
                            ("dcr", "Dynamic Client Registration"),
                            ("cimd", "Client ID Metadata Document"),
                        ],
                        default="manual",
                        help_text="How this application was registered (manual, DCR per RFC 7591, or CIMD)",
                        max_length=32,
                        verbose_name="registration source",
                    ),
                ),
                (
                    "cimd_expires_at",
                    models.DateTimeField(
                        blank=True,
                        default=None,
                        help_text="When the cached Client ID Metadata Document should be re-fetched",
                        null=True,
                        verbose_name="CIMD expires at",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="records.team"
                    ),
                ),
                ("two_legged", models.BooleanField(default=False)),
                (
                    "acts_for",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("implicit", models.BooleanField(default=False)),
                ("pkce", models.BooleanField(default=False)),
                ("scopes", models.CharField(default="data:read", max_length=100)),
                ("revoked_us", models.BigIntegerField(null=True)),
            ],
            options={
                "abstract": False,
                "swappable": "OAUTH2_PROVIDER_APPLICATION_MODEL",
            },
        ),
        migrations.CreateModel(
            name="Audit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.team",
                    ),
                ),
                ("at_us", models.BigIntegerField()),
                ("actor", models.CharField(max_length=60)),
                ("verb", models.CharField(max_length=40)),
                ("object", models.CharField(max_length=80)),
                ("facts", models.JSONField(default=dict)),
            ],
            options={
                "indexes": [models.Index(fields=["team", "at_us"], name="audit_of_team")],
            },
        ),
        migrations.CreateModel(
            name="Contract",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contracts",
                        to="records.team",
                    ),
                ),
                ("number", models.CharField(max_length=40, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("scheme", models.CharField(max_length=10)),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="contracts", to="records.offer"
                    ),
                ),
                (
                    "card",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="contracts", to="records.ratecard"
                    ),
                ),
                ("start_day", models.IntegerField()),
                ("end_day", models.IntegerField(null=True)),
                ("closed_through", models.IntegerField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("team", "scheme"), name="contract_one_a_scheme"),
                    models.CheckConstraint(
                        condition=models.Q(("scheme", "FLEX"), ("scheme", "ENTERPRISE"), _connector="OR"),
                        name="contract_scheme",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("end_day__isnull", True), ("end_day__gt", models.F("start_day")), _connector="OR"
                        ),
                        name="contract_span",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Denial",
            fields=[
                ("id", farebox.records.models.fields.Number(primary_key=True, serialize=False)),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.team"
                    ),
                ),
                ("contract", models.BigIntegerField(default=0)),
                ("person", models.BigIntegerField(default=0)),
                ("product", models.BigIntegerField(default=0)),
                ("named_person", models.CharField(blank=True, max_length=254)),
                ("named_product", models.CharField(blank=True, max_length=120)),
                ("reason", models.CharField(max_length=40)),
                ("rate_micro", models.BigIntegerField(default=0)),
                ("available_micro", models.BigIntegerField(default=0)),
                ("rolled_us", models.BigIntegerField(null=True)),
                ("at_us", models.BigIntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["team", "at_us"], name="denial_of_team"),
                    models.Index(
                        condition=models.Q(("rolled_us__isnull", False)),
                        fields=["contract", "person", "product", "rolled_us"],
                        name="denial_of_chain",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", farebox.records.models.fields.Number(primary_key=True, serialize=False)),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.team"
                    ),
                ),
                ("source", models.CharField(max_length=200)),
                ("event_id", models.CharField(max_length=200)),
                ("revision", models.IntegerField(default=0)),
                ("kind", models.CharField(max_length=40)),
                ("state", models.CharField(max_length=11)),
                ("problem", models.CharField(blank=True, max_length=60)),
                ("fingerprint", models.BinaryField(max_length=16)),
                ("payload", models.BinaryField()),
                ("received_us", models.BigIntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "QUARANTINED")), fields=["team", "id"], name="event_waiting"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("team", "source", "event_id"), name="event_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "ACCEPTED"), ("state", "QUARANTINED"), ("state", "WITHDRAWN"), _connector="OR"
                        ),
                        name="event_state",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Group",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="groups",
                        to="records.team",
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("created_us", models.BigIntegerField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("team", "name"), name="group_once")],
            },
        ),
        migrations.CreateModel(
            name="Handover",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="handovers",
                        to="records.team",
                    ),
                ),
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
                    "state",
                    models.CharField(default="OPEN", max_length=9),
                ),
                ("offered_us", models.BigIntegerField()),
                ("until_us", models.BigIntegerField()),
                ("closed_us", models.BigIntegerField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["team", "offered_us"], name="handover_of_team")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "OPEN")), fields=("team",), name="handover_one_open"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until_us__gt", models.F("offered_us"))), name="handover_span"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("giver", models.F("receiver")), _negated=True), name="handover_two_people"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "OPEN"),
                            ("state", "ACCEPTED"),
                            ("state", "REFUSED"),
                            ("state", "WITHDRAWN"),
                            ("state", "LAPSED"),
                            _connector="OR",
                        ),
                        name="handover_state",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Label",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="records.team"
                    ),
                ),
                ("kind", models.CharField(max_length=12)),
                ("text", models.CharField(max_length=300)),
                ("pseudonym", models.CharField(blank=True, max_length=24)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("team", "kind", "text"), name="label_once")],
            },
        ),
        migrations.CreateModel(
            name="LedgerHead",
            fields=[
                (
                    "team",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="records.team",
                    ),
                ),
                ("number", models.BigIntegerField(default=0)),
                ("booked_us", models.BigIntegerField(default=0)),
                ("sealed", models.BigIntegerField(db_default=0, default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Link",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.team"
                    ),
                ),
                ("number", models.BigIntegerField()),
                ("first", models.BigIntegerField()),
                ("last", models.BigIntegerField()),
                ("hash", models.BinaryField(max_length=32)),
                ("sealed_us", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("team", "number"), name="link_once"),
                    models.CheckConstraint(condition=models.Q(("last__gte", models.F("first"))), name="link_span"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="memberships", to="records.team"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("role", models.CharField(max_length=9)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("team", "user"), name="membership_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("role", "PRIMARY")), fields=("team",), name="membership_one_primary"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("role", "PRIMARY"),
                            ("role", "SECONDARY"),
                            ("role", "SSO"),
                            ("role", "USER"),
                            _connector="OR",
                        ),
                        name="membership_role",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PeopleList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="people_lists", to="records.team"
                    ),
                ),
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
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("state", "RUNNING")), fields=["id"], name="people_list_running"),
                    models.Index(fields=["created_us"], name="people_list_made"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "CHECKED"),
                            ("state", "RUNNING"),
                            ("state", "DONE"),
                            ("state", "STOPPED"),
                            _connector="OR",
                        ),
                        name="people_list_state",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="people",
                        to="records.team",
                    ),
                ),
                ("key", models.CharField(max_length=254)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("pseudonym", models.CharField(max_length=24)),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="people",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("created_us", models.BigIntegerField()),
                ("member_us", models.BigIntegerField(null=True)),
                ("left_us", models.BigIntegerField(null=True)),
                (
                    "joined",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="aliases",
                        to="records.person",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("team", "key"), name="person_once"),
                    models.UniqueConstraint(fields=("team", "pseudonym"), name="person_pseudonym_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonalToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="personal_tokens",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("prefix", models.CharField(max_length=16)),
                ("secret_hash", models.BinaryField(max_length=32, unique=True)),
                ("scopes", models.CharField(max_length=100)),
                ("created_us", models.BigIntegerField()),
                ("expires_us", models.BigIntegerField()),
                ("used_us", models.BigIntegerField(null=True)),
                ("revoked_us", models.BigIntegerField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("expires_us__gt", models.F("created_us"))), name="token_expires"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=60, unique=True)),
                ("name", models.CharField(max_length=200)),
                (
                    "family",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="products", to="records.family"
                    ),
                ),
                ("category", models.CharField(max_length=18)),
                ("idle_aware", models.BooleanField(default=False)),
                ("demo", models.BooleanField(default=False)),
                (
                    "where",
                    models.CharField(blank=True, db_column="where_address", db_default="", default="", max_length=500),
                ),
                ("where_note", models.CharField(blank=True, db_default="", default="", max_length=200)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("category", "DESKTOP_PRODUCT"),
                            ("category", "CLOUD_PRODUCT"),
                            ("category", "CLOUD_SERVICE"),
                            ("category", "MANUAL_ADJUSTMENT"),
                            ("category", "MANUAL_CONSUMPTION"),
                            _connector="OR",
                        ),
                        name="product_category",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "team",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.team"),
                ),
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
            ],
            options={
                "indexes": [models.Index(fields=["state", "proposed_us"], name="proposal_of_state")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind", "GIVE"),
                            ("kind", "ADJUST"),
                            ("kind", "CONSUME"),
                            ("kind", "MOVE"),
                            ("kind", "MERGE"),
                            ("kind", "APPOINT"),
                            _connector="OR",
                        ),
                        name="proposal_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "OPEN"),
                            ("state", "DONE"),
                            ("state", "REFUSED"),
                            ("state", "WITHDRAWN"),
                            _connector="OR",
                        ),
                        name="proposal_state",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("key", ""), _negated=True),
                        fields=("proposed_by", "key"),
                        name="proposal_key_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "DONE"), _negated=True),
                            models.Q(
                                models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                                models.Q(("decided_by", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="proposal_takes_two",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                (
                    "session_key",
                    farebox.records.models.oauth.HashedCode(max_length=64, primary_key=True, serialize=False),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("began_us", models.BigIntegerField()),
                ("seen_us", models.BigIntegerField()),
                ("browser", models.CharField(blank=True, max_length=60)),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Source",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "team",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sources",
                        to="records.team",
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("prefix", models.CharField(max_length=16)),
                ("key_hash", models.BinaryField(max_length=32, unique=True)),
                ("scopes", models.CharField(max_length=100)),
                ("interval_minutes", models.IntegerField(null=True)),
                ("heartbeats", models.BooleanField(default=False)),
                ("created_us", models.BigIntegerField()),
                ("seen_us", models.BigIntegerField(null=True)),
                ("revoked_us", models.BigIntegerField(null=True)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("team", "name"), name="source_name_once")],
            },
        ),
        migrations.CreateModel(
            name="SsoConnection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "team",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="sso", to="records.team"
                    ),
                ),
                ("key", models.CharField(max_length=32, unique=True)),
                ("name", models.CharField(max_length=60)),
                ("issuer", models.CharField(max_length=400)),
                ("client_id", models.CharField(max_length=200)),
                ("secret", models.TextField()),
                ("joins", models.BooleanField(default=False)),
                ("enforced", models.BooleanField(default=False)),
                ("tested_us", models.BigIntegerField(null=True)),
                ("created_us", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("enforced", False), ("tested_us__isnull", False), _connector="OR"),
                        name="sso_tested_first",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SsoDomain",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sso_domains",
                        to="records.team",
                    ),
                ),
                ("domain", models.CharField(max_length=253)),
                ("challenge", models.CharField(max_length=64)),
                ("created_us", models.BigIntegerField()),
                ("proven_us", models.BigIntegerField(null=True)),
                ("checked_us", models.BigIntegerField(null=True)),
                ("missed_us", models.BigIntegerField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("team", "domain"), name="sso_domain_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("proven_us__isnull", False)), fields=("domain",), name="sso_domain_one_team"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignments",
                        to="records.person",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.product"
                    ),
                ),
                ("since_us", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("person", "product"), name="assignment_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("product__isnull", True)), fields=("person",), name="assignment_every_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("chain", models.BigIntegerField()),
                ("number", models.BigIntegerField()),
                (
                    "audit",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.audit"
                    ),
                ),
                ("hash", models.BinaryField(max_length=32)),
                ("sealed_us", models.BigIntegerField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("chain", "number"), name="audit_link_once")],
            },
        ),
        migrations.CreateModel(
            name="AuditWaiting",
            fields=[
                (
                    "audit",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="records.audit",
                    ),
                ),
                ("chain", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="ContractField",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "contract",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="fields",
                        to="records.contract",
                    ),
                ),
                ("position", models.SmallIntegerField()),
                ("name", models.CharField(max_length=100)),
                ("version", models.BigIntegerField(db_default=0, default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("contract", "position"), name="field_position_once"),
                    models.UniqueConstraint(fields=("contract", "name"), name="field_name_once"),
                    models.CheckConstraint(
                        condition=models.Q(("position__gte", 1), ("position__lte", 10)), name="field_position"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DefaultProduct",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="default_products",
                        to="records.team",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.product"
                    ),
                ),
                ("since_us", models.BigIntegerField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("team", "product"), name="default_product_once")],
            },
        ),
        migrations.CreateModel(
            name="Enrichment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "contract",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="records.contract",
                    ),
                ),
                ("position", models.SmallIntegerField()),
                ("person", models.CharField(max_length=254)),
                ("since_day", models.IntegerField()),
                ("label", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("contract", "position", "person", "since_day"), name="enrichment_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("position__gte", 1), ("position__lte", 10)), name="enrichment_position"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Entitlement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="entitlements",
                        to="records.person",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.product"
                    ),
                ),
                ("kind", models.CharField(max_length=6)),
                ("since_us", models.BigIntegerField()),
                ("until_us", models.BigIntegerField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["person", "product"], name="entitlement_of")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["SEAT", "TRIAL"])), name="entitlement_kind"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until_us__isnull", True), ("until_us__gt", models.F("since_us")), _connector="OR"
                        ),
                        name="entitlement_span",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EventRevision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "event",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="revisions",
                        to="records.event",
                    ),
                ),
                ("revision", models.IntegerField()),
                ("kind", models.CharField(max_length=40)),
                ("payload", models.BinaryField()),
                ("received_us", models.BigIntegerField()),
                ("replaced_us", models.BigIntegerField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("event", "revision"), name="event_revision_once")],
            },
        ),
        migrations.CreateModel(
            name="ExportRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=56, unique=True)),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.contract"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="exports", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("origin", models.CharField(max_length=8)),
                ("schedule", models.CharField(blank=True, max_length=36)),
                ("question", models.JSONField()),
                ("report", models.JSONField(null=True)),
                ("file_name", models.CharField(max_length=200)),
                ("state", models.CharField(max_length=9)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("read", models.BooleanField(default=False)),
                ("attempt", models.IntegerField(default=0)),
                ("tries", models.IntegerField(default=0)),
                ("claimed_until_us", models.BigIntegerField(null=True)),
                ("rows_written", models.BigIntegerField(default=0)),
                ("rows_expected", models.BigIntegerField(null=True)),
                ("size_bytes", models.BigIntegerField(default=0)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("position", models.BigIntegerField(default=0)),
                ("as_of_us", models.BigIntegerField(default=0)),
                ("names_hidden", models.BooleanField(default=False)),
                ("requested_us", models.BigIntegerField()),
                ("finished_us", models.BigIntegerField(null=True)),
                ("expires_us", models.BigIntegerField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["owner", "requested_us"], name="export_of"),
                    models.Index(
                        condition=models.Q(("state", "REQUESTED"), ("state", "RUNNING"), _connector="OR"),
                        fields=["id"],
                        name="export_outstanding",
                    ),
                    models.Index(condition=models.Q(("state", "READY")), fields=["expires_us"], name="export_expiring"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "REQUESTED"),
                            ("state", "RUNNING"),
                            ("state", "READY"),
                            ("state", "FAILED"),
                            ("state", "EXPIRED"),
                            _connector="OR",
                        ),
                        name="export_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("origin", "API"), ("origin", "SCHEDULE"), ("origin", "PAGE"), _connector="OR"
                        ),
                        name="export_origin",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Grant",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(app_label)s_%(class)s",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                        verbose_name="application",
                    ),
                ),
                ("expires", models.DateTimeField(verbose_name="expires")),
                ("redirect_uri", models.TextField(verbose_name="redirect URI")),
                ("scope", models.TextField(blank=True, verbose_name="scope")),
                ("created", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated", models.DateTimeField(auto_now=True, verbose_name="updated")),
                (
                    "code_challenge",
                    models.CharField(blank=True, default="", max_length=128, verbose_name="code challenge"),
                ),
                (
                    "code_challenge_method",
                    models.CharField(
                        blank=True,
                        choices=[("plain", "plain"), ("S256", "S256")],
                        default="",
                        max_length=10,
                        verbose_name="code challenge method",
                    ),
                ),
                ("nonce", models.CharField(blank=True, default="", max_length=255, verbose_name="nonce")),
                ("claims", models.TextField(blank=True, verbose_name="claims")),
                (
                    "resource",
                    oauth2_provider.models.ResourceJSONField(blank=True, default=list, verbose_name="resource"),
                ),
                ("code", farebox.records.models.oauth.HashedCode(max_length=64, unique=True)),
                (
                    "team",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="records.team"
                    ),
                ),
                ("family", models.UUIDField(default=uuid.uuid4)),
                ("spent_us", models.BigIntegerField(null=True)),
            ],
            options={
                "abstract": False,
                "swappable": "OAUTH2_PROVIDER_GRANT_MODEL",
            },
        ),
        migrations.CreateModel(
            name="GroupAssignment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "group",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignments",
                        to="records.group",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.product"
                    ),
                ),
                ("since_us", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("group", "product"), name="group_assignment_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("product__isnull", True)),
                        fields=("group",),
                        name="group_assignment_every_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GroupMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "group",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="records.group",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="groups", to="records.person"
                    ),
                ),
                ("since_us", models.BigIntegerField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("group", "person"), name="group_member_once")],
            },
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                ("id", farebox.records.models.fields.Number(primary_key=True, serialize=False)),
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
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.person",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.product",
                    ),
                ),
                ("kind", models.CharField(max_length=6)),
                ("event", models.BigIntegerField(db_default=0, default=0)),
                ("since_us", models.BigIntegerField()),
                ("due_us", models.BigIntegerField()),
                ("tokens_micro", models.BigIntegerField()),
                ("ended_us", models.BigIntegerField(null=True)),
                ("booked", models.BooleanField(db_default=False, default=False)),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("ended_us__isnull", True)), fields=["due_us"], name="hold_due")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_us__isnull", True)),
                        fields=("contract", "person", "product", "event"),
                        name="hold_once",
                    ),
                    models.CheckConstraint(condition=models.Q(("tokens_micro__gt", 0)), name="hold_above_zero"),
                    models.CheckConstraint(
                        condition=models.Q(("kind", "LAUNCH"), ("kind", "ROLL"), ("kind", "JOB"), _connector="OR"),
                        name="hold_kind",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IDToken",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(app_label)s_%(class)s",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
                ("jti", models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name="JWT Token ID")),
                (
                    "application",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                        verbose_name="application",
                    ),
                ),
                ("expires", models.DateTimeField(verbose_name="expires")),
                ("scope", models.TextField(blank=True, verbose_name="scope")),
                ("created", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated", models.DateTimeField(auto_now=True, verbose_name="updated")),
                (
                    "team",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="records.team"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "swappable": "OAUTH2_PROVIDER_ID_TOKEN_MODEL",
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="invitations", to="records.team"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="invitations", to="records.person"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("role", models.CharField(max_length=9)),
                ("language", models.CharField(max_length=5)),
                ("state", models.CharField(default="OPEN", max_length=9)),
                ("nonce", models.CharField(max_length=32)),
                ("created_us", models.BigIntegerField()),
                ("sent_us", models.BigIntegerField()),
                ("ended_us", models.BigIntegerField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("role", "PRIMARY"),
                            ("role", "SECONDARY"),
                            ("role", "SSO"),
                            ("role", "USER"),
                            _connector="OR",
                        ),
                        name="invitation_role",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "OPEN"), ("state", "ACCEPTED"), ("state", "WITHDRAWN"), _connector="OR"
                        ),
                        name="invitation_state",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "OPEN")), fields=("person",), name="invitation_open_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LiveSession",
            fields=[
                ("id", farebox.records.models.fields.Number(primary_key=True, serialize=False)),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.team"
                    ),
                ),
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
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.person",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.product",
                    ),
                ),
                ("code", models.CharField(max_length=40, unique=True)),
                ("version", models.CharField(blank=True, max_length=300)),
                ("machine", models.CharField(blank=True, max_length=300)),
                ("since_us", models.BigIntegerField()),
                ("seen_us", models.BigIntegerField()),
                ("check_us", models.BigIntegerField()),
                ("closed_us", models.BigIntegerField(null=True)),
                ("active", models.TextField(blank=True, db_default="", default="")),
                ("idles", models.BooleanField(db_default=False, default=False)),
                ("denied_us", models.BigIntegerField(null=True)),
                ("event", models.BigIntegerField(db_default=0, default=0)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("closed_us__isnull", True)),
                        fields=["contract", "person", "product"],
                        name="session_running",
                    ),
                    models.Index(
                        condition=models.Q(("closed_us__isnull", True)), fields=["check_us"], name="session_due"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Mail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="records.team",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="records.person"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
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
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("state", "WAITING")), fields=["due_us", "id"], name="mail_due"),
                    models.Index(fields=["done_us"], name="mail_done"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind", "INVITATION"),
                            ("kind", "ASSIGNED"),
                            ("kind", "SEAT"),
                            ("kind", "RESET"),
                            ("kind", "HANDOVER"),
                            ("kind", "SIGN_IN_CHANGED"),
                            _connector="OR",
                        ),
                        name="mail_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "WAITING"),
                            ("state", "SENT"),
                            ("state", "FAILED"),
                            ("state", "DROPPED"),
                            _connector="OR",
                        ),
                        name="mail_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("person__isnull", False), ("user__isnull", False), _connector="OR"),
                        name="mail_to_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OfferProduct",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "offer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="entries",
                        to="records.offer",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.product"
                    ),
                ),
                ("since_us", models.BigIntegerField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("offer", "product"), name="offer_product_once")],
            },
        ),
        migrations.CreateModel(
            name="Pack",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="packs", to="records.contract"
                    ),
                ),
                ("pool", models.CharField(max_length=6)),
                ("since_us", models.BigIntegerField()),
                ("until_us", models.BigIntegerField()),
                ("size_micro", models.BigIntegerField()),
                ("left_micro", models.BigIntegerField()),
                ("reserved_micro", models.BigIntegerField(db_default=0, default=0)),
                ("lapsed_micro", models.BigIntegerField(default=0)),
                ("swept", models.BooleanField(default=False)),
                ("order_number", models.CharField(blank=True, max_length=60)),
                ("price_minor", models.BigIntegerField(null=True)),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("booked_us", models.BigIntegerField()),
                ("origin", models.CharField(db_default="PURCHASED", default="PURCHASED", max_length=9)),
                (
                    "part_of",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="parts", to="records.pack"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("pool", "FLEX"), ("pool", "CY"), ("pool", "MY"), ("pool", "CREDIT"), _connector="OR"
                        ),
                        name="pack_pool",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until_us__gt", models.F("since_us"))), name="pack_span"
                    ),
                    models.CheckConstraint(condition=models.Q(("size_micro__gt", 0)), name="pack_size"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("origin", "PURCHASED"), ("origin", "MOVED"), ("origin", "ADJUSTED"), _connector="OR"
                        ),
                        name="pack_origin",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("lapsed_micro__gte", 0), ("left_micro__gte", 0), ("reserved_micro__gte", 0)
                        ),
                        name="pack_not_overdrawn",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "size_micro__gte",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("left_micro"), "+", models.F("lapsed_micro")
                                    ),
                                    "+",
                                    models.F("reserved_micro"),
                                ),
                            )
                        ),
                        name="pack_not_overfull",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("price_minor__isnull", True), models.Q(("currency", ""), _negated=True), _connector="OR"
                        ),
                        name="pack_price_currency",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Policy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "contract",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="policies",
                        to="records.contract",
                    ),
                ),
                ("name", models.CharField(max_length=15)),
                ("since_us", models.BigIntegerField()),
                ("minutes", models.IntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("contract", "name", "since_us"), name="policy_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("name", "GRACE_MINUTES"),
                            ("name", "MINIMUM_MINUTES"),
                            ("name", "SAVE_MINUTES"),
                            ("name", "SILENCE_MINUTES"),
                            ("name", "JOB_MINUTES"),
                            _connector="OR",
                        ),
                        name="policy_name",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("minutes__gte", 0), ("minutes__lte", 1440)), name="policy_minutes"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProductCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=120, unique=True)),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="codes", to="records.product"
                    ),
                ),
                ("version", models.CharField(blank=True, max_length=60)),
            ],
        ),
        migrations.CreateModel(
            name="ProductVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "product",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="records.product",
                    ),
                ),
                ("code", models.CharField(max_length=60)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("product", "code"), name="version_once")],
            },
        ),
        migrations.CreateModel(
            name="Rate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "card",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rates",
                        to="records.ratecard",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.product"
                    ),
                ),
                ("since_us", models.BigIntegerField()),
                ("tokens_micro", models.BigIntegerField()),
                ("complexity", models.CharField(db_default="", default="", max_length=60)),
                ("unit_size", models.BigIntegerField(db_default=0, default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("card", "product", "complexity", "since_us"), name="rate_once"),
                    models.CheckConstraint(condition=models.Q(("unit_size__gte", 0)), name="rate_unit_size"),
                    models.CheckConstraint(condition=models.Q(("tokens_micro__gte", 0)), name="rate_not_negative"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReportSchedule",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "team",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.team"),
                ),
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
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("every", models.CharField(max_length=5)),
                ("on_day", models.SmallIntegerField()),
                ("hour", models.SmallIntegerField()),
                ("wanted", models.JSONField()),
                ("enabled", models.BooleanField(default=True)),
                ("created_us", models.BigIntegerField()),
                ("next_us", models.BigIntegerField()),
                ("last_us", models.BigIntegerField(null=True)),
                ("trouble", models.CharField(blank=True, max_length=12)),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("enabled", True)), fields=["next_us"], name="report_schedule_due")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("every", "week"), ("every", "month"), _connector="OR"),
                        name="report_schedule_every",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Schedule",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.team"
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
                    "contract",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.contract",
                    ),
                ),
                ("frequency", models.CharField(max_length=200)),
                ("enabled", models.BooleanField()),
                ("wanted", models.JSONField()),
                ("created_us", models.BigIntegerField()),
                ("next_us", models.BigIntegerField()),
                ("last_us", models.BigIntegerField(null=True)),
                ("error", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("enabled", True)), fields=["next_us"], name="schedule_due"),
                    models.Index(fields=["team", "owner", "created_us"], name="schedule_of"),
                ],
            },
        ),
        migrations.CreateModel(
            name="StoredQuery",
            fields=[
                ("id", models.CharField(max_length=56, primary_key=True, serialize=False)),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="records.contract"
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("question", models.JSONField()),
                ("statement", models.CharField(max_length=56)),
                ("status", models.CharField(max_length=10)),
                ("run", models.IntegerField(default=1)),
                ("claimed_until_us", models.BigIntegerField()),
                ("columns", models.JSONField(default=list)),
                ("total", models.BigIntegerField(default=0)),
                ("stored_bytes", models.BigIntegerField(default=0)),
                ("position", models.BigIntegerField(default=0)),
                ("as_of_us", models.BigIntegerField(default=0)),
                ("submitted_us", models.BigIntegerField()),
                ("started_us", models.BigIntegerField(null=True)),
                ("finished_us", models.BigIntegerField(null=True)),
                ("expires_us", models.BigIntegerField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["expires_us"], name="query_expiring")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status", "QUEUED"),
                            ("status", "PROCESSING"),
                            ("status", "DONE"),
                            ("status", "FAILED"),
                            ("status", "TIMEOUT"),
                            ("status", "EXPIRED"),
                            _connector="OR",
                        ),
                        name="query_status",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Use",
            fields=[
                ("id", farebox.records.models.fields.Number(primary_key=True, serialize=False)),
                (
                    "event",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uses",
                        to="records.event",
                    ),
                ),
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
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.person",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.product",
                    ),
                ),
                ("since_us", models.BigIntegerField()),
                ("until_us", models.BigIntegerField()),
                ("open", models.BooleanField(default=False)),
                ("tie", models.BigIntegerField()),
                ("grace_us", models.BigIntegerField()),
                ("offset_seconds", models.IntegerField(default=0)),
                ("usage_type", models.CharField(max_length=8)),
                ("funding", models.CharField(max_length=6)),
                ("version_label", models.BigIntegerField(default=0)),
                ("feature_label", models.BigIntegerField(default=0)),
                ("machine_label", models.BigIntegerField(default=0)),
                ("server_label", models.BigIntegerField(default=0)),
                ("extra", models.TextField(null=True)),
                ("active", models.TextField(null=True)),
                ("ended_us", models.BigIntegerField(null=True)),
                ("kind", models.CharField(db_default="SESSION", default="SESSION", max_length=7)),
                ("late", models.BooleanField(db_default=False, default=False)),
                ("unassigned", models.BooleanField(db_default=False, default=False)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_us__isnull", True)),
                        fields=["contract", "person", "product", "until_us"],
                        name="use_chain",
                    ),
                    models.Index(
                        condition=models.Q(("ended_us__isnull", True), ("open", True)),
                        fields=["until_us"],
                        name="use_open",
                    ),
                    models.Index(
                        condition=models.Q(("late", True)), fields=["contract", "person", "product"], name="use_late"
                    ),
                    models.Index(condition=models.Q(("late", True)), fields=["event"], name="use_late_of"),
                    models.Index(
                        condition=models.Q(("ended_us__isnull", False)), fields=["event"], name="use_ended_of"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_us__isnull", True)), fields=("event",), name="use_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until_us__gte", models.F("since_us"))), name="use_span"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("usage_type", "Normal"), ("usage_type", "Borrowed"), _connector="OR"),
                        name="use_usage_type",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("funding", "TOKENS"), ("funding", "SEAT"), ("funding", "TRIAL"), _connector="OR"
                        ),
                        name="use_funding",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind", "SESSION"), ("kind", "JOB"), ("kind", "MANUAL"), _connector="OR"),
                        name="use_kind",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Window",
            fields=[
                ("id", farebox.records.models.fields.Number(primary_key=True, serialize=False)),
                (
                    "contract",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="records.contract",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="records.person",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="records.product",
                    ),
                ),
                ("start_us", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("contract", "person", "product", "start_us"), name="window_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="AccessToken",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(app_label)s_%(class)s",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
                ("token", models.TextField(verbose_name="token")),
                (
                    "token_checksum",
                    oauth2_provider.models.TokenChecksumField(
                        db_index=True, max_length=64, unique=True, verbose_name="token checksum"
                    ),
                ),
                (
                    "id_token",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="access_token",
                        to=settings.OAUTH2_PROVIDER_ID_TOKEN_MODEL,
                        verbose_name="ID token",
                    ),
                ),
                (
                    "application",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                        verbose_name="application",
                    ),
                ),
                ("expires", models.DateTimeField(verbose_name="expires")),
                ("scope", models.TextField(blank=True, verbose_name="scope")),
                (
                    "resource",
                    oauth2_provider.models.ResourceJSONField(blank=True, default=list, verbose_name="resource"),
                ),
                ("created", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated", models.DateTimeField(auto_now=True, verbose_name="updated")),
                (
                    "team",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="records.team"
                    ),
                ),
                ("family", models.UUIDField(db_index=True, null=True)),
            ],
            options={
                "abstract": False,
                "swappable": "OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL",
            },
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.team"
                    ),
                ),
                ("pool", models.CharField(max_length=6)),
                ("kind", models.CharField(max_length=16)),
                (
                    "pack",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="account",
                        to="records.pack",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("pack__isnull", True)), fields=("team", "pool", "kind"), name="account_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("pool", "FLEX"), ("pool", "CY"), ("pool", "MY"), ("pool", "CREDIT"), _connector="OR"
                        ),
                        name="account_pool",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind", "PACK"),
                            ("kind", "RESERVED"),
                            ("kind", "CONSUMED"),
                            ("kind", "EXPIRED"),
                            ("kind", "ADJUSTMENTS"),
                            ("kind", "OVER_CONSUMPTION"),
                            ("kind", "OTHER_TEAMS"),
                            ("kind", "OUTSIDE"),
                            _connector="OR",
                        ),
                        name="account_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "PACK"), ("pack__isnull", False)),
                            models.Q(models.Q(("kind", "PACK"), _negated=True), ("pack__isnull", True)),
                            _connector="OR",
                        ),
                        name="account_of_pack",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Charge",
            fields=[
                ("id", farebox.records.models.fields.Number(primary_key=True, serialize=False)),
                (
                    "use",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="charges",
                        to="records.use",
                    ),
                ),
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
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.person",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.product",
                    ),
                ),
                (
                    "family",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.family",
                    ),
                ),
                ("since_us", models.BigIntegerField()),
                ("until_us", models.BigIntegerField()),
                ("usage_day", models.IntegerField()),
                ("usage_category", models.CharField(max_length=18)),
                ("category", models.CharField(max_length=11)),
                ("reason", models.CharField(max_length=24)),
                ("funding", models.CharField(max_length=6)),
                ("tokens_micro", models.BigIntegerField()),
                ("shortfall_micro", models.BigIntegerField(default=0)),
                ("over_micro", models.BigIntegerField(default=0)),
                ("at_us", models.BigIntegerField()),
                ("window_us", models.BigIntegerField(null=True)),
                ("rate_id", models.BigIntegerField(default=0)),
                ("booked_us", models.BigIntegerField()),
                ("ended_us", models.BigIntegerField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_us__isnull", True), ("family__isnull", False)),
                        fields=["contract", "person", "family", "usage_day"],
                        name="charge_day",
                    ),
                    models.Index(
                        condition=models.Q(("ended_us__isnull", True), ("shortfall_micro__gt", 0)),
                        fields=["contract", "at_us"],
                        name="charge_short",
                    ),
                    models.Index(
                        condition=models.Q(("ended_us__isnull", False)), fields=["use"], name="charge_ended_of"
                    ),
                    models.Index(
                        condition=models.Q(("ended_us__isnull", True), ("over_micro__gt", 0)),
                        fields=["contract", "at_us"],
                        name="charge_over",
                    ),
                    models.Index(
                        condition=models.Q(models.Q(("tokens_micro", 0), _negated=True), ("ended_us__isnull", True)),
                        fields=["contract", "usage_day", "tokens_micro", "usage_category"],
                        name="charge_of_days",
                    ),
                    models.Index(
                        condition=models.Q(("usage_category", "MANUAL_ADJUSTMENT")),
                        fields=["contract", "usage_day"],
                        name="charge_adjusting",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_us__isnull", True)), fields=("use", "since_us"), name="charge_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until_us__gte", models.F("since_us"))), name="charge_span"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("over_micro__gte", 0),
                            ("shortfall_micro__gte", 0),
                            models.Q(
                                (
                                    "tokens_micro__gte",
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("shortfall_micro"), "+", models.F("over_micro")
                                    ),
                                ),
                                models.Q(
                                    ("over_micro", 0), ("shortfall_micro", 0), ("usage_category", "MANUAL_ADJUSTMENT")
                                ),
                                _connector="OR",
                            ),
                        ),
                        name="charge_amounts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("category", "CASUAL"),
                            ("category", "INCREMENTAL"),
                            ("category", "CHARGED"),
                            ("category", "FREE"),
                            _connector="OR",
                        ),
                        name="charge_category",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("usage_category", "DESKTOP_PRODUCT"),
                            ("usage_category", "CLOUD_PRODUCT"),
                            ("usage_category", "CLOUD_SERVICE"),
                            ("usage_category", "MANUAL_ADJUSTMENT"),
                            ("usage_category", "MANUAL_CONSUMPTION"),
                            _connector="OR",
                        ),
                        name="charge_usage_category",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("funding", "TOKENS"), ("funding", "SEAT"), ("funding", "TRIAL"), _connector="OR"
                        ),
                        name="charge_funding",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExportTeam",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "export",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="teams",
                        to="records.exportrequest",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.team"),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("export", "team"), name="export_team_once")],
            },
        ),
        migrations.CreateModel(
            name="HoldPart",
            fields=[
                ("id", farebox.records.models.fields.Number(primary_key=True, serialize=False)),
                (
                    "hold",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="records.hold"
                    ),
                ),
                (
                    "pack",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.pack",
                    ),
                ),
                ("tokens_micro", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("tokens_micro__gt", 0)), name="hold_part_above_zero")
                ],
            },
        ),
        migrations.CreateModel(
            name="ScheduleRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.team"
                    ),
                ),
                (
                    "schedule",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="runs",
                        to="records.schedule",
                    ),
                ),
                ("due_us", models.BigIntegerField()),
                ("ran_us", models.BigIntegerField()),
                ("made", models.IntegerField(default=0)),
                ("error", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("schedule", "due_us"), name="schedule_run_once")],
            },
        ),
        migrations.CreateModel(
            name="StoredPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "query",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="records.storedquery",
                    ),
                ),
                ("run", models.IntegerField()),
                ("number", models.IntegerField()),
                ("body", models.BinaryField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("query", "run", "number"), name="part_once")],
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", farebox.records.models.fields.Number(primary_key=True, serialize=False)),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.team"
                    ),
                ),
                ("number", models.BigIntegerField()),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.account",
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.account",
                    ),
                ),
                ("tokens_micro", models.BigIntegerField()),
                ("kind", models.CharField(max_length=9)),
                (
                    "charge",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="records.charge",
                    ),
                ),
                ("at_us", models.BigIntegerField()),
                ("booked_us", models.BigIntegerField()),
                (
                    "hold",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="records.hold",
                    ),
                ),
                (
                    "act",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="records.act",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("charge__isnull", False)), fields=["charge"], name="entry_of_charge"
                    ),
                    models.Index(
                        condition=models.Q(("charge__isnull", True), ("hold__isnull", True)),
                        fields=["team", "booked_us"],
                        name="entry_without_charge",
                    ),
                    models.Index(
                        condition=models.Q(("kind", "COVERED")), fields=["team", "booked_us"], name="entry_covering"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("team", "number"), name="entry_number_once"),
                    models.CheckConstraint(condition=models.Q(("tokens_micro__gt", 0)), name="entry_above_zero"),
                    models.CheckConstraint(
                        condition=models.Q(("source", models.F("target")), _negated=True), name="entry_two_accounts"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind", "PURCHASED"),
                            ("kind", "DRAWN"),
                            ("kind", "COVERED"),
                            ("kind", "EXPIRED"),
                            ("kind", "MOVED"),
                            ("kind", "ADJUSTED"),
                            ("kind", "RESERVED"),
                            ("kind", "RELEASED"),
                            ("kind", "REVERSED"),
                            _connector="OR",
                        ),
                        name="entry_kind",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RefreshToken",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(app_label)s_%(class)s",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
                ("token", models.TextField(verbose_name="token")),
                (
                    "token_checksum",
                    oauth2_provider.models.TokenChecksumField(max_length=64, verbose_name="token checksum"),
                ),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                        verbose_name="application",
                    ),
                ),
                (
                    "access_token",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="refresh_token",
                        to=settings.OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL,
                        verbose_name="access token",
                    ),
                ),
                ("token_family", models.UUIDField(blank=True, editable=False, null=True, verbose_name="token family")),
                (
                    "resource",
                    oauth2_provider.models.ResourceJSONField(blank=True, default=list, verbose_name="resource"),
                ),
                ("created", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated", models.DateTimeField(auto_now=True, verbose_name="updated")),
                ("revoked", models.DateTimeField(null=True, verbose_name="revoked")),
                (
                    "team",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="records.team"
                    ),
                ),
                ("scope", models.TextField(default="")),
                ("began_us", models.BigIntegerField(default=0)),
            ],
            options={
                "unique_together": {("token_checksum", "revoked")},
                "abstract": False,
                "swappable": "OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL",
                "indexes": [models.Index(fields=["token_family"], name="records_ref_token_f_6af0ad_idx")],
            },
        ),
        migrations.AddField(
            model_name="accesstoken",
            name="source_refresh_token",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="refreshed_access_token",
                to=settings.OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL,
                verbose_name="source refresh token",
            ),
        ),
        *(migrations.RunPython(step, migrations.RunPython.noop) for step in STEPS),
    ]
