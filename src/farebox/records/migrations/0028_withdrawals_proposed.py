"""That an entry by hand is withdrawn is an act that may take two operators."""

from django.db import migrations, models
from django.db.models import Q

KINDS = ("GIVE", "ADJUST", "CONSUME", "MOVE", "MERGE", "APPOINT", "WITHDRAW")


def _known_kind() -> Q:
    condition = Q(kind=KINDS[0])
    for kind in KINDS[1:]:
        condition |= Q(kind=kind)
    return condition


class Migration(migrations.Migration):
    """Let proposals be of one more kind."""

    dependencies = [("records", "0027_audit_chain")]

    operations = [
        migrations.RemoveConstraint(model_name="proposal", name="proposal_kind"),
        migrations.AlterField(model_name="proposal", name="kind", field=models.CharField(max_length=8)),
        migrations.AddConstraint(
            model_name="proposal", constraint=models.CheckConstraint(condition=_known_kind(), name="proposal_kind")
        ),
    ]
