"""Values that a team tells of its people, so that usage can be charged back by them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from farebox.records.models.contracts import Contract
from farebox.records.models.fields import day_column


class Enrichment(models.Model):
    """
    A value that holds for a person from a usage date on, under one of a contract's ten charge-back fields.

    `person` is the canonical name that the list gives, whether or not anybody of that name is known yet, and so the
    one other place beside `Person` where a name stands. `label` is 0 where a value ends.
    """

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="+", db_index=False)
    position = models.SmallIntegerField()
    person = models.CharField(max_length=254)
    since_day = day_column()
    label = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contract", "position", "person", "since_day"], name="enrichment_once"),
            models.CheckConstraint(condition=Q(position__gte=1, position__lte=10), name="enrichment_position"),
        ]

    def __str__(self) -> str:
        return f"charge-back value {self.pk}"
