"""The meaning of a where clause: comparisons of declared fields with typed values, joined by AND and OR."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from farebox.query.declarations import Field

Value = str | int | date
"""A typed value as it is bound: a text, a number, code or microseconds, or a date."""


class Sign(StrEnum):
    """The six comparisons."""

    EQ = "="
    NE = "<>"
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="


@dataclass(frozen=True, slots=True)
class Compare:
    """A field compared with one value. What has no value differs from every value and is on no side of it."""

    field: Field
    sign: Sign
    value: Value


@dataclass(frozen=True, slots=True)
class OneOf:
    """A field whose value is one of several."""

    field: Field
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Like:
    """A text field that fits a pattern: % stands for any text, letter case does not matter."""

    field: Field
    pattern: str


@dataclass(frozen=True, slots=True)
class Fixed:
    """A comparison of two values, such as 1=1."""

    holds: bool


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple[Condition, ...]


Condition = Compare | OneOf | Like | Fixed | AllOf | AnyOf
