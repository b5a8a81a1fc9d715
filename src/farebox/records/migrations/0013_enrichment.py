"""Charge-back values of people: a table, a version of each field, and longer names of fields."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the table of values and the version that tells of a change."""

    dependencies = [("records", "0012_schedules")]
    operations = [
        migrations.AlterField("contractfield", "name", models.CharField(max_length=100)),
        migrations.AddField("contractfield", "version", models.BigIntegerField(db_default=0, default=0)),
        migrations.CreateModel(
            name="Enrichment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.SmallIntegerField()),
                ("person", models.CharField(max_length=254)),
                ("since_day", models.IntegerField()),
                ("label", models.BigIntegerField()),
                (
                    "contract",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="records.contract",
                    ),
                ),
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
    ]
