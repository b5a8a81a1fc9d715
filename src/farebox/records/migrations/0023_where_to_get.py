"""Where to get a product."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the address where people get a product, and what to know before."""

    dependencies = [("records", "0022_people_lists")]

    operations = [
        migrations.AddField(
            "product",
            "where",
            models.CharField(blank=True, db_column="where_address", db_default="", default="", max_length=500),
        ),
        migrations.AddField(
            "product", "where_note", models.CharField(blank=True, db_default="", default="", max_length=200)
        ),
    ]
