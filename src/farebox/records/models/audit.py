"""Who changed what: one row for each change by hand or by correction, appended and never changed."""

from __future__ import annotations

from django.db import models

from farebox.records.models.fields import instant_us
from farebox.records.models.teams import Team


class Audit(models.Model):
    """
    One change, recorded in its own transaction (invariants I3, T5).

    `actor` is "operator", "source 7" or "account 3": numbers, never names. `object` is what was changed, as
    "event 12"; `facts` says how, without anything about a person.
    """

    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    at_us = instant_us()
    actor = models.CharField(max_length=60)
    verb = models.CharField(max_length=40)
    object = models.CharField(max_length=80)
    facts = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["team", "at_us"], name="audit_of_team")]

    def __str__(self) -> str:
        return f"audit {self.pk}"
