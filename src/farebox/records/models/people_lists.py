"""Lists of people that were read and judged, and how far each is imported."""

from __future__ import annotations

from enum import StrEnum

from django.db import models

from farebox.records.models.fields import instant_us, one_of, word
from farebox.records.models.teams import Team


class ListState(StrEnum):
    """How far a list is."""

    CHECKED = "CHECKED"
    """Read and judged; nothing is done."""
    RUNNING = "RUNNING"
    """Somebody had it imported: what is left is done by a job."""
    DONE = "DONE"
    STOPPED = "STOPPED"
    """What everybody was to be given is gone: the rest is not imported."""


class PeopleList(models.Model):
    """
    A list of people for a team: the lines with their verdicts, what all are given, and the cursor of the job.

    `rows` holds names and addresses only until the list is done, or for a day (domain A3). What is imported is what
    `digest` was said for. `done` counts the lines that were dealt with, and moves in the transaction that does so.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="people_lists")
    actor = models.CharField(max_length=40)
    """Who has it imported, as the audit names them."""
    state = word(ListState)
    rows = models.JSONField()
    read_as = models.JSONField()
    """How the file was understood: its encoding, and the columns that were passed over."""
    digest = models.CharField(max_length=64)
    choice = models.JSONField(null=True)
    differs = models.JSONField(default=dict)
    """Lines whose verdict changed between two looks, by their earlier verdict."""
    left_out = models.JSONField(default=list)
    """Lines that were not imported as somebody had changed the person meanwhile."""
    counts = models.JSONField(default=dict)
    total = models.IntegerField()
    done = models.IntegerField(default=0)
    created_us = instant_us()
    began_us = instant_us(null=True)
    ended_us = instant_us(null=True)

    class Meta:
        constraints = [one_of("state", ListState, name="people_list_state")]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(state="RUNNING"), name="people_list_running"),
            models.Index(fields=["created_us"], name="people_list_made"),
        ]

    def __str__(self) -> str:
        return f"people list {self.pk}"
