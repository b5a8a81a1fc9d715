"""Uses, the windows they opened, and what each part of them was charged."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import F, Q

from farebox.domain.usage import ChargeCategory, Funding, UsageCategory, UsageType
from farebox.records.models.catalogue import Family, Product
from farebox.records.models.contracts import Contract
from farebox.records.models.events import Event
from farebox.records.models.fields import Number, day_column, instant_us, one_of, tokens_column, word
from farebox.records.models.teams import Person, Team


class Label(models.Model):
    """A word that came with usage (version, feature, machine, server, charge-back value), numbered once a team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=12)
    text = models.CharField(max_length=300)
    pseudonym = models.CharField(max_length=24, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "kind", "text"], name="label_once")]

    def __str__(self) -> str:
        return f"label {self.pk}"


class UseKind(StrEnum):
    """What a use is, and so which rule prices it."""

    SESSION = "SESSION"
    """A session of a product: windows or days (domain §3, §4)."""
    JOB = "JOB"
    """A result of a cloud service (domain S1, S2)."""
    MANUAL = "MANUAL"
    """A consumption or an adjustment entered by hand (domain N6)."""


class Use(models.Model):
    """
    One metered use, as last reported: who, what, from when until when, where.

    `tie` orders equal starts the same in any arrival order. A use that its source amended or withdrew stays,
    with `ended_us`; it no longer counts. Labels are 0 where nothing was reported; `extra` and `active` are JSON.
    Who entered an adjustment names no person and no product: both are 0. A `late` use is dated in closed books: only
    what it adds to the total of its key is charged; one that ended and is late was amended then, and its charges in
    closed books still count (domain L5a). An `unassigned` one was reported of somebody to whom the product was not
    assigned (domain M5).
    """

    id = Number()
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="uses", db_index=False)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    since_us = instant_us()
    until_us = instant_us()
    open = models.BooleanField(default=False)
    tie = models.BigIntegerField()
    grace_us = models.BigIntegerField()
    offset_seconds = models.IntegerField(default=0)
    usage_type = word(UsageType)
    funding = word(Funding)
    version_label = models.BigIntegerField(default=0)
    feature_label = models.BigIntegerField(default=0)
    machine_label = models.BigIntegerField(default=0)
    server_label = models.BigIntegerField(default=0)
    extra = models.TextField(null=True)
    active = models.TextField(null=True)
    ended_us = instant_us(null=True)
    kind = word(UseKind, default=UseKind.SESSION.value, db_default=UseKind.SESSION.value)
    late = models.BooleanField(default=False, db_default=False)
    unassigned = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event"], condition=Q(ended_us__isnull=True), name="use_once"),
            models.CheckConstraint(condition=Q(until_us__gte=F("since_us")), name="use_span"),
            one_of("usage_type", UsageType, name="use_usage_type"),
            one_of("funding", Funding, name="use_funding"),
            one_of("kind", UseKind, name="use_kind"),
        ]
        indexes = [
            models.Index(
                fields=["contract", "person", "product", "until_us"],
                condition=Q(ended_us__isnull=True),
                name="use_chain",
            ),
            models.Index(fields=["until_us"], condition=Q(open=True, ended_us__isnull=True), name="use_open"),
            models.Index(fields=["contract", "person", "product"], condition=Q(late=True), name="use_late"),
            models.Index(fields=["event"], condition=Q(late=True), name="use_late_of"),
            models.Index(fields=["event"], condition=Q(ended_us__isnull=False), name="use_ended_of"),
        ]

    def __str__(self) -> str:
        return f"use {self.pk}"


class Charge(models.Model):
    """
    The priced outcome of a row: the part of a use that falls in one window or day (domain T2).

    Never edited: when a late event changes a row, it is ended (`ended_us`) and another is recorded. `tokens_micro` is
    what the row costs, below zero only for an adjustment that adds tokens (domain N6); `shortfall_micro` what no pack
    could cover so far (domain F8), `over_micro` what an enterprise contract consumed beyond its pool (domain N7).
    """

    id = Number()
    use = models.ForeignKey(Use, on_delete=models.PROTECT, related_name="charges", db_index=False)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    family = models.ForeignKey(
        Family, on_delete=models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    since_us = instant_us()
    until_us = instant_us()
    usage_day = day_column()
    usage_category = word(UsageCategory)
    category = word(ChargeCategory)
    reason = models.CharField(max_length=24)
    funding = word(Funding)
    tokens_micro = tokens_column()
    shortfall_micro = tokens_column(default=0)
    over_micro = tokens_column(default=0)
    at_us = instant_us()
    window_us = instant_us(null=True)
    rate_id = models.BigIntegerField(default=0)
    booked_us = instant_us()
    ended_us = instant_us(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["use", "since_us"], condition=Q(ended_us__isnull=True), name="charge_once"),
            models.CheckConstraint(condition=Q(until_us__gte=F("since_us")), name="charge_span"),
            models.CheckConstraint(
                condition=Q(shortfall_micro__gte=0, over_micro__gte=0)
                & (
                    Q(tokens_micro__gte=F("shortfall_micro") + F("over_micro"))
                    | Q(usage_category="MANUAL_ADJUSTMENT", shortfall_micro=0, over_micro=0)
                ),
                name="charge_amounts",
            ),
            one_of("category", ChargeCategory, name="charge_category"),
            one_of("usage_category", UsageCategory, name="charge_usage_category"),
            one_of("funding", Funding, name="charge_funding"),
        ]
        indexes = [
            models.Index(
                fields=["contract", "person", "family", "usage_day"],
                condition=Q(family__isnull=False, ended_us__isnull=True),
                name="charge_day",
            ),
            models.Index(
                fields=["contract", "at_us"],
                condition=Q(shortfall_micro__gt=0, ended_us__isnull=True),
                name="charge_short",
            ),
            models.Index(fields=["use"], condition=Q(ended_us__isnull=False), name="charge_ended_of"),
            models.Index(
                fields=["contract", "at_us"],
                condition=Q(over_micro__gt=0, ended_us__isnull=True),
                name="charge_over",
            ),
            models.Index(  # has all that a sum of days reads: looking up a million charges takes seconds
                fields=["contract", "usage_day", "tokens_micro", "usage_category"],
                condition=~Q(tokens_micro=0) & Q(ended_us__isnull=True),
                name="charge_of_days",
            ),
            models.Index(
                fields=["contract", "usage_day"],
                condition=Q(usage_category="MANUAL_ADJUSTMENT"),
                name="charge_adjusting",
            ),
        ]

    def __str__(self) -> str:
        return f"charge {self.pk}"


class Window(models.Model):
    """The 24 hours that one Flex charge covers; derived from the uses, and never two that start together (E4)."""

    id = Number()
    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", db_index=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_index=False)
    start_us = instant_us()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contract", "person", "product", "start_us"], name="window_once")
        ]

    def __str__(self) -> str:
        return f"window {self.pk}"
