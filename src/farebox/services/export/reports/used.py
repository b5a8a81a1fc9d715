"""The reports about days: who used what on each of them, and what that comes to for each person and product."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from farebox.domain.access import EVERY
from farebox.domain.clock import Day, Instant, as_date, day, day_of
from farebox.domain.report_files import ReportType, Spec
from farebox.domain.usage import Funding
from farebox.query.codes import FUNDINGS
from farebox.query.present import Cell
from farebox.query.uses import DayUsed, Sums, days_used, sums
from farebox.records.reading import Readable
from farebox.services.export.reports.columns import COLUMNS
from farebox.services.export.reports.held import Access, Held, Holdings, by_funding
from farebox.services.export.reports.holders import ALL_PRODUCTS
from farebox.services.export.reports.people import HIDDEN, People, Who
from farebox.services.export.reports.sections import Section, What, number, rows_of, to_the_second
from farebox.warehouse.snapshot import RawRow, Snapshot

_SECONDS_IN_HOUR = 3_600
_SEATS = (Funding.SEAT, Funding.TRIAL)
_ASSIGNMENTS = {True: "assigned", False: "unassigned", None: HIDDEN}
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
    """
    Return the Usage Report: a row for each person and product that go together, by holding it or by using it.

    Last access and inactivity are told as of the last of its dates, and of today where that is still to come. Where
    names are hidden it tells what was used and nothing of what is held: the pages about people tell that, by name, so
    that both together would say who is behind a pseudonym (quality P1).
    """
    columns = COLUMNS[spec.schema][ReportType.USAGE_REPORT]
    assert spec.days is not None, "a report about days has them"
    since, until = as_date(spec.days.since), as_date(spec.days.until)
    total, raw = snapshot.read(sums(list(known.contracts), since, until, names_hidden=known.names_hidden))
    unused = {} if known.names_hidden else dict(known.holdings.now())
    as_of = Day(min(day_of(now), spec.days.until - 1))
    rows = _accounts(raw, unused, known, spec.months, as_of)
    return Section(
        type=ReportType.USAGE_REPORT,
        columns=columns,
        expected=total + len(unused),
        rows=rows_of(columns, rows),
    )


def _accounts(
    raw: Iterator[RawRow], unused: dict[tuple[int, int], Held], known: Known, months: int, today: Day
) -> Iterator[Account]:
    """Yield who used something by the last of the dates, then who holds something and never did."""
    for row in raw:
        used = Sums(*row)  # type: ignore[arg-type]  # as the engine yields it
        unused.pop((used.person, used.product), None)
        unused.pop((used.person, EVERY), None)
        yield _account_of(used, known, months, today)
    for (person, product), held in sorted(unused.items(), key=lambda one: _place(one[0], known)):
        yield _account(
            who=known.people.who(person),
            what=_offered(product, known),
            team=known.teams[known.people.team(person)],
            held=held,
            used=None,
            months=months,
            today=today,
        )


def _offered(product: int, known: Known) -> What:
    return ALL_PRODUCTS if product == EVERY else known.what.get(product, What())


def _place(pair: tuple[int, int], known: Known) -> tuple[str, str, int, int]:
    """Return where a row stands that has no use: by name."""
    person, product = pair
    return known.people.who(person).user_name, _offered(product, known).code, person, product


def _account_of(used: Sums, known: Known, months: int, today: Day) -> Account:
    contract = known.contracts[used.contract]
    if not used.person or used.last is None:
        return _booked(used, known, contract, months)
    return _account(
        who=known.people.who(used.person),
        what=known.what.get(used.product, What()),
        team=contract.team,
        held=_held(used, known, contract),
        used=used,
        months=months,
        today=today,
    )


def _held(used: Sums, known: Known, contract: Readable) -> Held:
    """Return how a person gets at what they used; where nothing else may be told, by what paid for it."""
    by_use = by_funding(Funding(FUNDINGS.text(used.funding)), contract.scheme)
    if known.names_hidden:
        return Held(by_use, None)
    member = known.people.members.get(used.person)
    left = member is None or member.status in ("left", "joined")
    return known.holdings.of(used.person, used.product, contract.team_id, left=left) or Held(by_use, False)


def _booked(used: Sums, known: Known, contract: Readable, months: int) -> Account:
    """Return the row of what is nobody's, like an adjustment by hand: tokens, so that sums agree (domain R3)."""
    access = by_funding(Funding(FUNDINGS.text(used.funding)), contract.scheme)
    return Account(
        who=known.people.who(used.person),
        what=known.what.get(used.product, What()),
        team=contract.team,
        version=used.version,
        assignment="",
        assigned_at=None,
        unassigned_at=None,
        activity="",
        days_inactive=None,
        access=access.value,
        days_used=used.days_used,
        monthly_average=average(used.days_used, months),
        tokens=_tokens(used, access),
        last_accessed=used.last,
    )


def _account(*, who: Who, what: What, team: str, held: Held, used: Sums | None, months: int, today: Day) -> Account:
    days = used.days_used if used else 0
    active = held.assigned is not False and days > 0
    last = used.last if used else None
    return Account(
        who=who,
        what=what,
        team=team,
        version=used.version if used else "",
        assignment=_ASSIGNMENTS[held.assigned],
        assigned_at=to_the_second(held.since),
        unassigned_at=to_the_second(held.until),
        activity="active" if active else "inactive",
        days_inactive=None if active else _inactive(day(last) if last else None, held.since, today),
        access=held.access.value,
        days_used=days,
        monthly_average=average(days, months),
        tokens=_tokens(used, held.access),
        last_accessed=last,
        group=held.groups,
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
