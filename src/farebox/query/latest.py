"""
The latest usage of each kind: on which date it was, and the last row that was recorded of it (usage-api 5.2).

One pass over the facts of a contract, as a plan like any other; what it measures is no metric that can be asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from farebox.domain.usage import UsageCategory
from farebox.query.catalogue import FIELD_BY_NAME
from farebox.query.codes import USAGE_CATEGORIES
from farebox.query.declarations import CLOUD_SERVICE, MANUAL, Metric, Unit
from farebox.query.plan import Asker, Column, Plan, Question
from farebox.query.present import Raw

NOT_APPLICABLE = "N/A"
"""The charge category of what is not charged by sessions: results of services, and entries made by hand."""


def _newest(name: str, sql: str) -> Metric:
    """Return the measure of the largest value that a group's facts have."""
    return Metric(name=name, label="", unit=Unit.COUNT, doc="", example="", sql=f"max({sql})", row_sql=sql)


_LATEST = (_newest("lastUsageDate", "fact.usage_date"), _newest("lastRow", "fact.charge_id"))
_ADJUSTMENT = USAGE_CATEGORIES.code(UsageCategory.MANUAL_ADJUSTMENT)
_LAST_USE = replace(
    _LATEST[0], sql=f"max(fact.usage_date) FILTER (WHERE fact.usage_category <> {_ADJUSTMENT})", over="usage_date"
)


class Latest(NamedTuple):
    """The latest usage of a kind: its date, and the charge that was recorded last."""

    usage_category: str
    charge_category: str
    on: date
    charge: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WithLastUse(Question):
    """
    A question whose answer has one column more, the last: the latest usage date of each row.

    An adjustment by hand is no use; where there is nothing else the cell is empty (domain R6). The column is none that
    the usage API can be asked for.
    """


def with_last_use(plan: Plan) -> Plan:
    """Return a plan that has the latest usage date as its last column."""
    return replace(plan, columns=(*plan.columns, Column(_LAST_USE.name, _LAST_USE)))


def latest_plan(asker: Asker) -> Plan:
    """Return the plan that finds the latest usage of each usage category and charge category."""
    kinds = (FIELD_BY_NAME["usageCategory"], FIELD_BY_NAME["chargeCategory"])
    return Plan(
        contract_id=asker.contract_id,
        names_hidden=asker.names_hidden,
        columns=tuple(Column(declared.name, declared) for declared in (*kinds, *_LATEST)),
        usage_categories=(),
        where=None,
        also=asker.also,
    )


def latest(rows: Iterable[Sequence[Raw]]) -> list[Latest]:
    """Return the latest usage of each kind from the rows of the plan, by category."""
    found: dict[tuple[str, str], Latest] = {}
    for row in rows:
        one = _read(row)
        kind = (one.usage_category, one.charge_category)
        found[kind] = _later(found.get(kind, one), one)
    return [found[kind] for kind in sorted(found)]


def _read(row: Sequence[Raw]) -> Latest:
    usage, charged, on, charge = row
    assert isinstance(on, date), "a group has at least one fact"
    assert isinstance(charge, int), "and a fact has a charge"
    by_session = UsageCategory(str(usage)) not in CLOUD_SERVICE | MANUAL
    return Latest(str(usage), str(charged) if by_session else NOT_APPLICABLE, on, charge)


def _later(one: Latest, other: Latest) -> Latest:
    return one._replace(on=max(one.on, other.on), charge=max(one.charge, other.charge))
