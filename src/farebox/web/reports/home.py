"""
What the first page shows: what is left of each contract, what to be warned of, and what an administrator asks first.

Balances come from the records at this very moment; who spent and what grew from one snapshot of the warehouse, about
the last complete month and the one before it (domain R4, R7, T4). Where nobody used anything in that month, as in a
team's first one, the answers are about this month so far. People are known by pseudonyms only; whoever shows
them puts names in, where names are shown (quality P1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.clock import Day, Instant, day_of
from farebox.domain.periods import Days, Months, last_days, last_months, previous
from farebox.query.plan import Question as Asked
from farebox.services import attention, report
from farebox.services.acting import acting_for
from farebox.services.attention import Attention
from farebox.services.report import Readable
from farebox.web.choice import Choice
from farebox.web.report import where
from farebox.web.reports.cells import day_in, is_fresh, moment_of, tokens_in
from farebox.web.reports.products import tokens_per_product
from farebox.web.reports.standing import Account, Standing, UsageDay, account_of, standing
from farebox.web.reports.summary import full_days, per_day

SPARK_DAYS = 30
"""The days that the small chart of a contract shows."""


class Spender(NamedTuple):
    """Somebody, by pseudonym, and the tokens that they used."""

    pseudonym: str
    tokens: Tokens


class Grower(NamedTuple):
    """A product, its tokens of a month and of the month before."""

    code: str
    name: str
    tokens: Tokens
    before: Tokens

    @property
    def more(self) -> Tokens:
        """How much more it took than the month before."""
        return Tokens(self.tokens - self.before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """
    The last complete month: its tokens, those of the month before, who spent most, and what grew most.

    `so_far`: it is this month up to today. Of several that are equal it is the one that stands first in the table to
    which the page leads.
    """

    days: Days
    tokens: Tokens
    before: Tokens
    spender: Spender | None
    grower: Grower | None
    so_far: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """
    All that the page shows.

    `recent` has the tokens of each of the last 30 days for each contract; `attention` is by the number of
    the team, in the order of the contracts.
    """

    choice: Choice
    as_of: Instant
    accounts: tuple[Account, ...]
    standing: Standing
    recent: Mapping[str, tuple[UsageDay, ...]]
    month: Month
    reported: Instant
    """The moment that the reports show."""
    attention: Mapping[int, Attention]

    @property
    def is_new(self) -> bool:
        """Whether there are neither tokens nor uses yet."""
        return all(one.is_new for one in self.accounts) and not self.is_used

    @property
    def is_used(self) -> bool:
        """Whether any program ever sent something that was accepted, or let somebody open a product."""
        return any(one.is_used for one in self.attention.values())

    @property
    def nobody_in(self) -> int | None:
        """The first of the teams in which nobody was given a product; None where there is no such team."""
        return next((team for team, one in self.attention.items() if not one.is_assigned), None)


def gather(choice: Choice, *, at: Instant) -> Home:
    """Gather the page for the contracts chosen."""
    accounts = tuple(account_of(contract, at=at) for contract in choice.chosen)
    fresh = is_fresh(at)
    month, shown = _answered(choice.chosen, day_of(at))
    return Home(
        choice=choice,
        as_of=at,
        accounts=accounts,
        standing=standing(accounts),
        recent={one.number: _recent(one, at) for one in choice.chosen},
        month=month,
        reported=moment_of(shown, at, fresh=fresh),
        attention=_attention(choice.chosen, at),
    )


def _answered(contracts: Sequence[Readable], today: Day) -> tuple[Month, report.Found]:
    """Return the month that is answered about, and an answer that says which moment is shown."""
    complete, this_month = last_months(today, 1), last_months(today, 1, Months.TO_DATE)
    with report.at_one_position(contracts) as ask:
        answers = ask(_asked(complete, previous(complete)))
        if not any(answer.rows for answer in answers[:2]):
            so_far = ask(_asked(this_month, complete))
            if any(answer.rows for answer in so_far):
                return _month(this_month, so_far, so_far=True), so_far[0]
    return _month(complete, answers), answers[0]


def _asked(days: Days, before: Days) -> list[Asked]:
    people = Asked(fields=("userName", "hashedUserId"), metrics=("tokensConsumed",), where=where(days))
    return [people, tokens_per_product(days), tokens_per_product(before)]


def _month(days: Days, answers: Sequence[report.Found], *, so_far: bool = False) -> Month:
    people, now, before = answers
    spent = [Spender(str(who), tokens_in(used)) for _user, who, used in people.rows if who]
    used, earlier = _by_product(now), _by_product(before)
    grown = [
        Grower(code, name, used.get((code, name), ZERO), earlier.get((code, name), ZERO))
        for code, name in {**earlier, **used}
        if code
    ]
    most = max(spent, key=lambda one: one.tokens, default=None)
    grew = max(grown, key=lambda one: one.more, default=None)
    return Month(
        days=days,
        tokens=Tokens(sum(used.values())),
        before=Tokens(sum(earlier.values())),
        spender=most if most and most.tokens > 0 else None,
        grower=grew if grew and grew.more > 0 else None,
        so_far=so_far,
    )


def _by_product(table: report.Found) -> dict[tuple[str, str], Tokens]:
    return {(str(code), str(name)): tokens_in(used) for code, name, used in table.rows}


def _recent(contract: Readable, at: Instant) -> tuple[UsageDay, ...]:
    days = last_days(day_of(at), SPARK_DAYS)
    rows = report.answers_of_all([per_day(days)], [contract])[0].rows
    return full_days(days, (UsageDay(day_in(on), tokens_in(used)) for on, used in rows))


def _attention(contracts: Sequence[Readable], at: Instant) -> dict[int, Attention]:
    found: dict[int, Attention] = {}
    for contract in contracts:
        if contract.team_id not in found:
            with acting_for(contract.team_id):
                found[contract.team_id] = attention.attention(contract.team_id, at=at)
    return found
