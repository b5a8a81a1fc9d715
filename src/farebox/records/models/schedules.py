"""Exports that are made again and again, and the runs of each."""

from __future__ import annotations

from uuid import uuid4

from django.db import models

from farebox.records.models.contracts import Contract
from farebox.records.models.fields import instant_us
from farebox.records.models.teams import Team
from farebox.records.models.users import User


class Schedule(models.Model):
    """
    When which exports are made, in whose name (usage-api 6.9).

    `wanted` is what was asked for, as it was sent: a list of kinds of usage with their levels. `next_us` is the next
    moment at which the schedule is due, of which runners make sure that each is used once. `error` says why the latest
    run made nothing, if it did not, or that one waits for room.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="schedules")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+", db_index=False)
    frequency = models.CharField(max_length=200)
    enabled = models.BooleanField()
    wanted = models.JSONField()
    created_us = instant_us()
    next_us = instant_us()
    last_us = instant_us(null=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_us"], condition=models.Q(enabled=True), name="schedule_due"),
            models.Index(fields=["team", "owner", "created_us"], name="schedule_of"),
        ]

    def __str__(self) -> str:
        return f"schedule {self.pk}"


class ScheduleRun(models.Model):
    """
    One time at which a schedule was due and was run, whatever came of it; there is one at most (invariant X18).

    `made` is how many exports were requested.
    """

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="runs", db_index=False)
    due_us = instant_us()
    ran_us = instant_us()
    made = models.IntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["schedule", "due_us"], name="schedule_run_once")]

    def __str__(self) -> str:
        return f"run of {self.schedule_id}"
