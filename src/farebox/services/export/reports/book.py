"""
A file of reports before it is written: what it is about, and its sections, all at one moment (domain R4).

Usage is read at one ledger position; what is not usage tells what is so when the file is made, and the file says when.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from farebox.domain.clock import Day, Instant, as_date, moment
from farebox.domain.report_files import Format, ReportType, Schema, Spec
from farebox.query.present import Cell
from farebox.records.reading import Readable
from farebox.services.export.reports import words
from farebox.services.export.reports.answered import answered
from farebox.services.export.reports.columns import COLUMNS
from farebox.services.export.reports.held import Holdings
from farebox.services.export.reports.holders import Holder, bought, holders
from farebox.services.export.reports.people import people_of, products
from farebox.services.export.reports.sections import Chunk, Section, chunks, rows_of, to_the_second
from farebox.services.export.reports.totals import Part, parts
from farebox.services.export.reports.used import Known, accounts, by_day
from farebox.services.export.reports.words import SHEETS, Words
from farebox.warehouse.snapshot import Snapshot

Line = tuple[str, Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """A file of reports, ready to be written once."""

    spec: Spec
    sections: Sequence[Section]
    about: Sequence[Line]
    """What it is about, line by line, in words."""
    title: str
    """The name of the sheet that says so."""
    parts: Sequence[Part] = ()
    """The totals that a workbook shows before the rows."""
    summary: str = ""
    """The name of the sheet that shows them."""
    sheets: Sequence[str]
    made: Instant
    position: int
    as_of: Instant
    names_hidden: bool

    @property
    def expected(self) -> int:
        """About how many rows it has."""
        return sum(section.expected for section in self.sections)

    def chunks(self) -> Iterator[Chunk]:
        """Yield its rows, section by section."""
        return chunks(self.sections)


def open_book(spec: Spec, contracts: Sequence[Readable], snapshot: Snapshot, *, now: Instant) -> Book:
    """
    Gather a file about some contracts; one team that hides names hides everybody's (domain, case 12).

    Raises `QueryRejected` for what can no longer be asked for.
    """
    say = Words(spec.language)
    known = _known(contracts, now)
    sections = [_section(one, spec, known, snapshot, now) for one in spec.reports]
    return Book(
        spec=spec,
        sections=sections,
        about=list(_about(spec, sections, known, snapshot, say, now)),
        title=say(words.ABOUT),
        parts=parts(spec, known, snapshot, say) if spec.format is Format.XLSX else (),
        summary=say(words.SUMMARY),
        sheets=[say(SHEETS[one]) for one in spec.reports],
        made=now,
        position=snapshot.position,
        as_of=snapshot.as_of,
        names_hidden=known.names_hidden,
    )


def _known(contracts: Sequence[Readable], now: Instant) -> Known:
    hidden = any(one.names_hidden for one in contracts)
    teams = {one.team_id: one.team for one in contracts}
    return Known(
        contracts={one.id: one for one in contracts},
        people=people_of(sorted(teams), names_hidden=hidden),
        what=products(),
        holdings=Holdings(contracts, now=now),
        teams=teams,
        names_hidden=hidden,
    )


def _section(report: ReportType, spec: Spec, known: Known, snapshot: Snapshot, now: Instant) -> Section:
    match report:
        case ReportType.SUBSCRIPTIONS:
            return _told(report, spec, bought(list(known.contracts.values()), now=now))
        case ReportType.USERS:
            return _told(report, spec, _holders(known))
        case ReportType.USAGE if spec.schema is Schema.FAREBOX_1:
            return answered(spec, known, snapshot)
        case ReportType.USAGE_REPORT:
            return accounts(spec, known, snapshot, now=now)
        case _:
            return by_day(report, spec, known, snapshot)


def _holders(known: Known) -> Sequence[Holder]:
    return holders(known.people, known.holdings, known.teams, known.what, names_hidden=known.names_hidden)


def _told(report: ReportType, spec: Spec, facts: Sequence[object]) -> Section:
    columns = COLUMNS[spec.schema][report]
    return Section(type=report, columns=columns, expected=len(facts), rows=rows_of(columns, facts))


def _about(
    spec: Spec, sections: Sequence[Section], known: Known, snapshot: Snapshot, say: Words, now: Instant
) -> Iterator[Line]:
    """Yield the filters used, and the moment that the file shows; a report without any row is named."""
    teams, contracts = list(dict.fromkeys(known.teams.values())), list(known.contracts.values())
    empty = [say(SHEETS[one.type]) for one in sections if not one.expected]
    yield say(words.TEAM if len(teams) == 1 else words.TEAMS), ", ".join(teams)
    yield say(words.CONTRACT if len(contracts) == 1 else words.CONTRACTS), ", ".join(one.number for one in contracts)
    yield say(words.REPORTS), ", ".join(say(SHEETS[one]) for one in spec.reports)
    if empty:
        yield say(words.EMPTY), ", ".join(empty)
    yield say(words.DATES), _dates(spec) or say(words.NO_DATES)
    yield say(words.SCHEMA), spec.schema.value
    yield say(words.NAMES), say(words.HIDDEN if known.names_hidden else words.SHOWN)
    yield say(words.MADE), to_the_second(now)
    yield say(words.AS_OF), to_the_second(snapshot.as_of)
    yield say(words.POSITION), snapshot.position


def _dates(spec: Spec) -> str:
    if spec.days is None or not spec.dated:
        return ""
    return f"{as_date(spec.days.since)} – {as_date(Day(spec.days.until - 1))}"


def made_on(book: Book) -> tuple[int, int, int, int, int, int]:
    """Return when a book was made, as archives write it."""
    on = moment(book.made)
    return on.year, on.month, on.day, on.hour, on.minute, on.second
