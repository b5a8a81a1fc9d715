"""An index that alone answers what was used on some days, so that a pace does not look up each charge."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Index the charges that cost something by day, with what they cost and what kind they are of."""

    dependencies = [("records", "0017_report_schedules")]

    operations = [
        migrations.RemoveIndex(model_name="charge", name="charge_of_year"),
        migrations.AddIndex(
            model_name="charge",
            index=models.Index(
                condition=models.Q(models.Q(("tokens_micro", 0), _negated=True), ("ended_us__isnull", True)),
                fields=["contract", "usage_day", "tokens_micro", "usage_category"],
                name="charge_of_days",
            ),
        ),
    ]
