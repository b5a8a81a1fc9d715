"""The reports about days: who used what on each of them, and what that comes to for each person and product."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from farebox.domain.clock import Day, Instant, as_date, day, day_of
from farebox.domain.report_files import ReportType, Spec
from farebox.domain.usage import Funding
from farebox.query.codes import FUNDINGS
from farebox.query.declarations import Field, Kind
from farebox.query.plan import Plan, Question, make_plan
from farebox.query.present import Cell, cells
from farebox.query.render import render
from farebox.query.rules import Surface
from farebox.query.uses import DayUsed, Sums, days_used, sums
from farebox.records.reading import Readable
from farebox.services.export.reports import columns as of
from farebox.services.export.reports.columns import COLUMNS, Column
from farebox.services.export.reports.held import EVERY, Access, Held, Holdings, by_funding
from farebox.services.export.reports.holders import ALL_PRODUCTS
from farebox.services.export.reports.people import People, Who
from farebox.services.export.reports.sections import Row, Section, What, number, rows_of, to_the_second
from farebox.warehouse.snapshot import RawRow, Snapshot

QUESTION_FIELDS = (
    "usageDate", "usageMonth", "contractYear", "usageCategory", "productLineCode", "productName", "productVersion",
    "userName", "hashedUserId", "tokenPool", *(f"customField{place}" for place in range(1, 11)),
)  # fmt: skip
QUESTION_METRICS = ("tokensConsumed", "usageHours", "useCount")
"""What Usage of Farebox's own schema asks the usage API, word for word."""

_SECONDS_IN_HOUR = 3_600
_SEATS = (Funding.SEAT, Funding.TRIAL)
_FUNDED: Mapping[ReportType, Sequence[Funding]] = {
    ReportType.USAGE: tuple(Funding),
    ReportType.TOKEN_USAGE: (Funding.TOKENS,),
    ReportType.SEAT_USAGE: _SEATS,
}


@dataclass(frozen=True, slots=True)
class Known:
    """What the rows of usage are told with: contracts by their numbers, people, products, what people hold."""

    contracts: Mapping[int, Readable]
    people: People
    what: Mapping[int, What]
    holdings: Holdings
    teams: Mapping[int, str]
    names_hidden: bool


class Use(NamedTuple):
    """What one person used of one version of a product on one day."""

    day: Cell
    who: Who
    what: What
    version: str
    feature: str
    access: str
    contract: str
    team: str
    tokens: Cell
    hours: Cell


class Account(NamedTuple):
    """What one person has to do with one product: held or not, used or not (domain R8, R10)."""

    who: Who
    what: What
    team: str
    version: str
    assignment: str
    assigned_at: Cell
    unassigned_at: Cell
    activity: str
    days_inactive: Cell
    access: str
    days_used: int
    monthly_average: Decimal
    tokens: Cell
    last_accessed: Cell
    group: str = ""


def answered(spec: Spec, known: Known, snapshot: Snapshot) -> Section:
    """Return Usage in Farebox's own schema: for each contract, the answer of the usage API (domain R3)."""
    askers = {one.id: replace(one.asker, names_hidden=known.names_hidden) for one in known.contracts.values()}
    plans = [(known.contracts[id_], make_plan(_question(spec), who, Surface.EXPORT)) for id_, who in askers.items()]
    read = [(contract, plan, *snapshot.read(render(plan))) for contract, plan in plans]

    def rows() -> Iterator[Row]:
        for contract, plan, _, raw in read:
            for row in cells(plan, raw):
                yield contract.team, contract.number, *row

    return Section(
        type=ReportType.USAGE,
        columns=(Column("team", ""), Column("contractNumber", ""), *_asked(plans[0][1])),
        expected=sum(total for _, _, total, _ in read),
        rows=rows(),
    )


def _question(spec: Spec) -> Question:
    first, last = (day_.isoformat() for day_ in _bounds(spec))
    where = f"usageDate >= '{first}' and usageDate <= '{last}'"
    return Question(fields=QUESTION_FIELDS, metrics=QUESTION_METRICS, where=where)


def _asked(plan: Plan) -> Iterator[Column]:
    for column in plan.columns:
        declared = column.declared
        dated = isinstance(declared, Field) and declared.kind in (Kind.DATE, Kind.MONTH)
        counted = not isinstance(declared, Field) or declared.kind is Kind.INTEGER
        kind = of.Kind.DATE if dated else of.Kind.NUMBER if counted else of.Kind.TEXT
        yield Column(column.name, "", kind)


def by_day(report: ReportType, spec: Spec, known: Known, snapshot: Snapshot) -> Section:
    """Return a report of days in a schema that tells seats, trials and tokens apart."""
    columns = COLUMNS[spec.schema][report]
    assert spec.days is not None, "a report about days has them"
    since, until = as_date(spec.days.since), as_date(spec.days.until)
    ids = list(known.contracts)
    statement = days_used(ids, since, until, _FUNDED[report], names_hidden=known.names_hidden)
    total, raw = snapshot.read(statement)
    return Section(type=report, columns=columns, expected=total, rows=rows_of(columns, _uses(raw, known)))


def _uses(raw: Iterator[RawRow], known: Known) -> Iterator[Use]:
    for row in raw:
        used = DayUsed(*row)  # type: ignore[arg-type]  # as the engine yields it
        contract = known.contracts[used.contract]
        funding = Funding(FUNDINGS.text(used.funding))
        yield Use(
            day=used.day,
            who=known.people.who(used.person),
            what=known.what.get(used.product, What()),
            version=used.version,
            feature=used.feature,
            access=by_funding(funding, contract.scheme).value,
            contract=contract.number,
            team=contract.team,
            tokens=None if funding in _SEATS else number(used.tokens_micro),
            hours=number(_rounded(used.duration_us, _SECONDS_IN_HOUR)),
        )


def _rounded(amount: int, by: int) -> int:
    """Divide, half up."""
    return (2 * amount + by) // (2 * by)


def accounts(spec: Spec, known: Known, snapshot: Snapshot, *, now: Instant) -> Section:
    """Return the Usage Report: a row for each person and product that go together, by holding it or by using it."""
    columns = COLUMNS[spec.schema][ReportType.USAGE_REPORT]
    assert spec.days is not None, "a report about days has them"
    since, until = as_date(spec.days.since), as_date(spec.days.until)
    total, raw = snapshot.read(sums(list(known.contracts), since, until, names_hidden=known.names_hidden))
    unused = dict(known.holdings.now())
    rows = _accounts(raw, unused, known, spec.months, day_of(now))
    return Section(
        type=ReportType.USAGE_REPORT,
        columns=columns,
        expected=total + len(unused),
        rows=rows_of(columns, rows),
    )


def _accounts(
    raw: Iterator[RawRow], unused: dict[tuple[int, int], Held], known: Known, months: int, today: Day
) -> Iterator[Account]:
    """Yield who used something ever, then who holds something and never did."""
    for row in raw:
        used = Sums(*row)  # type: ignore[arg-type]  # as the engine yields it
        unused.pop((used.person, used.product), None)
        unused.pop((used.person, EVERY), None)
        yield _account_of(used, known, months, today)
    for (person, product), held in unused.items():
        yield _account(
            who=known.people.who(person),
            what=ALL_PRODUCTS if product == EVERY else known.what.get(product, What()),
            team=known.teams[known.people.team(person)],
            held=held,
            used=None,
            months=months,
            today=today,
        )


def _account_of(used: Sums, known: Known, months: int, today: Day) -> Account:
    contract = known.contracts[used.contract]
    member = known.people.members.get(used.person)
    left = member is None or member.status in ("left", "joined")
    held = known.holdings.of(used.person, used.product, contract.team_id, left=left)
    if held is None:
        held = Held(by_funding(Funding(FUNDINGS.text(used.funding)), contract.scheme), False)
    return _account(
        who=known.people.who(used.person),
        what=known.what.get(used.product, What()),
        team=contract.team,
        held=held,
        used=used,
        months=months,
        today=today,
    )


def _account(*, who: Who, what: What, team: str, held: Held, used: Sums | None, months: int, today: Day) -> Account:
    days = used.days_used if used else 0
    active = held.assigned and days > 0
    last = used.last if used else None
    return Account(
        who=who,
        what=what,
        team=team,
        version=used.version if used else "",
        assignment="assigned" if held.assigned else "unassigned",
        assigned_at=to_the_second(held.since),
        unassigned_at=to_the_second(held.until),
        activity="active" if active else "inactive",
        days_inactive=None if active else _inactive(day(last) if last else None, held.since, today),
        access=held.access.value,
        days_used=days,
        monthly_average=average(days, months),
        tokens=_tokens(used, held.access),
        last_accessed=last,
    )


def _inactive(last: Day | None, since: Instant | None, today: Day) -> int | None:
    """Return whole days since the last access, or since the assignment where there was none (domain R10)."""
    if last is None and since is None:
        return None
    return max(0, today - (day_of(since) if last is None and since is not None else last or 0))


def _tokens(used: Sums | None, access: Access) -> Cell:
    """Return the tokens used; a seat or a trial has none, unless tokens paid before there was one."""
    if used is None or not used.by_tokens:
        return None if access in (Access.SUBSCRIPTION, Access.TRIAL) else 0
    return number(used.tokens_micro)


def average(days_used_: int, months: int) -> Decimal:
    """Return days used a month, to one decimal, half up (domain R10)."""
    return Decimal(_rounded(10 * days_used_, months)).scaleb(-1)


def _bounds(spec: Spec) -> tuple[date, date]:
    assert spec.days is not None, "a report about days has them"
    return as_date(spec.days.since), as_date(Day(spec.days.until - 1))
