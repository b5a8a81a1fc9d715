"""What the warehouse has yet to learn, and where the next ids come from."""

from __future__ import annotations

from django.db import models

from farebox.records.models.fields import Number


class Batch(models.Model):
    """One committed transaction: charges `charges_since` ≤ id < `charges_until` are new, `ended` count no longer."""

    id = Number()
    charges_since = models.BigIntegerField()
    charges_until = models.BigIntegerField()
    ended = models.TextField()
    booked_us = models.BigIntegerField()

    def __str__(self) -> str:
        return f"batch {self.pk}"


class BatchDraft(models.Model):
    """
    A batch that has no position yet: where several transactions commit side by side, it gets one afterwards.

    Else each commit would wait for the one before, only to be numbered in order (`records.outbox.collect`).
    """

    charges_since = models.BigIntegerField()
    charges_until = models.BigIntegerField()
    ended = models.TextField()
    booked_us = models.BigIntegerField()

    def __str__(self) -> str:
        return f"batch draft {self.pk}"


class Counter(models.Model):
    """The last number given out of a series of ids."""

    name = models.CharField(max_length=20, primary_key=True)
    value = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"counter {self.name}"
