"""
Token usage › By user: who used products in a range, which ones, on how many days, and how that differs from before.

All of it comes from one snapshot, and so from one ledger position (domain R4). What has no person, adjustments by
hand, is a row as any other, so that the rows add up to the total (domain R1, R2). Whether names are shown changes
nothing but the names (quality P1).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import NamedTuple

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.clock import Day, Instant
from farebox.domain.periods import Days, previous
from farebox.query.plan import Question as Asked
from farebox.services import report
from farebox.services.report import Ask, Raw, WithLastUse
from farebox.web.choice import Choice
from farebox.web.question import Format, Question
from farebox.web.report import among, where
from farebox.web.reports.cells import count_in, day_in, is_fresh, moment_of, tokens_in
from farebox.web.reports.measures import change_of
from farebox.web.reports.products import USED_MONTHS, last_month
from farebox.web.reports.stretches import gathered, pieces_of
from farebox.web.reports.summary import Totals, per_day, totals_in, totals_of
from farebox.web.reports.who import NOBODY, Known, known, needs_all
from farebox.web.tables import page_of

SORTS = (
    "-tokensConsumed", "userName", "team", "daysUsed", "monthlyTokens", "previousTokens", "growth", "change",
    "lastUsageDate",
)  # fmt: skip


class Used(NamedTuple):
    """What one person used of one product in the range; without `code`, what was adjusted by hand."""

    code: str
    name: str
    tokens: Tokens
    days_used: int


class UserUse(NamedTuple):
    """
    One person of one team in a range: tokens, days, and the tokens of the period before.

    `user` is the e-mail address or login, as the API has it; the pseudonym where names are hidden. Without `pseudonym`
    it is what is booked to nobody. `last` is none where there is an adjustment by hand only.
    """

    pseudonym: str
    user: str
    tokens: Tokens
    days_used: int
    before: Tokens
    last: Day | None

    @property
    def growth(self) -> Tokens:
        """How many tokens more than in the period before; below zero where they are fewer."""
        return Tokens(self.tokens - self.before)

    @property
    def change(self) -> int | None:
        """The growth in thousandths of what there was before; none where there was nothing."""
        return change_of(self.tokens, self.before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Users:
    """
    All that the tab shows; `gone` is how many people used something in the period before and nothing in this one.

    `known` and `products`, the largest first, are those of the people who are seen, on a page or in a file; `order` are
    the people that the search finds, in the order asked for.
    """

    as_of: Instant
    position: int
    days: Days
    totals: Totals
    before: Days
    totals_before: Totals
    pieces: tuple[Days, ...]
    by_piece: tuple[int, ...]
    users: tuple[UserUse, ...]
    gone: int
    last_month: Day | None
    tells_teams: bool
    """Whether the people are of several teams, so that each is shown with theirs."""
    order: Sequence[UserUse] | None = None
    known: Known = NOBODY
    products: Mapping[str, Sequence[Used]] = field(default_factory=dict)

    @property
    def compares(self) -> bool:
        """Whether there was anything in the period before, without which nothing grows."""
        return bool(self.totals_before.users or self.totals_before.tokens)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was used in the range, and nothing adjusted."""
        return not self.users


Arrange = Callable[[Users], Sequence[UserUse]]
"""Finds and orders the people as the question asks."""


def gather(choice: Choice, question: Question, arrange: Arrange, *, at: Instant) -> Users:
    """Gather the tab for the contracts chosen; products only of those who are seen, unless it is for a file."""
    everybody, fresh = needs_all(question), is_fresh(at)
    with report.at_one_position(choice.chosen) as ask:
        found = _found(ask, choice, question, at, fresh=fresh)
        if everybody:
            found = replace(found, known=known(choice.chosen))
        order = arrange(found)
        those = [one.pseudonym for one in page_of(order, question)] if question.format is Format.PAGE else None
        products = _products(ask(_used_by(question.days, those)))
    known_now = found.known if everybody else known(choice.chosen, those)
    return replace(found, order=order, products=products, known=known_now)


def per_user(days: Days) -> WithLastUse:
    """Return the question for the tokens and days of each person."""
    return WithLastUse(fields=("userName", "hashedUserId"), metrics=("tokensConsumed", "daysUsed"), where=where(days))


def per_product(days: Days, *such: str) -> Asked:
    """Return the question for the tokens and days of each person with each product."""
    return Asked(
        fields=("hashedUserId", "userName", "productLineCode", "productName"),
        metrics=("tokensConsumed", "daysUsed"),
        where=where(days, *such),
    )


def _found(ask: Ask, choice: Choice, question: Question, at: Instant, *, fresh: bool) -> Users:
    """Ask for everything but who the people are and which products they used."""
    days, before = question.days, previous(question.days)
    pieces = pieces_of(days, question.gathered)
    asked = [totals_of(days), totals_of(before), per_user(days), _tokens_of(before), per_day(days), USED_MONTHS]
    totals, totals_before, now, then, by_day, months = ask(asked)
    past = {row[0]: row[1] for row in then.rows}
    return Users(
        as_of=moment_of(totals, at, fresh=fresh),
        position=totals.position,
        days=days,
        totals=totals_in(totals),
        before=before,
        totals_before=totals_in(totals_before),
        pieces=pieces,
        by_piece=gathered(pieces, ((day_in(on), tokens_in(tokens)) for on, tokens in by_day.rows)),
        users=_users(now, past),
        gone=len(past.keys() - {row[1] for row in now.rows} - {""}),
        last_month=last_month(row[-2:] for row in months.rows),
        tells_teams=len({contract.team_id for contract in choice.chosen}) > 1,
    )


def _tokens_of(days: Days) -> Asked:
    """Return the question for the tokens of each person."""
    return Asked(fields=("hashedUserId",), metrics=("tokensConsumed",), where=where(days))


def _used_by(days: Days, those: Sequence[str] | None) -> list[Asked]:
    """Return what is asked for the products of everybody, or of those who are seen; nobody used none."""
    if those is None:
        return [per_product(days)]
    people = [pseudonym for pseudonym in those if pseudonym]
    return [per_product(days, among("hashedUserId", people))] if people else []


def _products(answers: Iterable[report.Found]) -> Mapping[str, list[Used]]:
    """Return the products of each person, the largest first; those that took as much stay in the order of codes."""
    found: defaultdict[str, list[Used]] = defaultdict(list)
    for pseudonym, _user, code, name, tokens, days_used in chain.from_iterable(one.rows for one in answers):
        found[str(pseudonym)].append(Used(str(code), str(name), tokens_in(tokens), count_in(days_used)))
    for several in found.values():
        several.sort(key=lambda used: used.tokens, reverse=True)
    return found


def _users(table: report.Found, before: Mapping[Raw, Raw]) -> tuple[UserUse, ...]:
    """Return the people by their addresses, as the answer has them; there may be tens of thousands."""
    days = {last: day_in(last) if last else None for last in {row[-1] for row in table.rows}}
    return tuple(
        UserUse._make((pseudonym, user, tokens, days_used, before.get(pseudonym, ZERO), days[last]))
        for user, pseudonym, tokens, days_used, last in table.rows
    )
