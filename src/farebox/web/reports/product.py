"""
Token usage › By product › one product: who used it, which versions, and how its tokens spread over people and time.

All of it comes from one snapshot, and so from one ledger position (domain R4). A code that none of the reader's
contracts ever used is not there (quality T2).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Day, Instant
from farebox.domain.errors import NotFound, QueryRejected
from farebox.domain.periods import Days, previous
from farebox.query.plan import Question as Asked
from farebox.services import report
from farebox.services.report import Ask, WithLastUse
from farebox.web.choice import Choice
from farebox.web.question import Question
from farebox.web.report import among, equals, where
from farebox.web.reports.cells import count_in, day_in, is_fresh, moment_of, tokens_in
from farebox.web.reports.products import amounts_in, last_month, over_time
from farebox.web.reports.stretches import gathered, pieces_of
from farebox.web.reports.summary import Totals, totals_in, totals_of
from farebox.web.reports.who import NOBODY, Known, known, needs_all
from farebox.web.tables import page_of

SORTS = ("-tokensConsumed", "userName", "team", "monthlyTokens", "daysUsed", "lastUsageDate")


class ProductUser(NamedTuple):
    """
    What one person of a team used of the product in the range.

    `user` is the e-mail address or login, as the API has it; the pseudonym where names are hidden. Without `pseudonym`
    it is what is booked to nobody. `last` is none where there is an adjustment by hand only.
    """

    pseudonym: str
    user: str
    tokens: Tokens
    days_used: int
    last: Day | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionUse:
    """How many people used a version, and its tokens; without `version` the uses that told none."""

    version: str
    users: int
    tokens: Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductReport:
    """
    All that the page shows; `all_tokens` are those of all products in the range.

    `order` are the people that the search finds, in the order asked for; who they are, and `versions_of` each, is told
    of those who are seen, on a page or in a file: the newest first, one that was not told without a name.
    """

    as_of: Instant
    position: int
    code: str
    name: str
    days: Days
    totals: Totals
    before: Days
    totals_before: Totals
    all_tokens: Tokens
    users: tuple[ProductUser, ...]
    versions: tuple[VersionUse, ...]
    pieces: tuple[Days, ...]
    by_piece: tuple[int, ...]
    last_month: Day | None
    versions_of: Mapping[str, Sequence[str]] = field(default_factory=dict)
    order: Sequence[ProductUser] | None = None
    known: Known = NOBODY

    @property
    def is_empty(self) -> bool:
        """Whether the product was not used in the range."""
        return not self.users


Arrange = Callable[[ProductReport], Sequence[ProductUser]]
"""Finds and orders the people as the question asks."""


def gather(choice: Choice, question: Question, code: str, arrange: Arrange, *, at: Instant) -> ProductReport:
    """
    Gather the page for the contracts chosen; names and versions only of those who are seen.

    Raises `NotFound` where none of the contracts offered ever used a product of this code.
    """
    try:
        fresh = is_fresh(at)
        with report.at_one_position(choice.chosen) as ask:
            found = _found(ask, choice, question, code, at, fresh=fresh)
            return _told(ask, found, choice, question, arrange)
    except QueryRejected as error:
        raise NotFound("no product has such a code") from error


def per_user(days: Days, code: str) -> WithLastUse:
    """Return the question for the tokens and days of each person."""
    return WithLastUse(
        fields=("hashedUserId", "userName"),
        metrics=("tokensConsumed", "daysUsed"),
        where=where(days, equals("productLineCode", code)),
    )


def per_version(days: Days, code: str) -> Asked:
    """Return the question for the users and tokens of each version."""
    return Asked(
        fields=("productVersion",),
        metrics=("uniqueUsers", "tokensConsumed"),
        where=where(days, equals("productLineCode", code)),
    )


def versions_of_users(days: Days, code: str, *such: str) -> Asked:
    """Return the question for the versions that each person used, and on how many days."""
    return Asked(
        fields=("hashedUserId", "productVersion"),
        metrics=("daysUsed",),
        where=where(days, equals("productLineCode", code), *such),
    )


def _told(ask: Ask, found: ProductReport, choice: Choice, question: Question, arrange: Arrange) -> ProductReport:
    """Add the order of the people, and the names and versions of everybody or of those who are seen."""
    if needs_all(question):
        versions = ask([versions_of_users(found.days, found.code)])
        found = replace(found, known=known(choice.chosen), versions_of=_versions_of(versions))
        return replace(found, order=arrange(found))
    order = arrange(found)
    those = [one.pseudonym for one in page_of(order, question) if one.pseudonym]
    such = [among("hashedUserId", those)] if those else []
    versions = ask([versions_of_users(found.days, found.code, one) for one in such])
    return replace(found, order=order, known=known(choice.chosen, those), versions_of=_versions_of(versions))


def _found(ask: Ask, choice: Choice, question: Question, code: str, at: Instant, *, fresh: bool) -> ProductReport:
    """Ask for everything but who the people are and which versions they used."""
    days, before, such = question.days, previous(question.days), equals("productLineCode", code)
    asked = [totals_of(days, such), totals_of(before, such), _tokens_of(days), per_user(days, code)]
    asked += [per_version(days, code), over_time(question, such), _known(code)]
    totals, totals_before, all_of_range, users, versions, by_day, named = ask(asked)
    pieces = pieces_of(days, question.gathered)
    return ProductReport(
        as_of=moment_of(totals, at, fresh=fresh),
        position=totals.position,
        code=code,
        name=_name(named, choice, code),
        days=days,
        totals=totals_in(totals),
        before=before,
        totals_before=totals_in(totals_before),
        all_tokens=Tokens(sum(tokens_in(tokens) for (tokens,) in all_of_range.rows)),
        users=_users(users),
        versions=_versions(versions),
        pieces=pieces,
        by_piece=gathered(pieces, amounts_in(by_day, days).get(code, ())),
        last_month=last_month(row[-2:] for row in named.rows),
    )


def _tokens_of(days: Days) -> Asked:
    """Return the question for the tokens of all products."""
    return Asked(metrics=("tokensConsumed",), where=where(days))


def _known(code: str) -> Asked:
    """Return the question for the name of the product, and the months in which it was used."""
    return Asked(
        fields=("productLineCode", "productName", "usageMonth"),
        metrics=("daysUsed",),
        where=equals("productLineCode", code),
    )


def _name(known: report.Found, choice: Choice, code: str) -> str:
    """Return the name of the product, which another contract of the reader may have used. Raises `NotFound`."""
    named = _names(known, code)
    others = [contract for contract in choice.offered if contract not in choice.chosen]
    if not named and others:
        named = _names(report.answers_of_all([_known(code)], others)[0], code)
    if not code or not named:
        raise NotFound("no such product, or not used by your teams")
    return named[0]


def _names(known: report.Found, code: str) -> list[str]:
    return [str(row[1]) for row in known.rows if row[0] == code]


def _users(table: report.Found) -> tuple[ProductUser, ...]:
    """Return the people as the answer has them; there may be tens of thousands."""
    days = {last: day_in(last) if last else None for last in {row[-1] for row in table.rows}}
    return tuple(ProductUser._make((*row, days[last])) for *row, last in table.rows)


def _versions(table: report.Found) -> tuple[VersionUse, ...]:
    """Return the versions, the newest by name first; what told none comes last."""
    every = (VersionUse(version=str(v), users=count_in(n), tokens=tokens_in(t)) for v, n, t in table.rows)
    return tuple(sorted(every, key=lambda one: _newness(one.version), reverse=True))


def _versions_of(answers: Iterable[report.Found]) -> Mapping[str, Sequence[str]]:
    """Return the versions of each person, the newest first; what was adjusted by hand is no use of one."""
    rows = [row for one in answers for row in one.rows]
    newness = {version: _newness(str(version)) for version in {row[1] for row in rows}}
    found: defaultdict[str, list[str]] = defaultdict(list)
    for pseudonym, version, days_used in sorted(rows, key=lambda row: newness[row[1]], reverse=True):
        if days_used:
            found[str(pseudonym)].append(str(version))
    return found


def _newness(version: str) -> tuple[bool, tuple[int, ...], str]:
    """Return what orders versions; one that was not told comes before all."""
    return version != "", _numbers(version), version


def _numbers(version: str) -> tuple[int, ...]:
    """Return the numbers in a version, by which 10 comes after 9."""
    return tuple(map(int, re.findall("[0-9]{1,9}", version)))
