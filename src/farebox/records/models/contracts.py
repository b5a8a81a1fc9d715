"""Contracts, the names of their charge-back fields, and their dated settings."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import F, Q

from farebox.records.models.catalogue import Offer
from farebox.records.models.fields import day_column, instant_us, one_of, word
from farebox.records.models.rates import RateCard
from farebox.records.models.teams import Team


class Scheme(StrEnum):
    """How uses under a contract are charged: by 24-hour windows, or by days of the licence server."""

    FLEX = "FLEX"
    ENTERPRISE = "ENTERPRISE"


class PolicyName(StrEnum):
    """The dated settings of a contract."""

    GRACE_MINUTES = "GRACE_MINUTES"
    MINIMUM_MINUTES = "MINIMUM_MINUTES"
    SAVE_MINUTES = "SAVE_MINUTES"
    """The time to save and close after a denial at a roll-over (domain F7a)."""
    SILENCE_MINUTES = "SILENCE_MINUTES"
    """How old the last heartbeat of a session is when the session is closed (domain M4)."""
    JOB_MINUTES = "JOB_MINUTES"
    """How long tokens stay reserved for a job that is never heard of again (domain S1)."""


class Contract(models.Model):
    """
    What a team bought under; at most one Flex and one enterprise contract a team (domain C1).

    The books of usage dates up to and including `closed_through` are closed (domain L5a).
    """

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="contracts", db_index=False)
    number = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    scheme = word(Scheme)
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="contracts")
    card = models.ForeignKey(RateCard, on_delete=models.PROTECT, related_name="contracts")
    start_day = day_column()
    end_day = day_column(null=True)
    closed_through = day_column(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "scheme"], name="contract_one_a_scheme"),
            one_of("scheme", Scheme, name="contract_scheme"),
            models.CheckConstraint(
                condition=Q(end_day__isnull=True) | Q(end_day__gt=F("start_day")), name="contract_span"
            ),
        ]

    def __str__(self) -> str:
        return f"contract {self.number}"


class ContractField(models.Model):
    """
    The name of one of a contract's ten charge-back fields (customField1 … customField10).

    `version` is another number after each change of what is told of people under it; 0 where nothing ever was.
    """

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="fields", db_index=False)
    position = models.SmallIntegerField()
    name = models.CharField(max_length=100)
    version = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contract", "position"], name="field_position_once"),
            models.UniqueConstraint(fields=["contract", "name"], name="field_name_once"),
            models.CheckConstraint(condition=Q(position__gte=1, position__lte=10), name="field_position"),
        ]

    def __str__(self) -> str:
        return f"charge-back field {self.position}"


class Policy(models.Model):
    """A contract's setting from an instant on, in minutes."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="policies", db_index=False)
    name = word(PolicyName)
    since_us = instant_us()
    minutes = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contract", "name", "since_us"], name="policy_once"),
            one_of("name", PolicyName, name="policy_name"),
            models.CheckConstraint(condition=Q(minutes__gte=0, minutes__lte=1440), name="policy_minutes"),
        ]

    def __str__(self) -> str:
        return f"policy {self.name}"
