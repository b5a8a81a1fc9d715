"""Token packs: what was bought, until when, and what is left of it."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import F, Q

from farebox.domain.packs import Pool
from farebox.records.models.contracts import Contract
from farebox.records.models.fields import instant_us, one_of, tokens_column, word


class PackOrigin(StrEnum):
    """How a pack came to its contract."""

    PURCHASED = "PURCHASED"
    MOVED = "MOVED"
    ADJUSTED = "ADJUSTED"


class Pack(models.Model):
    """
    Tokens bought at once, with one end.

    `left_micro` is what neither was drawn nor reserved nor moved nor lapsed; `reserved_micro` is what open holds have
    of it; `lapsed_micro` is what the books say lapsed at the end. All are caches of what the ledger says, and the row
    that a draw's guard stands on (domain L4). A part that was moved here names the pack that it is `part_of`, and
    keeps its size (domain L6).
    """

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="packs")
    pool = word(Pool)
    since_us = instant_us()
    until_us = instant_us()
    size_micro = tokens_column()
    left_micro = tokens_column()
    reserved_micro = tokens_column(default=0, db_default=0)
    lapsed_micro = tokens_column(default=0)
    swept = models.BooleanField(default=False)
    order_number = models.CharField(max_length=60, blank=True)
    price_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    booked_us = instant_us()
    origin = word(PackOrigin, default=PackOrigin.PURCHASED.value, db_default=PackOrigin.PURCHASED.value)
    part_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="parts")

    class Meta:
        constraints = [
            one_of("pool", Pool, name="pack_pool"),
            models.CheckConstraint(condition=Q(until_us__gt=F("since_us")), name="pack_span"),
            models.CheckConstraint(condition=Q(size_micro__gt=0), name="pack_size"),
            one_of("origin", PackOrigin, name="pack_origin"),
            models.CheckConstraint(
                condition=Q(left_micro__gte=0, lapsed_micro__gte=0, reserved_micro__gte=0), name="pack_not_overdrawn"
            ),
            models.CheckConstraint(
                condition=Q(size_micro__gte=F("left_micro") + F("lapsed_micro") + F("reserved_micro")),
                name="pack_not_overfull",
            ),
            models.CheckConstraint(condition=Q(price_minor__isnull=True) | ~Q(currency=""), name="pack_price_currency"),
        ]

    def __str__(self) -> str:
        return f"pack {self.pk}"
