"""
An oracle for questions: the same answers from plain Python over plain rows.

It shares no code with the parser, the planner, the renderer or the presenter. A row holds every field as it is shown
and as it sorts; a where clause is a small tree of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, NamedTuple


class Shown(NamedTuple):
    """A field of a row: what it is compared and sorted by, and what the API writes."""

    key: Any
    text: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRow:
    """One row that reports count, with every field that it has."""

    fields: dict[str, Shown]
    counts: bool
    category: str
    person: int
    day: int
    product: int
    tokens_micro: int
    duration_us: int
    charged: int


class Sided(NamedTuple):
    """A field on one side of a value."""

    name: str
    sign: str
    key: Any


class Among(NamedTuple):
    """A field that is one of several values."""

    name: str
    keys: tuple[Any, ...]


class Alike(NamedTuple):
    """A field like a pattern."""

    name: str
    pattern: str


class Within(NamedTuple):
    """A field between two values, both included."""

    name: str
    low: Any
    high: Any


class Always(NamedTuple):
    """A clause that holds for every row, or for none."""

    holds: bool


class EachPart(NamedTuple):
    """Clauses that all hold."""

    parts: tuple[Clause, ...]


class AnyPart(NamedTuple):
    """Clauses of which one holds."""

    parts: tuple[Clause, ...]


Clause = Sided | Among | Alike | Within | Always | EachPart | AnyPart


def holds(clause: Clause, row: UsageRow) -> bool:
    """Return whether a clause holds for a row. What is missing differs from every value and is on no side of it."""
    match clause:
        case EachPart(parts):
            return all(holds(part, row) for part in parts)
        case AnyPart(parts):
            return any(holds(part, row) for part in parts)
        case Always():
            return clause.holds
        case Among(name, keys):
            return row.fields[name].key in keys
        case Alike(name, pattern):
            return alike(row.fields[name].key, pattern)
        case Within(name, low, high):
            return row.fields[name].key is not None and low <= row.fields[name].key <= high
        case Sided(name, sign, key):
            return _SIDES[sign](row.fields[name].key, key)


_SIDES: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda own, key: own == key,
    "!=": lambda own, key: own != key,
    "<": lambda own, key: own is not None and own < key,
    "<=": lambda own, key: own is not None and own <= key,
    ">": lambda own, key: own is not None and own > key,
    ">=": lambda own, key: own is not None and own >= key,
}


def alike(text: str, pattern: str) -> bool:
    """Return whether a text fits a pattern: % is any text, every other sign itself, in either letter case."""
    first, *rest = folded(pattern).split("%")
    text = folded(text)
    if not rest:
        return text == first
    if not text.startswith(first):
        return False
    at = len(first)
    for part in rest[:-1]:
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return len(text) - at >= len(rest[-1]) and text.endswith(rest[-1])


def folded(text: str) -> str:
    """Return a text in small letters, sign by sign: no sign becomes two, and none minds its neighbours."""
    return "".join(sign.lower()[0] for sign in text)


def answer(
    rows: Iterable[UsageRow], fields: Sequence[str], metrics: Sequence[str], categories: Sequence[str], where: Clause
) -> list[list[Any]]:
    """Answer a question: group, measure, sort by the field columns."""
    groups: dict[tuple[Any, ...], list[UsageRow]] = {} if fields else {(): []}
    for row in rows:
        if row.counts and (not categories or row.category in categories) and holds(where, row):
            groups.setdefault(tuple(row.fields[name] for name in fields), []).append(row)
    ordered = sorted(groups, key=lambda shown: [(cell.key is None, cell.key) for cell in shown])
    return [
        [*(cell.text for cell in shown), *(measure(metric, groups[shown]) for metric in metrics)] for shown in ordered
    ]


def measure(metric: str, rows: Sequence[UsageRow]) -> int | Decimal:
    """Return a metric over some rows."""
    match metric:
        case "uniqueProducts":
            return len({row.product for row in rows} - {0})
        case "uniqueUsers":
            return len({row.person for row in rows} - {0})
        case "daysUsed":
            return len({row.day for row in rows if row.category != "MANUAL_ADJUSTMENT"})
        case "tokensConsumed":
            return rounded(Fraction(sum(row.tokens_micro for row in rows), 1_000_000))
        case "usageMinutes":
            return rounded(Fraction(sum(row.duration_us for row in rows), 60_000_000))
        case "usageHours":
            return rounded(Fraction(sum(row.duration_us for row in rows), 3_600_000_000))
        case "useCount":
            return sum(row.charged for row in rows)
        case "quantity":
            return len(rows)
        case _:
            raise AssertionError(metric)


def rounded(exact: Fraction) -> int | Decimal:
    """Return a number to six decimals, half up; whole ones as `int`."""
    micro = Decimal(exact.numerator * 1_000_000) / Decimal(exact.denominator)
    number = micro.quantize(Decimal(1), rounding=ROUND_HALF_UP) / 1_000_000
    return int(number) if number == int(number) else number
