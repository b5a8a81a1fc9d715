"""Usage in Farebox's own schema: the answer of the usage API, contract by contract, with people's names (domain R3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from farebox.domain.clock import Day, as_date
from farebox.domain.report_files import ReportType, Spec
from farebox.query.declarations import Field, Kind
from farebox.query.plan import Asker, Question, make_plan
from farebox.query.plan import Column as Asked
from farebox.query.present import Cell, cells
from farebox.query.render import render
from farebox.query.rules import Surface
from farebox.records.reading import Readable
from farebox.services.export.reports import columns as of
from farebox.services.export.reports.columns import Column
from farebox.services.export.reports.sections import Row, Section
from farebox.services.export.reports.used import Known
from farebox.warehouse.snapshot import Snapshot

QUESTION_FIELDS = (
    "usageDate", "usageMonth", "contractYear", "usageCategory", "productLineCode", "productName", "productVersion",
    "userName", "hashedUserId", "tokenPool",
)  # fmt: skip
QUESTION_METRICS = ("tokensConsumed", "usageHours", "useCount")
"""What Usage of Farebox's own schema asks the usage API, word for word, with the charge-back fields between them."""

_NAMED = QUESTION_FIELDS.index("userName") + 1
"""The place of the name, which the usage API does not tell: beside the user name."""

_OWN = frozenset({"team", "contractNumber", "name"})
"""The columns of Usage that the usage API does not know, so that a charge-back field may be called the same."""


def answered(spec: Spec, known: Known, snapshot: Snapshot) -> Section:
    """Return Usage in Farebox's own schema: for each contract, the answer of the usage API (domain R3)."""
    contracts = list(known.contracts.values())
    plans = [make_plan(_question(spec, one), _asker(one, known), Surface.EXPORT) for one in contracts]
    read = [(one, plan, *snapshot.read(render(plan))) for one, plan in zip(contracts, plans, strict=True)]
    customs = custom_names(contracts)

    def rows() -> Iterator[Row]:
        for contract, plan, _, raw in read:
            for row in cells(plan, raw):
                yield contract.team, contract.number, *_placed(row, contract, customs, known)

    own = [Column(_header(name, contracts), "") for name in customs]
    asked = [
        *_asked(plans[0].columns[: len(QUESTION_FIELDS)]),
        *own,
        *_asked(plans[0].columns[-len(QUESTION_METRICS) :]),
    ]
    asked.insert(_NAMED, Column("name", ""))
    return Section(
        type=ReportType.USAGE,
        columns=(Column("team", ""), Column("contractNumber", ""), *asked),
        expected=sum(total for _, _, total, _ in read),
        rows=rows(),
    )


def custom_names(contracts: Sequence[Readable]) -> list[str]:
    """Return the charge-back fields that some contracts have named, by their own names, each once."""
    return list(dict.fromkeys(name for one in contracts for name in one.fields if name))


def _header(name: str, contracts: Sequence[Readable]) -> str:
    """Return how the column of a charge-back field is called: by its API name where its own is another column's."""
    if name not in _OWN:
        return name
    return f"customField{1 + next(one.fields.index(name) for one in contracts if name in one.fields)}"


def within(spec: Spec) -> str:
    """Return the condition of the usage API that is true of the dates of a file."""
    first, last = (day_.isoformat() for day_ in _bounds(spec))
    return f"usageDate >= '{first}' and usageDate <= '{last}'"


def _question(spec: Spec, contract: Readable) -> Question:
    fields = (*QUESTION_FIELDS, *custom_names([contract]))
    return Question(fields=fields, metrics=QUESTION_METRICS, where=within(spec))


def _asker(contract: Readable, known: Known) -> Asker:
    return replace(contract.asker, names_hidden=known.names_hidden)


def _placed(row: Sequence[Cell], contract: Readable, customs: Sequence[str], known: Known) -> Iterator[Cell]:
    """Yield the cells of an answer, each charge-back field under its own name, and the name of the person."""
    fields, sums = len(QUESTION_FIELDS), len(QUESTION_METRICS)
    told = dict(zip(custom_names([contract]), row[fields:-sums], strict=True))
    yield from row[:_NAMED]
    yield known.people.name(contract.team_id, str(row[_NAMED]))
    yield from row[_NAMED:fields]
    yield from (told.get(name, "") for name in customs)
    yield from row[-sums:]


def _asked(columns: Sequence[Asked]) -> Iterator[Column]:
    for column in columns:
        declared = column.declared
        dated = isinstance(declared, Field) and declared.kind in (Kind.DATE, Kind.MONTH)
        counted = not isinstance(declared, Field) or declared.kind is Kind.INTEGER
        kind = of.Kind.DATE if dated else of.Kind.NUMBER if counted else of.Kind.TEXT
        yield Column(column.name, "", kind)


def _bounds(spec: Spec) -> tuple[date, date]:
    assert spec.days is not None, "a report about days has them"
    return as_date(spec.days.since), as_date(Day(spec.days.until - 1))
