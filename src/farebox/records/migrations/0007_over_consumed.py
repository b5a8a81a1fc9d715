"""What an enterprise contract consumed beyond its pool, to be found when tokens come for it (domain N7)."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0006_token_events")]

    operations = [
        migrations.AddIndex(
            model_name="charge",
            index=models.Index(
                condition=models.Q(("ended_us__isnull", True), ("over_micro__gt", 0)),
                fields=["contract", "at_us"],
                name="charge_over",
            ),
        ),
    ]
