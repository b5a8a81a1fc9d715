"""The ledger: accounts, and transfers between them that are appended and never changed."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import F, Q

from farebox.domain.ledger import AccountKind, TransferKind
from farebox.domain.packs import Pool
from farebox.records.models.fields import Number, instant_us, one_of, tokens_column, word
from farebox.records.models.packs import Pack
from farebox.records.models.teams import Team
from farebox.records.models.usage import Charge


class LedgerHead(models.Model):
    """
    The last number and the last booking instant of a team's ledger; both only rise (invariant L10).

    `sealed` is the last number that a link of the chain covers (domain L7).
    """

    team = models.OneToOneField(Team, on_delete=models.PROTECT, primary_key=True, related_name="+")
    number = models.BigIntegerField(default=0)
    booked_us = instant_us(default=0)
    sealed = models.BigIntegerField(default=0, db_default=0)

    def __str__(self) -> str:
        return f"ledger head {self.pk}"


class Link(models.Model):
    """
    One link of a team's hash chain: entries `first` to `last`, hashed with the link before (domain L7).

    Links are appended and never changed, and hold nothing about a person.
    """

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.BigIntegerField()
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)
    sealed_us = instant_us()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "number"], name="link_once"),
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="link_span"),
        ]

    def __str__(self) -> str:
        return f"link {self.number} of ledger {self.team_id}"


class ActKind(StrEnum):
    """What somebody did to a team's tokens or books by hand."""

    MOVE = "MOVE"
    MERGE = "MERGE"
    CLOSE_BOOKS = "CLOSE_BOOKS"
    JOIN = "JOIN"


class Act(models.Model):
    """Something done by hand that moved tokens without a charge, or changed what counts: who, when, and why."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="acts")
    kind = word(ActKind)
    actor = models.CharField(max_length=100)
    reason = models.CharField(max_length=300, blank=True)
    facts = models.JSONField(default=dict)
    booked_us = instant_us()

    class Meta:
        constraints = [one_of("kind", ActKind, name="act_kind")]

    def __str__(self) -> str:
        return f"act {self.pk}"


class Account(models.Model):
    """Where tokens are: a pack, consumed, expired, and the others of domain L2, per team and pool."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    pool = word(Pool)
    kind = word(AccountKind)
    pack = models.OneToOneField(Pack, on_delete=models.PROTECT, null=True, related_name="account")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "pool", "kind"], condition=Q(pack__isnull=True), name="account_once"
            ),
            one_of("pool", Pool, name="account_pool"),
            one_of("kind", AccountKind, name="account_kind"),
            models.CheckConstraint(
                condition=Q(kind="PACK", pack__isnull=False) | (~Q(kind="PACK") & Q(pack__isnull=True)),
                name="account_of_pack",
            ),
        ]

    def __str__(self) -> str:
        return f"account {self.pk}"


class Entry(models.Model):
    """One transfer, from account to account, amount above zero: zero-sum by construction (domain L2)."""

    id = Number()
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.BigIntegerField()
    source = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    target = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    tokens_micro = tokens_column()
    kind = word(TransferKind)
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, null=True, related_name="entries", db_index=False)
    at_us = instant_us()
    booked_us = instant_us()
    hold = models.ForeignKey(
        "records.Hold", on_delete=models.PROTECT, null=True, related_name="entries", db_index=False, db_constraint=False
    )
    act = models.ForeignKey(
        Act, on_delete=models.PROTECT, null=True, related_name="entries", db_index=False, db_constraint=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "number"], name="entry_number_once"),
            models.CheckConstraint(condition=Q(tokens_micro__gt=0), name="entry_above_zero"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="entry_two_accounts"),
            one_of("kind", TransferKind, name="entry_kind"),
        ]
        indexes = [
            models.Index(fields=["charge"], condition=Q(charge__isnull=False), name="entry_of_charge"),
            models.Index(
                fields=["team", "booked_us"],
                condition=Q(charge__isnull=True, hold__isnull=True),
                name="entry_without_charge",
            ),
            models.Index(fields=["team", "booked_us"], condition=Q(kind="COVERED"), name="entry_covering"),
        ]

    def __str__(self) -> str:
        return f"entry {self.pk}"
