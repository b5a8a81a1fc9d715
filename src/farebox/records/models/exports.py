"""Exports that were requested, what became of each, and where its file stands."""

from __future__ import annotations

from enum import StrEnum

from django.db import models

from farebox.records.models.contracts import Contract
from farebox.records.models.fields import instant_us, one_of, word
from farebox.records.models.teams import Team
from farebox.records.models.users import User


class ExportState(StrEnum):
    """How far an export is; the usage API shows the first two as one, and the last two as one (usage-api 6.1)."""

    REQUESTED = "REQUESTED"
    RUNNING = "RUNNING"
    READY = "READY"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"


class Origin(StrEnum):
    """What an export was requested by; a program names the contract in the path, the others do not (usage-api 6.3)."""

    API = "API"
    SCHEDULE = "SCHEDULE"
    PAGE = "PAGE"


class ExportRequest(models.Model):
    """
    A question whose answer becomes a file, and the job that writes it: the row is the queue.

    `attempt` counts how often the writing began, ever, and is part of the file's name: what an earlier attempt still
    writes is another file, and what it records is refused. `tries` counts since somebody last asked for it. Whoever
    writes it has it until `claimed_until_us` and says so again and again. `rows_written`, and `rows_expected` once it
    is known, are its progress; what follows describes the file that is ready, until `expires_us`. A file of reports
    has what it is to be in `report`, and no question.
    """

    key = models.CharField(max_length=56, unique=True)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="exports")
    origin = word(Origin)
    schedule = models.CharField(max_length=36, blank=True)
    question = models.JSONField()
    report = models.JSONField(null=True)
    file_name = models.CharField(max_length=200)
    state = word(ExportState)
    reason = models.CharField(max_length=200, blank=True)
    read = models.BooleanField(default=False)
    attempt = models.IntegerField(default=0)
    tries = models.IntegerField(default=0)
    claimed_until_us = instant_us(null=True)
    rows_written = models.BigIntegerField(default=0)
    rows_expected = models.BigIntegerField(null=True)
    size_bytes = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    position = models.BigIntegerField(default=0)
    as_of_us = instant_us(default=0)
    names_hidden = models.BooleanField(default=False)
    requested_us = instant_us()
    finished_us = instant_us(null=True)
    expires_us = instant_us(null=True)

    class Meta:
        constraints = [
            one_of("state", ExportState, name="export_state"),
            one_of("origin", Origin, name="export_origin"),
        ]
        indexes = [
            models.Index(fields=["owner", "requested_us"], name="export_of"),
            models.Index(
                fields=["id"],
                condition=models.Q(state="REQUESTED") | models.Q(state="RUNNING"),
                name="export_outstanding",
            ),
            models.Index(fields=["expires_us"], condition=models.Q(state="READY"), name="export_expiring"),
        ]

    def __str__(self) -> str:
        return f"export {self.pk}"


class ExportTeam(models.Model):
    """A team that a file of reports covers, where it covers several; one without any is of its contract's team."""

    export = models.ForeignKey(ExportRequest, on_delete=models.CASCADE, related_name="teams", db_index=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["export", "team"], name="export_team_once")]

    def __str__(self) -> str:
        return f"team of export {self.export_id}"
