"""
Token usage › By product: what each product took, how many used it, and how that differs from the period before.

All of it comes from one snapshot, and so from one ledger position (domain R4). What has no product, adjustments by
hand, is a row as any other, so that the rows add up to the total (domain R1, R2).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.clock import Day, Instant
from farebox.domain.periods import Days, previous
from farebox.query.plan import Question as Asked
from farebox.services import report
from farebox.web.choice import Choice
from farebox.web.question import By, Question
from farebox.web.report import where
from farebox.web.reports.cells import count_in, day_in, is_fresh, moment_of, tokens_in
from farebox.web.reports.measures import change_of
from farebox.web.reports.stretches import gathered, pieces_of
from farebox.web.reports.summary import Totals, totals_in, totals_of

SORTS = ("-tokensConsumed", "productName", "uniqueUsers", "monthlyTokens", "previousTokens", "growth", "change")

USED_MONTHS = Asked(fields=("usageMonth",), metrics=("daysUsed",))
"""Asks in which months anything was used, ever."""

Amounts = Mapping[str, Sequence[tuple[Day, Tokens]]]
"""Tokens by day, for each product line code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductUse:
    """
    One product in a range: tokens and users, the tokens of the period before, and the course of its tokens.

    `by_piece` has a value for each piece of the chart, `course` for each of the stretches that the range is shown by
    unless the reader says otherwise. Without `code` it is what no product was used for: adjustments by hand.
    """

    code: str
    name: str
    users: int
    tokens: Tokens
    before: Tokens
    by_piece: tuple[int, ...]
    course: tuple[int, ...]

    @property
    def growth(self) -> Tokens:
        """How many tokens more than in the period before; below zero where they are fewer."""
        return Tokens(self.tokens - self.before)

    @property
    def change(self) -> int | None:
        """The growth in thousandths of what there was before; none where there was nothing."""
        return change_of(self.tokens, self.before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Products:
    """All that the tab shows; products used only in the period before are among them, with nothing."""

    as_of: Instant
    position: int
    days: Days
    totals: Totals
    before: Days
    totals_before: Totals
    pieces: tuple[Days, ...]
    products: tuple[ProductUse, ...]
    last_month: Day | None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was used in the range, and nothing adjusted."""
        return not self.totals.tokens and not self.totals.products and not any(p.tokens for p in self.products)

    @property
    def compares(self) -> bool:
        """Whether there was anything in the period before, without which nothing grows."""
        return bool(self.totals_before.products) or any(one.before for one in self.products)

    @property
    def grown(self) -> ProductUse | None:
        """The product that grew most, in tokens; none where none grew, or where there was nothing to grow from."""
        rising = [one for one in self.products if one.code and one.growth > 0 and self.totals_before.products]
        return max(rising, key=lambda one: one.growth, default=None)


def gather(choice: Choice, question: Question, *, at: Instant) -> Products:
    """Gather the tab for the contracts chosen."""
    days, before, fresh = question.days, previous(question.days), is_fresh(at)
    asked = [totals_of(days), totals_of(before), per_product(days), tokens_per_product(before), over_time(question)]
    tables = report.answers_of_all([*asked, USED_MONTHS], choice.chosen)
    totals, totals_before, now, then, by_day, months = tables
    return Products(
        as_of=moment_of(totals, at, fresh=fresh),
        position=totals.position,
        days=days,
        totals=totals_in(totals),
        before=before,
        totals_before=totals_in(totals_before),
        pieces=pieces_of(days, question.gathered),
        products=_products(now, then, amounts_in(by_day, days), question),
        last_month=last_month(row[-2:] for row in months.rows),
    )


def per_product(days: Days) -> Asked:
    """Return the question for the tokens and users of each product; products that share a name stay apart."""
    return Asked(
        fields=("productLineCode", "productName"), metrics=("tokensConsumed", "uniqueUsers"), where=where(days)
    )


def tokens_per_product(days: Days) -> Asked:
    """Return the question for the tokens of each product alone."""
    return Asked(fields=("productLineCode", "productName"), metrics=("tokensConsumed",), where=where(days))


def over_time(question: Question, *more: str) -> Asked:
    """Return the question for the tokens of each product by day; by month, where nothing finer is shown."""
    return Asked(
        fields=("productLineCode", "usageMonth" if _by_months(question) else "usageDate"),
        metrics=("tokensConsumed",),
        where=where(question.days, *more),
    )


def amounts_in(table: report.Found, days: Days) -> Amounts:
    """Return the tokens of each product from the answer; a month that the range cuts counts from the range on."""
    found: defaultdict[str, list[tuple[Day, Tokens]]] = defaultdict(list)
    for code, on, tokens in table.rows:
        found[str(code)].append((Day(max(day_in(on), days.since)), tokens_in(tokens)))
    return found


def last_month(months: Iterable[Sequence[report.Raw]]) -> Day | None:
    """Return the last month with use, of months with their days used: an adjustment by hand is no use."""
    return max((day_in(month) for month, days_used in months if days_used), default=None)


def course_by(question: Question) -> By:
    """Return what the course of a product is gathered by, whatever the chart is."""
    return question.but(by=None).gathered


def _by_months(question: Question) -> bool:
    return {question.gathered, course_by(question)} == {By.MONTH}


def _products(now: report.Found, then: report.Found, amounts: Amounts, question: Question) -> tuple[ProductUse, ...]:
    """Return the products of both periods, those of the range first."""
    before = {(str(code), str(name)): tokens_in(tokens) for code, name, tokens in then.rows}
    used = {(str(code), str(name)): (tokens_in(tokens), count_in(users)) for code, name, tokens, users in now.rows}
    pieces = pieces_of(question.days, question.gathered)
    stretches = pieces_of(question.days, course_by(question))
    return tuple(
        ProductUse(
            code=code,
            name=name,
            users=users,
            tokens=tokens,
            before=before.get((code, name), ZERO),
            by_piece=gathered(pieces, amounts.get(code, ())),
            course=gathered(stretches, amounts.get(code, ())),
        )
        for (code, name), (tokens, users) in {**dict.fromkeys(before, (ZERO, 0)), **used}.items()
    )
