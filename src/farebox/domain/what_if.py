"""
What dates that are over would have cost at another rate: the uses as they were, priced as if it had been in force.

Nobody's use is guessed: what counts is the units that were charged. Under Flex these are the windows; under an
enterprise contract the products that were chargeable to a person in a family on a day; of services the jobs that gave
their result. Entries by hand, and uses that were dated in closed books, keep what they cost.  (product A2; domain F1,
N4, S1, S2, T7)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.charging.jobs import Job, classes_of, price_of_job
from farebox.domain.clock import Instant
from farebox.domain.rates import Rate, rate_in_force

Histories = Mapping[str, Sequence[Rate]]
"""The rates of a product on a card, each sorted by `since`, by the class of job that they price."""


class Change(NamedTuple):
    """A rate that somebody thinks of: for what class of job (empty: for windows, days, any job), and the rate."""

    complexity: str
    rate: Rate


class Cost(NamedTuple):
    """What the same uses cost, and what they would have cost."""

    was: Tokens
    would: Tokens

    @property
    def difference(self) -> Tokens:
        """What more they would have cost; below zero: what less."""
        return Tokens(self.would - self.was)


class FamilyDay(NamedTuple):
    """The products that were chargeable to one person in a family on one day, what that cost, and the day's instant."""

    products: frozenset[int]
    tokens: Tokens
    at: Instant


class JobDone(NamedTuple):
    """A job that gave its result: its class as it was named, what it says of itself, what it cost and when."""

    named: str
    job: Job
    tokens: Tokens
    at: Instant


def windows_at(count: int, was: Tokens, rate: Rate) -> Cost:
    """Price windows again: each costs the rate, in full (domain F1)."""
    return Cost(was, Tokens(count * rate.tokens))


def days_at(days: Iterable[FamilyDay], product: int, change: Rate, others: Mapping[int, Sequence[Rate]]) -> Cost:
    """
    Price the days on which a product was chargeable again: each costs its dearest product (domain N4).

    `others` are the histories of the other products, of which each day takes the rate that was in force.
    """
    was, would = 0, 0
    for day in days:
        found = [rate_in_force(others.get(other, ()), day.at) for other in day.products - {product}]
        was += day.tokens
        would += max([change.tokens, *(rate.tokens for rate in found if rate is not None)])
    return Cost(Tokens(was), Tokens(would))


def jobs_at(jobs: Iterable[JobDone], change: Change, histories: Histories) -> Cost:
    """
    Price jobs again: those of the class that changes at the new rate, the others stay as they were (domain S1).

    A class of its own takes jobs away from the class that priced them in its place. A job that the new rate cannot
    measure, because it says nothing of its time, keeps what it cost.
    """
    was, would = 0, 0
    for one in jobs:
        was += one.tokens
        would += _job_at(one, change, histories)
    return Cost(Tokens(was), Tokens(would))


def _job_at(one: JobDone, change: Change, histories: Histories) -> Tokens:
    for complexity in classes_of(one.named):
        if complexity == change.complexity:
            measured = not change.rate.unit_size or one.job.seconds is not None or one.job.results is not None
            return price_of_job(one.job, change.rate) if measured else one.tokens
        if histories.get(complexity):
            return one.tokens
    return one.tokens


def together(costs: Iterable[Cost]) -> Cost:
    """Add up costs."""
    was, would = ZERO, ZERO
    for one in costs:
        was, would = Tokens(was + one.was), Tokens(would + one.would)
    return Cost(was, would)
