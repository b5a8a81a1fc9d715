"""Who changed what: one row for each change and each refusal, appended and never changed, and the chain over them."""

from __future__ import annotations

from django.db import models

from farebox.records.models.fields import instant_us
from farebox.records.models.teams import Team


class Audit(models.Model):
    """
    One change or refusal, recorded in its own transaction (invariants I3, T5).

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


class AuditWaiting(models.Model):
    """
    A row of the log that no link covers yet; the database puts it here, and the sealer takes it away.

    Rows become visible in another order than that of their numbers, so a number alone does not tell what is sealed.
    """

    audit = models.OneToOneField(
        Audit, on_delete=models.PROTECT, primary_key=True, related_name="+", db_constraint=False
    )
    chain = models.BigIntegerField()

    def __str__(self) -> str:
        return f"waiting audit {self.pk}"


class AuditLink(models.Model):
    """
    The link of one row of the log, hashed with the link before; each team has a chain, and so has the installation.

    `chain` is the team, or 0. Links are appended and never changed (invariants L9, T5).
    """

    chain = models.BigIntegerField()
    number = models.BigIntegerField()
    audit = models.OneToOneField(Audit, on_delete=models.PROTECT, related_name="+")
    hash = models.BinaryField(max_length=32)
    sealed_us = instant_us()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "number"], name="audit_link_once")]

    def __str__(self) -> str:
        return f"link {self.number} of log {self.chain}"
