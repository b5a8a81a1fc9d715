"""The column types that recur: instants, days, amounts, and words from a closed set."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.db import models
from django.db.models import CheckConstraint, Q


def instant_us(**kwargs: Any) -> Any:
    """Return a column of whole microseconds since the epoch, UTC (domain T1)."""
    return models.BigIntegerField(**kwargs)


def day_column(**kwargs: Any) -> Any:
    """Return a column of whole days since 1970-01-01, on the clock that its rule names."""
    return models.IntegerField(**kwargs)


def tokens_column(**kwargs: Any) -> models.BigIntegerField[int, int]:
    """Return a column of whole millionths of a token."""
    return models.BigIntegerField(**kwargs)


def word(of: type[StrEnum], **kwargs: Any) -> models.CharField[str, str]:
    """Return a column that holds one word of a closed set; pair it with `one_of`."""
    return models.CharField(max_length=max(len(member.value) for member in of), **kwargs)


def one_of(column: str, of: type[StrEnum], *, name: str, or_blank: bool = False) -> CheckConstraint:
    """Return the constraint that `column` holds a word of `of` (or nothing, with `or_blank`)."""
    words = [member.value for member in of] + ([""] if or_blank else [])
    return CheckConstraint(condition=Q(**{f"{column}__in": words}), name=name)
