"""Usage queries that were submitted, and their answers for as long as they are kept."""

from __future__ import annotations

from enum import StrEnum

from django.db import models

from farebox.records.models.contracts import Contract
from farebox.records.models.fields import instant_us, one_of, word
from farebox.records.models.users import User


class QueryStatus(StrEnum):
    """What became of a submitted query, in the words of the usage API (usage-api 5.4)."""

    QUEUED = "QUEUED"
    PROCESSING = "PROCESSING"
    DONE = "DONE"
    FAILED = "FAILED"
    TIMEOUT = "TIMEOUT"
    EXPIRED = "EXPIRED"


class StoredQuery(models.Model):
    """
    A question asked of one state of the usage, and what is known of its answer.

    The id is made of `statement` and the ledger position, so that equal questions over unchanged usage are one row;
    `statement` is the hash of what the question means to whoever asks it. `run` counts how often it was begun: what
    an earlier run still writes is not looked at. Whoever carries it out has it until `claimed_until_us`, and says so
    again and again; when that moment passes, somebody else may begin it anew. `expires_us` is set when it has ended.
    """

    id = models.CharField(max_length=56, primary_key=True)
    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="+")
    asked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    question = models.JSONField()
    statement = models.CharField(max_length=56)
    status = word(QueryStatus)
    run = models.IntegerField(default=1)
    claimed_until_us = instant_us()
    columns = models.JSONField(default=list)
    total = models.BigIntegerField(default=0)
    stored_bytes = models.BigIntegerField(default=0)
    position = models.BigIntegerField(default=0)
    as_of_us = instant_us(default=0)
    submitted_us = instant_us()
    started_us = instant_us(null=True)
    finished_us = instant_us(null=True)
    expires_us = instant_us(null=True)

    class Meta:
        constraints = [one_of("status", QueryStatus, name="query_status")]
        indexes = [models.Index(fields=["expires_us"], name="query_expiring")]

    def __str__(self) -> str:
        return f"query {self.pk}"


class StoredPart(models.Model):
    """A thousand consecutive rows of an answer, as compressed JSON; part 0 has the first."""

    query = models.ForeignKey(StoredQuery, on_delete=models.CASCADE, related_name="parts", db_index=False)
    run = models.IntegerField()
    number = models.IntegerField()
    body = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["query", "run", "number"], name="part_once")]

    def __str__(self) -> str:
        return f"part {self.number} of query {self.query_id}"
