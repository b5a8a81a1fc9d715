"""The column types that recur: instants, days, amounts, and words from a closed set."""

from __future__ import annotations

from enum import StrEnum
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
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


def one_of(column: str, of: type[StrEnum], *, name: str) -> CheckConstraint:
    """
    Return the constraint that `column` holds a word of `of`.

    Written as comparisons: an IN list costs SQLite a table in memory for every row that it checks.
    """
    condition = reduce(or_, (Q(**{column: member.value}) for member in of))
    return CheckConstraint(condition=condition, name=name)


if TYPE_CHECKING:
    _BigInteger = models.BigIntegerField[int, int]
else:
    _BigInteger = models.BigIntegerField  # the types that fields are written with exist for the checker only


class Number(_BigInteger):
    """A primary key that is numbered by `records.db.reserve`; on SQLite it is the row's own number."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"primary_key": True, **kwargs})

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Return the column's type: SQLite takes only `integer` for the row number, and needs no index then."""
        return "integer" if connection.vendor == "sqlite" else "bigint"
