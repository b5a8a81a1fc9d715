"""
Roll-ups: facts summed by a few of their columns, and which questions they answer exactly as the facts would.

A roll-up has the names of `fact` for its columns, so that the same SQL reads either. It keeps every key that its
facts have, so distinct counts over a key are exact too; they are never sums of counts (quality R1). The warehouse
keeps them in the transaction in which it keeps the facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import assert_never

from farebox.query.conditions import AllOf, AnyOf, Compare, Condition, Fixed, Like, OneOf, Sign, Value
from farebox.query.declarations import Field, Kind
from farebox.query.plan import Plan

SUMS = ("charged", "duration_us", "tokens_micro")
"""The columns of `fact` that are summed."""

DATE = "usage_date"
"""The key that a monthly roll-up keeps as the first of the month."""

_COMMON = ("contract_id", DATE, "contract_year", "usage_category", "funding", "pool")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollup:
    """Facts summed by `keys`; where it is `monthly`, a usage date is the first of its month."""

    table: str
    keys: tuple[str, ...]
    monthly: bool


DAILY = Rollup(table="daily", keys=(*_COMMON, "product_id"), monthly=False)
"""Products by day: some thousand rows a year, whatever the number of sessions."""

MONTHLY = Rollup(table="monthly", keys=(*_COMMON, "person_id"), monthly=True)
"""People by month: what distinct users of a month are counted from."""

ROLLUPS = (DAILY, MONTHLY)


def table_of(plan: Plan) -> str:
    """Return the smallest table that answers a plan: a roll-up that has all that it names, or `fact`."""
    return next((rollup.table for rollup in ROLLUPS if answers(rollup, plan)), "fact")


def answers(rollup: Rollup, plan: Plan) -> bool:
    """Return whether a roll-up has what a plan asks for and filters by."""
    columns = {*rollup.keys, *SUMS}
    return (
        all(_groups_by(rollup, field) for field in plan.fields)
        and all(metric.over in columns and _keeps(rollup, metric.over) for metric in plan.metrics)
        and _filters_by(rollup, plan.where)
    )


def _groups_by(rollup: Rollup, field: Field) -> bool:
    return field.kind is Kind.MONTH or (_has(rollup, field) and _keeps(rollup, _column(field)))


def _keeps(rollup: Rollup, column: str) -> bool:
    """Return whether a column has the values that it has in the facts: the days of a month become one."""
    return not rollup.monthly or column != DATE


def _filters_by(rollup: Rollup, condition: Condition | None) -> bool:
    match condition:
        case None | Fixed():
            return True
        case AllOf(parts) | AnyOf(parts):
            return all(_filters_by(rollup, part) for part in parts)
        case Compare(field, sign, value):
            days_told_apart = _keeps(rollup, _column(field)) or _at_month_edge(sign, value)
            return _has(rollup, field) and days_told_apart
        case OneOf(field) | Like(field):
            return _groups_by(rollup, field)
        case _:
            assert_never(condition)


def _has(rollup: Rollup, field: Field) -> bool:
    return field.kind is Kind.MONTH or _column(field) in rollup.keys


def _column(field: Field) -> str:
    return field.sql.removeprefix("fact.")


def _at_month_edge(sign: Sign, value: Value) -> bool:
    """Return whether all days of a month are on the same side of a comparison with a day."""
    assert isinstance(value, date), "a date is compared with a date"
    match sign:
        case Sign.GE | Sign.LT:
            return value.day == 1
        case Sign.GT | Sign.LE:
            return value == date.max or (value + timedelta(days=1)).day == 1
        case Sign.EQ | Sign.NE:
            return False
        case _:
            assert_never(sign)
