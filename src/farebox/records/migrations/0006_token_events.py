"""Indexes that answer from a handful of rows: what moved without a charge, what covered, and what a year consumed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Index the entries without a charge by team, and the charges that cost something by day."""

    dependencies = [("records", "0005_open_uses")]

    operations = [
        migrations.RemoveIndex(model_name="entry", name="entry_of_pack"),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                condition=models.Q(("charge__isnull", True), ("hold__isnull", True)),
                fields=["team", "booked_us"],
                name="entry_without_charge",
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                condition=models.Q(("kind", "COVERED")), fields=["team", "booked_us"], name="entry_covering"
            ),
        ),
        migrations.AddIndex(
            model_name="charge",
            index=models.Index(
                condition=models.Q(models.Q(("tokens_micro", 0), _negated=True), ("ended_us__isnull", True)),
                fields=["contract", "usage_day"],
                name="charge_of_year",
            ),
        ),
        migrations.AddIndex(
            model_name="charge",
            index=models.Index(
                condition=models.Q(("usage_category", "MANUAL_ADJUSTMENT")),
                fields=["contract", "usage_day"],
                name="charge_adjusting",
            ),
        ),
    ]
