"""
An oracle for questions: the same answers from plain Python over plain rows.

It shares no code with the planner, the renderer or the presenter. A row holds every field as it is shown and as
it sorts; a filter is a Python function.
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
    product: int
    tokens_micro: int
    duration_us: int
    charged: int


Filter = Callable[[UsageRow], bool]


def answer(
    rows: Iterable[UsageRow], fields: Sequence[str], metrics: Sequence[str], categories: Sequence[str], keep: Filter
) -> list[list[Any]]:
    """Answer a question: group, measure, sort by the field columns."""
    groups: dict[tuple[Any, ...], list[UsageRow]] = {} if fields else {(): []}
    for row in rows:
        if row.counts and (not categories or row.category in categories) and keep(row):
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
