"""Groups, default assignments, and since when somebody is a member: until now, who was named or given something."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

_MEMBERS = (
    "UPDATE records_person SET member_us = created_us WHERE name <> '' OR user_id IS NOT NULL "
    "OR EXISTS (SELECT 1 FROM records_assignment a WHERE a.person_id = records_person.id) "
    "OR EXISTS (SELECT 1 FROM records_entitlement e WHERE e.person_id = records_person.id)"
)


def _team(name: str) -> models.ForeignKey[object, object]:
    return models.ForeignKey(
        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name=name, to="records.team"
    )


def _group(name: str) -> models.ForeignKey[object, object]:
    return models.ForeignKey(
        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name=name, to="records.group"
    )


def _id() -> models.BigAutoField[int, int]:
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    """Make the tables, and mark the members."""

    dependencies = [("records", "0018_sums_of_days")]

    operations = [
        migrations.AddField("person", "member_us", models.BigIntegerField(null=True)),
        migrations.RunSQL(_MEMBERS, migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Group",
            fields=[
                ("id", _id()),
                ("name", models.CharField(max_length=100)),
                ("created_us", models.BigIntegerField()),
                ("team", _team("groups")),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("team", "name"), name="group_once")]},
        ),
        migrations.CreateModel(
            name="GroupMember",
            fields=[
                ("id", _id()),
                ("since_us", models.BigIntegerField()),
                ("group", _group("members")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="groups", to="records.person"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("group", "person"), name="group_member_once")],
            },
        ),
        migrations.CreateModel(
            name="GroupAssignment",
            fields=[
                ("id", _id()),
                ("since_us", models.BigIntegerField()),
                ("group", _group("assignments")),
                (
                    "product",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.product",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("group", "product"), name="group_assignment_once"),
                    models.UniqueConstraint(
                        condition=Q(("product__isnull", True)), fields=("group",), name="group_assignment_every_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DefaultProduct",
            fields=[
                ("id", _id()),
                ("since_us", models.BigIntegerField()),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.product"
                    ),
                ),
                ("team", _team("default_products")),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("team", "product"), name="default_product_once")],
            },
        ),
    ]
