"""When the writing of an export of a team last began, so that teams take turns."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the moment to the teams."""

    dependencies = [("records", "0014_oauth")]
    operations = [
        migrations.AddField("team", "exporting_us", models.BigIntegerField(db_default=0, default=0)),
    ]
