"""
Token usage › By user › one person: which products, on how many days, in which weeks, and with which versions.

All of it comes from one snapshot, and so from one ledger position (domain R4). The person is asked for by the
pseudonym, whether or not names are hidden, so that an address says no name and tests none (quality P1). Somebody of
another team is not there, as somebody who does not exist (quality T2).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.clock import Day, Instant
from farebox.domain.periods import Days, previous, weeks_in
from farebox.query.plan import Question as Asked
from farebox.services import people, report
from farebox.services.people import Someone
from farebox.services.report import WithLastUse
from farebox.web.choice import Choice
from farebox.web.question import Question
from farebox.web.report import equals, where
from farebox.web.reports.cells import count_in, day_in, is_fresh, moment_of, tokens_in
from farebox.web.reports.products import USED_MONTHS, last_month
from farebox.web.reports.stretches import gathered, pieces_of

SORTS = ("-tokensConsumed", "productName", "daysUsed", "monthlyTokens", "lastUsageDate")

_NUMBER = re.compile("[0-9]+")
_DIGITS = 20


@dataclass(frozen=True, slots=True)
class UserTotals:
    """What a person used in a range: tokens, days on which anything was used, and how many products (domain R6)."""

    tokens: Tokens
    days_used: int
    products: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedProduct:
    """
    What the person used of one product: tokens in each piece of the chart, days in each week, days with each version.

    Without `code` it is what was adjusted by hand; `last` is none there. A version without a name was not told.
    """

    code: str
    name: str
    tokens: Tokens
    days_used: int
    last: Day | None
    by_piece: tuple[int, ...]
    by_week: tuple[int, ...]
    versions: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserReport:
    """All that the page shows; products come with the largest first."""

    as_of: Instant
    position: int
    who: Someone
    days: Days
    totals: UserTotals
    before: Days
    totals_before: UserTotals
    pieces: tuple[Days, ...]
    weeks: tuple[Days, ...]
    products: tuple[UsedProduct, ...]
    last_month: Day | None


def gather(choice: Choice, question: Question, pseudonym: str, *, at: Instant) -> UserReport:
    """
    Gather the page for the contracts chosen.

    Raises `NotFound` where nobody in a team of these contracts has the pseudonym.
    """
    who, such, fresh = people.someone(choice.chosen, pseudonym), _is(pseudonym), is_fresh(at)
    days, before = question.days, previous(question.days)
    ever = Asked(fields=USED_MONTHS.fields, metrics=USED_MONTHS.metrics, where=such)
    asked = [_totals_of(days, such), _totals_of(before, such), per_product(days, pseudonym)]
    asked += [per_day(days, pseudonym), per_version(days, pseudonym), ever]
    totals, totals_before, products, by_day, versions, months = report.answers_of_all(asked, choice.chosen)
    pieces, weeks = pieces_of(days, question.gathered), weeks_in(days)
    return UserReport(
        as_of=moment_of(totals, at, fresh=fresh),
        position=totals.position,
        who=who,
        days=days,
        totals=_totals_in(totals),
        before=before,
        totals_before=_totals_in(totals_before),
        pieces=pieces,
        weeks=weeks,
        products=_products(products, Course(by_day, pieces, weeks), _by_code(versions)),
        last_month=last_month(row[-2:] for row in months.rows),
    )


def per_product(days: Days, pseudonym: str) -> WithLastUse:
    """Return the question for the tokens and days of each product."""
    return WithLastUse(
        fields=("productLineCode", "productName"),
        metrics=("tokensConsumed", "daysUsed"),
        where=where(days, _is(pseudonym)),
    )


def per_day(days: Days, pseudonym: str) -> Asked:
    """Return the question for the days on which each product was used, and their tokens."""
    return Asked(
        fields=("productLineCode", "usageDate"),
        metrics=("tokensConsumed", "daysUsed"),
        where=where(days, _is(pseudonym)),
    )


def per_version(days: Days, pseudonym: str) -> Asked:
    """Return the question for the days on which each version of each product was used."""
    return Asked(fields=("productLineCode", "productVersion"), metrics=("daysUsed",), where=where(days, _is(pseudonym)))


class Course:
    """The days of each product, gathered into the pieces of the chart and into weeks."""

    def __init__(self, table: report.Found, pieces: Sequence[Days], weeks: Sequence[Days]) -> None:
        self._pieces, self._weeks = pieces, weeks
        self._days: defaultdict[str, list[tuple[Day, Tokens, int]]] = defaultdict(list)
        for code, on, tokens, used in table.rows:
            self._days[str(code)].append((day_in(on), tokens_in(tokens), count_in(used)))

    def tokens(self, code: str) -> tuple[int, ...]:
        """Return the tokens of each piece."""
        return gathered(self._pieces, ((on, tokens) for on, tokens, _used in self._days[code]))

    def weeks(self, code: str) -> tuple[int, ...]:
        """Return on how many days of each week it was used (domain R6)."""
        return gathered(self._weeks, ((on, used) for on, _tokens, used in self._days[code]))


def _is(pseudonym: str) -> str:
    return equals("hashedUserId", pseudonym)


def _totals_of(days: Days, such: str) -> Asked:
    return Asked(metrics=("tokensConsumed", "daysUsed", "uniqueProducts"), where=where(days, such))


def _totals_in(table: report.Found) -> UserTotals:
    if not table.rows:
        return UserTotals(ZERO, 0, 0)
    tokens, days_used, products = table.rows[0]
    return UserTotals(tokens_in(tokens), count_in(days_used), count_in(products))


def _by_code(versions: report.Found) -> Mapping[str, tuple[tuple[str, int], ...]]:
    """Return the versions of each product with their days, the newest first; those that were only adjusted are out."""
    found: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for code, version, days_used in versions.rows:
        if count_in(days_used):
            found[str(code)].append((str(version), count_in(days_used)))
    return {code: tuple(sorted(several, key=_newness, reverse=True)) for code, several in found.items()}


def _newness(version: tuple[str, int]) -> str:
    """Return what orders versions: their numbers as numbers, so that 10 is newer than 9."""
    return _NUMBER.sub(lambda digits: digits[0].zfill(_DIGITS), version[0])


def _products(
    table: report.Found, course: Course, versions: Mapping[str, tuple[tuple[str, int], ...]]
) -> tuple[UsedProduct, ...]:
    """Return the products, the largest first; of those that took as much, the one used on more days."""
    found: Iterable[UsedProduct] = (
        UsedProduct(
            code=str(code),
            name=str(name),
            tokens=tokens_in(tokens),
            days_used=count_in(days_used),
            last=day_in(last) if last else None,
            by_piece=course.tokens(str(code)),
            by_week=course.weeks(str(code)),
            versions=versions.get(str(code), ()),
        )
        for code, name, tokens, days_used, last in table.rows
    )
    return tuple(sorted(found, key=lambda one: (-one.tokens, -one.days_used)))
