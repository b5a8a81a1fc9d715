"""Batches that several writers announce side by side wait here for their positions (PostgreSQL)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the table of drafts."""

    dependencies = [("records", "0008_sequences")]
    operations = [
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
    ]
