"""What happens at the moment of use: running sessions, the tokens held for them, and denials."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import Q

from farebox.records.models.catalogue import Product
from farebox.records.models.contracts import Contract
from farebox.records.models.fields import Number, instant_us, one_of, tokens_column, word
from farebox.records.models.packs import Pack
from farebox.records.models.teams import Person, Team


class HoldKind(StrEnum):
    """What tokens are reserved for."""

    LAUNCH = "LAUNCH"
    """A product that was opened (domain F7)."""
    ROLL = "ROLL"
    """A session that runs across its window's end (domain F7a)."""
    JOB = "JOB"
    """A job that was submitted (domain S1)."""


class Hold(models.Model):
    """
    Tokens reserved for a (person, product), or for a job, until they are booked or released (domain F7, F7a, S1).

    `since_us` is the charge's instant: the launch, the window's end, the submission. `due_us` is when it is decided
    without further news. `event` is the job's event, 0 for sessions.
    """

    id = Number()
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    kind = word(HoldKind)
    event = models.BigIntegerField(default=0, db_default=0)
    since_us = instant_us()
    due_us = instant_us()
    tokens_micro = tokens_column()
    ended_us = instant_us(null=True)
    booked = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "person", "product", "event"],
                condition=Q(ended_us__isnull=True),
                name="hold_once",
            ),
            models.CheckConstraint(condition=Q(tokens_micro__gt=0), name="hold_above_zero"),
            one_of("kind", HoldKind, name="hold_kind"),
        ]
        indexes = [models.Index(fields=["due_us"], condition=Q(ended_us__isnull=True), name="hold_due")]

    def __str__(self) -> str:
        return f"hold {self.pk}"


class HoldPart(models.Model):
    """What a hold took from one pack, in burn order."""

    id = Number()
    hold = models.ForeignKey(Hold, on_delete=models.CASCADE, related_name="parts")
    pack = models.ForeignKey(Pack, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    tokens_micro = tokens_column()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(tokens_micro__gt=0), name="hold_part_above_zero")]

    def __str__(self) -> str:
        return f"part of hold {self.hold_id}"


class LiveSession(models.Model):
    """
    A session that was allowed at the moment of use.

    `code` names it to the product, and is the id of the event that a product sends afterwards. It becomes an event
    with a use (`event`, 0 before) once it is charged or over. `active` is JSON: the spans in which heartbeats told of
    activity; `idles` tells whether one ever told of none (domain F4). `check_us` is when something has to be decided
    without further news: a hold is due, a window ends, or the silence has lasted too long. `denied_us` is the end of
    the window at which it was refused the next one (domain F7a).
    """

    id = Number()
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    code = models.CharField(max_length=40, unique=True)
    version = models.CharField(max_length=300, blank=True)
    machine = models.CharField(max_length=300, blank=True)
    since_us = instant_us()
    seen_us = instant_us()
    check_us = instant_us()
    closed_us = instant_us(null=True)
    active = models.TextField(blank=True, db_default="", default="")
    idles = models.BooleanField(default=False, db_default=False)
    denied_us = instant_us(null=True)
    event = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        indexes = [
            models.Index(
                fields=["contract", "person", "product"], condition=Q(closed_us__isnull=True), name="session_running"
            ),
            models.Index(fields=["check_us"], condition=Q(closed_us__isnull=True), name="session_due"),
        ]

    def __str__(self) -> str:
        return f"session {self.pk}"


class Denial(models.Model):
    """
    Somebody who was not let in, and why; it is in no usage metric (domain A4).

    Who or what is unknown is kept as it was written. `rolled_us` is the end of the window at which a running session
    was denied its next one: such a denial is part of what a chain is rated by (domain F7a, N5).
    """

    id = Number()
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    contract = models.BigIntegerField(default=0)
    person = models.BigIntegerField(default=0)
    product = models.BigIntegerField(default=0)
    named_person = models.CharField(max_length=254, blank=True)
    named_product = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=40)
    rate_micro = tokens_column(default=0)
    available_micro = models.BigIntegerField(default=0)
    rolled_us = instant_us(null=True)
    at_us = instant_us()

    class Meta:
        indexes = [
            models.Index(fields=["team", "at_us"], name="denial_of_team"),
            models.Index(
                fields=["contract", "person", "product", "rolled_us"],
                condition=Q(rolled_us__isnull=False),
                name="denial_of_chain",
            ),
        ]

    def __str__(self) -> str:
        return f"denial {self.pk}"
