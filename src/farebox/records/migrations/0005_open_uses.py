"""Few uses are open, and few are late: small indexes that find them (domain M4, L5a)."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Index the uses without an end, and those that touch closed books."""

    dependencies = [("records", "0004_append_only_again")]

    operations = [
        migrations.AddIndex(
            model_name="use",
            index=models.Index(
                condition=models.Q(("ended_us__isnull", True), ("open", True)), fields=["until_us"], name="use_open"
            ),
        ),
        migrations.AddIndex(
            model_name="use",
            index=models.Index(
                condition=models.Q(("late", True)), fields=["contract", "person", "product"], name="use_late"
            ),
        ),
        migrations.AddIndex(
            model_name="use",
            index=models.Index(condition=models.Q(("late", True)), fields=["event"], name="use_late_of"),
        ),
        migrations.AddIndex(
            model_name="use",
            index=models.Index(condition=models.Q(("ended_us__isnull", False)), fields=["event"], name="use_ended_of"),
        ),
        migrations.AddIndex(
            model_name="charge",
            index=models.Index(condition=models.Q(("ended_us__isnull", False)), fields=["use"], name="charge_ended_of"),
        ),
    ]
