"""What a use costs, from which instant on."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from farebox.records.models.catalogue import Product
from farebox.records.models.fields import instant_us, tokens_column


class RateCard(models.Model):
    """A published set of rates."""

    code = models.CharField(max_length=60, unique=True)
    demo = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"rate card {self.code}"


class Rate(models.Model):
    """
    Tokens for one window, day or unit of a product from `since_us` until the next rate's (domain T7).

    Of a service, `complexity` is the class of job that the rate is for (domain S1), and `unit_size` how many
    billable seconds one unit has; 0 where a result is the unit (domain S2).
    """

    card = models.ForeignKey(RateCard, on_delete=models.PROTECT, related_name="rates", db_index=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    since_us = instant_us()
    tokens_micro = tokens_column()
    complexity = models.CharField(max_length=60, db_default="", default="")
    unit_size = models.BigIntegerField(db_default=0, default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["card", "product", "complexity", "since_us"], name="rate_once"),
            models.CheckConstraint(condition=Q(unit_size__gte=0), name="rate_unit_size"),
            models.CheckConstraint(condition=Q(tokens_micro__gte=0), name="rate_not_negative"),
        ]

    def __str__(self) -> str:
        return f"rate {self.pk}"
