"""What a rate would change: the last complete month and the last 30 days, team by team, at the rate one thinks of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Instant, day_of
from farebox.domain.errors import NotFound
from farebox.domain.periods import Days, last_days, last_months
from farebox.domain.rates import Rate
from farebox.domain.what_if import Change, Cost, days_at, jobs_at, together, windows_at
from farebox.records import db, turnover, what_if
from farebox.records.catalogue import Catalogue, ContractFacts, snapshot
from farebox.records.models import Product, RateCard, Team
from farebox.records.models.contracts import Scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class Thought:
    """A rate that an operator thinks of."""

    card: str
    product: str
    tokens: Tokens
    complexity: str = ""
    unit_seconds: int = 0


class OfTeam(NamedTuple):
    """What the uses that the rate prices cost a contract and would have cost, and all that was used under it then."""

    team: str
    number: str
    cost: Cost
    used: Tokens


class Period(NamedTuple):
    """The dates that are priced again, contract by contract and together; who used none of it is left out."""

    days: Days
    contracts: tuple[OfTeam, ...]
    cost: Cost
    used: Tokens


class WhatIf(NamedTuple):
    """The last complete month, and the last 30 days."""

    month: Period
    rolling: Period


def rate_change(thought: Thought, *, at: Instant) -> WhatIf:
    """
    Price what was used of a product again, under every contract on a card (product A2).

    The dates are those of reports; uses that no rate could price are not in it. Raises `NotFound` for a card or a
    product that is not there.
    """
    today = day_of(at)
    with db.reading():
        card = RateCard.objects.filter(code=thought.card).first()
        product = Product.objects.filter(code=thought.product).first()
        if card is None or product is None:
            raise NotFound(f"no rate card {thought.card!r}, or no product {thought.product!r}")
        catalogue = snapshot()
        found = [contract for contract in catalogue.contracts.values() if contract.card == card.pk]
        change = Change(thought.complexity.strip().casefold(), Rate(0, at, thought.tokens, thought.unit_seconds))
        months, rolling = last_months(today, 1), last_days(today, 30)
        return WhatIf(*(_period(found, product.pk, change, days, catalogue) for days in (months, rolling)))


def _period(contracts: list[ContractFacts], product: int, change: Change, days: Days, catalogue: Catalogue) -> Period:
    names = dict(Team.objects.filter(pk__in=[contract.team for contract in contracts]).values_list("pk", "name"))
    found = []
    for contract in contracts:
        cost = _cost(contract, product, change, days, catalogue)
        if cost is not None:
            used = turnover.used(contract.id, since=days.since, until=days.until)
            found.append(OfTeam(names[contract.team], contract.number, cost, Tokens(used)))
    found.sort(key=lambda one: (-abs(one.cost.difference), one.team, one.number))
    total = together(one.cost for one in found)
    return Period(days, tuple(found), total, Tokens(sum(one.used for one in found)))


def _cost(contract: ContractFacts, product: int, change: Change, days: Days, catalogue: Catalogue) -> Cost | None:
    """Return what a contract's use of a product would have cost; None where there was none."""
    histories = {
        name: rates for (card, one, name), rates in catalogue.classes.items() if (card, one) == (contract.card, product)
    }
    free = any(rate.tokens == 0 for rates in histories.values() for rate in rates)
    jobs = list(what_if.jobs(contract.id, product, days, free=free))
    costs = [jobs_at(jobs, change, histories)] if jobs else []
    if not change.complexity:
        costs += _sessions(contract, product, change.rate, days, catalogue, free=free)
    return together(costs) if costs else None


def _sessions(
    contract: ContractFacts, product: int, rate: Rate, days: Days, catalogue: Catalogue, *, free: bool
) -> list[Cost]:
    """Return what the sessions of a product would have cost: by windows, or by days (domain F1, N4)."""
    if contract.scheme == Scheme.FLEX:
        windows = what_if.windows(contract.id, product, days, free=free)
        return [windows_at(windows.opened, windows.tokens, rate)] if windows.opened else []
    found = what_if.family_days(contract.id, product, days)
    others = {one: rates for (card, one), rates in catalogue.rates.items() if card == contract.card}
    return [days_at(found, product, rate, others)] if found else []
