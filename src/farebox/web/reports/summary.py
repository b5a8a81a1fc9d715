"""
Token usage › Summary: the balance, the last 365 days, and the totals of a range.

All that the warehouse says comes from one snapshot, and so from one ledger position (domain R4); the balance comes
from the records. The template, the chart and the files read the same view-model (domain R3, R7).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.clock import Day, Instant, day_of
from farebox.domain.ledger import TransferKind
from farebox.domain.periods import Days, last_days, previous
from farebox.query.plan import Question as Asked
from farebox.services import balances, report
from farebox.services.acting import acting_for
from farebox.web.choice import Choice
from farebox.web.places import places
from farebox.web.question import By, Question
from farebox.web.report import where
from farebox.web.reports.cells import count_in, day_in, is_fresh, moment_of, tokens_in
from farebox.web.reports.standing import Standing, UsageDay, standing_of
from farebox.web.reports.stretches import gathered, pieces_of
from farebox.web.tables import Cell, Column, Kind, Table

YEAR_DAYS = 365
SORTS = ("usageDate", "tokensConsumed", "weekStart", "usageMonth")
_NAMES = {By.DAY: "usageDate", By.WEEK: "weekStart", By.MONTH: "usageMonth"}
"""What the days are called that a range is gathered into; the API knows no weeks."""


class Happening(StrEnum):
    """What a mark on the chart stands for."""

    PURCHASED = "purchased"
    EXPIRED = "expired"


_HAPPENINGS = {TransferKind.PURCHASED: Happening.PURCHASED, TransferKind.EXPIRED: Happening.EXPIRED}


@dataclass(frozen=True, slots=True)
class Mark:
    """Tokens that were bought, or that lapsed with their pack, on a day."""

    day: Day
    what: Happening
    tokens: Tokens


@dataclass(frozen=True, slots=True)
class Totals:
    """What a range adds up to: tokens, and how many products and people took part (domain R9)."""

    tokens: Tokens
    products: int
    users: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The lower part: a range, its totals, its days with use in order, and the totals of the period before."""

    days: Days
    totals: Totals
    used: tuple[UsageDay, ...]
    before: Days
    totals_before: Totals


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """All that the page shows; `year` has 365 days, without a gap, the last of them today."""

    as_of: Instant
    position: int
    standing: Standing
    year: tuple[UsageDay, ...]
    marks: tuple[Mark, ...]
    period: Period

    @property
    def is_untouched(self) -> bool:
        """Whether there is nothing to show yet: no tokens, no use."""
        return not self.marks and not self.standing.held and not any(day.tokens for day in self.year)

    @property
    def last_use(self) -> Day | None:
        """The last day of the year on which tokens were used."""
        return next((used.day for used in reversed(self.year) if used.tokens), None)


def gather(choice: Choice, question: Question, *, at: Instant) -> Summary:
    """Gather the page for the contracts chosen."""
    year, fresh = last_days(day_of(at), YEAR_DAYS), is_fresh(at)
    tables = report.answers_of_all([per_day(year), *_of_period(question.days)], choice.chosen)
    full = full_days(year, _usage_days(tables[0]))
    return Summary(
        as_of=moment_of(tables[0], at, fresh=fresh),
        position=tables[0].position,
        standing=standing_of(choice.chosen, at=at),
        year=full,
        marks=tuple(mark for contract in choice.chosen for mark in _marks(contract, year, at)),
        period=_period(question.days, tables[1:]),
    )


def per_day(days: Days) -> Asked:
    """Return the question for the tokens of each day."""
    return Asked(fields=("usageDate",), metrics=("tokensConsumed",), where=where(days))


def per_piece(days: Days, by: By) -> Asked:
    """Return the question that gives the rows of the table; weeks are asked for by day."""
    fields = ("usageMonth",) if by is By.MONTH else ("usageDate",)
    return Asked(fields=fields, metrics=("tokensConsumed",), where=where(days))


def totals_of(days: Days, *more: str) -> Asked:
    """Return the question for what a range adds up to."""
    return Asked(metrics=("tokensConsumed", "uniqueProducts", "uniqueUsers"), where=where(days, *more))


def totals_in(table: report.Found) -> Totals:
    """Return what a range adds up to, from the answer."""
    if not table.rows:
        return Totals(ZERO, 0, 0)
    used, products, users = table.rows[0]
    return Totals(tokens_in(used), count_in(products), count_in(users))


def full_days(days: Days, used: Iterable[UsageDay]) -> tuple[UsageDay, ...]:
    """Return one row for each of `days`, zero where `used` has none."""
    tokens = {row.day: row.tokens for row in used}
    every = (Day(on) for on in range(days.since, days.until))
    return tuple(UsageDay(on, tokens.get(on, ZERO)) for on in every)


def table(period: Period, by: By) -> Table:
    """Return the days of a range with use, or the weeks or months that have any, with their tokens."""
    columns = (
        Column(name=_NAMES[by], label=_("Date"), kind=Kind.DAY),
        Column(name="tokensConsumed", label=_("Tokens"), kind=Kind.TOKENS),
    )
    pieces = pieces_of(period.days, by)
    sums = gathered(pieces, ((row.day, row.tokens) for row in period.used))
    used = gathered(pieces, ((row.day, 1) for row in period.used))
    rows = [
        (Cell(piece.since, words=place.name), Cell(total))
        for piece, place, total, days in zip(pieces, places(pieces), sums, used, strict=True)
        if days
    ]
    return Table(key="days", title=_("Days with use"), columns=columns, rows=tuple(rows), sorts=SORTS)


def _of_period(days: Days) -> list[Asked]:
    """Return what the lower part asks: its days, its totals, the totals of the period before."""
    return [per_day(days), totals_of(days), totals_of(previous(days))]


def _period(days: Days, tables: list[report.Found]) -> Period:
    used, totals, before = tables
    return Period(
        days=days,
        totals=totals_in(totals),
        used=_usage_days(used),
        before=previous(days),
        totals_before=totals_in(before),
    )


def _usage_days(table: report.Found) -> tuple[UsageDay, ...]:
    return tuple(UsageDay(day_in(row[0]), tokens_in(row[1])) for row in table.rows)


def _marks(contract: report.Readable, year: Days, at: Instant) -> list[Mark]:
    with acting_for(contract.team_id):
        events = balances.pack_events(contract.id, year, at=at)
    return [Mark(event.day, _HAPPENINGS[event.kind], event.tokens) for event in events]
