"""
Token usage › By user: who used products in a range, which ones, on how many days, and how that differs from before.

All of it comes from one snapshot, and so from one ledger position (domain R4). What has no person, adjustments by
hand, is a row as any other, so that the rows add up to the total (domain R1, R2). Whether names are shown changes
nothing but the names (quality P1).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.clock import Day, Instant
from farebox.domain.periods import Days, previous
from farebox.query.plan import Question as Asked
from farebox.services import people, report
from farebox.services.people import Named
from farebox.services.report import Readable, WithLastUse
from farebox.web.choice import Choice
from farebox.web.question import Question
from farebox.web.report import where
from farebox.web.reports.cells import day_in, is_fresh, moment_of, tokens_in
from farebox.web.reports.measures import change_of
from farebox.web.reports.products import USED_MONTHS, last_month
from farebox.web.reports.stretches import gathered, pieces_of
from farebox.web.reports.summary import Totals, per_day, totals_in, totals_of

SORTS = (
    "-tokensConsumed", "userName", "team", "daysUsed", "monthlyTokens", "previousTokens", "growth", "change",
    "lastUsageDate",
)  # fmt: skip

Before = Mapping[str, Tokens]
"""The tokens of the period before, by pseudonym."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What one person used of one product in the range; without `code`, what was adjusted by hand."""

    code: str
    name: str
    tokens: Tokens
    days_used: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UserUse:
    """
    One person of one team in a range: products, the largest first, tokens, days, and the tokens of the period before.

    `user` is the e-mail address or login, as the API has it; the pseudonym where names are hidden. Without `pseudonym`
    it is what is booked to nobody. `last` is none where there is an adjustment by hand only.
    """

    pseudonym: str
    user: str
    named: Named | None
    team: str
    products: tuple[Used, ...]
    tokens: Tokens
    days_used: int
    before: Tokens
    last: Day | None

    @property
    def called(self) -> str:
        """The name, or what stands for it."""
        return self.named.name if self.named else self.user

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
    """All that the tab shows; `gone` is how many people used something in the period before and nothing in this one."""

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

    @property
    def is_empty(self) -> bool:
        """Whether nothing was used in the range, and nothing adjusted."""
        return not self.users

    @property
    def tells_teams(self) -> bool:
        """Whether the people are of several teams, so that each is shown with theirs."""
        return any(user.team for user in self.users)


def gather(choice: Choice, question: Question, *, at: Instant) -> Users:
    """Gather the tab for the contracts chosen."""
    days, before, fresh = question.days, previous(question.days), is_fresh(at)
    asked = [totals_of(days), totals_of(before), per_user(days), per_user(before), per_product(days), per_day(days)]
    tables = report.answers_of_all([*asked, USED_MONTHS], choice.chosen)
    totals, totals_before, now, then, by_product, by_day, months = tables
    pieces, past = pieces_of(days, question.gathered), _tokens_before(then)
    return Users(
        as_of=moment_of(totals, at, fresh=fresh),
        position=totals.position,
        days=days,
        totals=totals_in(totals),
        before=before,
        totals_before=totals_in(totals_before),
        pieces=pieces,
        by_piece=gathered(pieces, ((day_in(on), tokens_in(tokens)) for on, tokens in by_day.rows)),
        users=_users(now, past, _products(by_product), choice),
        gone=len({pseudonym for pseudonym in past if pseudonym} - {str(row[0]) for row in now.rows}),
        last_month=last_month(row[-2:] for row in months.rows),
    )


def per_user(days: Days) -> WithLastUse:
    """Return the question for the tokens and days of each person."""
    return WithLastUse(fields=("hashedUserId", "userName"), metrics=("tokensConsumed", "daysUsed"), where=where(days))


def per_product(days: Days) -> Asked:
    """Return the question for the tokens and days of each person with each product."""
    return Asked(
        fields=("hashedUserId", "userName", "productLineCode", "productName"),
        metrics=("tokensConsumed", "daysUsed"),
        where=where(days),
    )


def teams_told(contracts: tuple[Readable, ...]) -> Mapping[str, str]:
    """Return everybody's team, where there are several."""
    return people.teams(contracts) if len({contract.team_id for contract in contracts}) > 1 else {}


def _tokens_before(table: report.Table) -> Before:
    return {str(pseudonym): tokens_in(tokens) for pseudonym, _user, tokens, *_ in table.rows}


def _products(table: report.Table) -> Mapping[str, list[Used]]:
    """Return the products of each person, the largest first; those that took as much stay in the order of codes."""
    found: defaultdict[str, list[Used]] = defaultdict(list)
    for pseudonym, _user, code, name, tokens, days_used in table.rows:
        used = Used(code=str(code), name=str(name), tokens=tokens_in(tokens), days_used=int(days_used))
        found[str(pseudonym)].append(used)
    for several in found.values():
        several.sort(key=lambda used: used.tokens, reverse=True)
    return found


def _users(
    table: report.Table, before: Before, products: Mapping[str, list[Used]], choice: Choice
) -> tuple[UserUse, ...]:
    named, teams = people.named(choice.chosen), teams_told(choice.chosen)
    found = (
        UserUse(
            pseudonym=str(pseudonym),
            user=str(user),
            named=named.get(str(pseudonym)),
            team=teams.get(str(pseudonym), ""),
            products=tuple(products.get(str(pseudonym), ())),
            tokens=tokens_in(tokens),
            days_used=int(days_used),
            before=before.get(str(pseudonym), ZERO),
            last=day_in(last) if last else None,
        )
        for pseudonym, user, tokens, days_used, last in table.rows
    )
    return tuple(sorted(found, key=lambda one: one.called.casefold()))
