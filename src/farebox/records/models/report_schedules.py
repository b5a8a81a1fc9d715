"""Report files that are made each week or each month."""

from __future__ import annotations

from enum import StrEnum
from uuid import uuid4

from django.db import models

from farebox.domain.recurring import Every
from farebox.records.models.contracts import Contract
from farebox.records.models.fields import instant_us, one_of, word
from farebox.records.models.teams import Team
from farebox.records.models.users import User


class Trouble(StrEnum):
    """Why the latest run requested no file."""

    NO_ROLE = "NO_ROLE"
    """Its owner may not read the team's usage any more."""
    NO_ROOM = "NO_ROOM"
    """Too many exports of the team's schedules are under way; the run waits."""
    REFUSED = "REFUSED"
    """What it asks for cannot be asked for any more."""


class ReportSchedule(models.Model):
    """
    Which report files are made when, in whose name (domain/recurring).

    `contract` is the one it was made under and `team` that contract's, by whose clock it runs. `wanted` is what the
    files hold, without dates: each run has its own. `next_us` is the next moment at which it is due, of which runners
    make sure that each is used once; `last_us` is the latest that was run. `trouble` says why that requested nothing,
    or that one waits for room.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+", db_index=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    every = word(Every)
    on_day = models.SmallIntegerField()
    hour = models.SmallIntegerField()
    wanted = models.JSONField()
    enabled = models.BooleanField(default=True)
    created_us = instant_us()
    next_us = instant_us()
    last_us = instant_us(null=True)
    trouble = models.CharField(max_length=12, blank=True)

    class Meta:
        constraints = [one_of("every", Every, name="report_schedule_every")]
        indexes = [
            models.Index(fields=["next_us"], condition=models.Q(enabled=True), name="report_schedule_due"),
        ]

    def __str__(self) -> str:
        return f"report schedule {self.pk}"
