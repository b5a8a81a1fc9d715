"""What programs sent, who they are, and what became of it."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import F

from farebox.records.models.fields import Number, instant_us, one_of, word
from farebox.records.models.teams import Team


class EventState(StrEnum):
    """What an event that is kept is: charged, waiting for the catalogue, or taken back by its source."""

    ACCEPTED = "ACCEPTED"
    QUARANTINED = "QUARANTINED"
    WITHDRAWN = "WITHDRAWN"


class Source(models.Model):
    """A program that may send events: for one team, or (without one) for the installation."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="sources")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16)
    key_hash = models.BinaryField(max_length=32, unique=True)
    scopes = models.CharField(max_length=100)
    interval_minutes = models.IntegerField(null=True)
    heartbeats = models.BooleanField(default=False)
    created_us = instant_us()
    seen_us = instant_us(null=True)
    revoked_us = instant_us(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "name"], name="source_name_once")]

    def __str__(self) -> str:
        return f"source {self.name}"


class Event(models.Model):
    """
    One event, at its latest revision; (team, source, id) is its identity for ever (invariants I2, I4).

    `payload` is the event in canonical JSON, `fingerprint` its hash: the same identity and revision with another
    fingerprint is a conflict. `problem` says why a quarantined event waits.
    """

    id = Number()
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    source = models.CharField(max_length=200)
    event_id = models.CharField(max_length=200)
    revision = models.IntegerField(default=0)
    kind = models.CharField(max_length=40)
    state = word(EventState)
    problem = models.CharField(max_length=60, blank=True)
    fingerprint = models.BinaryField(max_length=16)
    payload = models.BinaryField()
    received_us = instant_us()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "source", "event_id"], name="event_once"),
            one_of("state", EventState, name="event_state"),
        ]
        indexes = [models.Index(fields=["team", "id"], condition=models.Q(state="QUARANTINED"), name="event_waiting")]

    def __str__(self) -> str:
        return f"event {self.pk}"


class EventRevision(models.Model):
    """A revision of an event that a later one replaced (domain M3)."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="revisions", db_index=False)
    revision = models.IntegerField()
    kind = models.CharField(max_length=40)
    payload = models.BinaryField()
    received_us = instant_us()
    replaced_us = instant_us()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "revision"], name="event_revision_once")]

    def __str__(self) -> str:
        return f"revision {self.revision} of event {self.pk}"


class Intake(models.Model):
    """How many events one key (0: a command) sent for a team (0: unknown) in an hour, and their fate (I4)."""

    source = models.BigIntegerField(default=0)
    team = models.BigIntegerField(default=0)
    hour_us = instant_us()
    received = models.BigIntegerField(default=0)
    accepted = models.BigIntegerField(default=0)
    duplicate = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    quarantined = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "team", "hour_us"], name="intake_once"),
            models.CheckConstraint(
                condition=models.Q(received=F("accepted") + F("duplicate") + F("rejected") + F("quarantined")),
                name="intake_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"intake {self.pk}"


class IdempotencyKey(models.Model):
    """The answer that a mutation gave, stored with its effect (domain L8)."""

    scope = models.CharField(max_length=100)
    key = models.CharField(max_length=200)
    fingerprint = models.BinaryField(max_length=32)
    answer = models.JSONField()
    created_us = instant_us()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="idempotency_once")]

    def __str__(self) -> str:
        return f"idempotency key {self.pk}"
