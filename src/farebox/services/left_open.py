"""What is open in a team and looks forgotten, and what being left open cost: for administrators (product B9, N3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.contrib.auth.base_user import AbstractBaseUser

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Instant, day_of
from farebox.domain.left_open import Sign, cost, signs
from farebox.domain.periods import Days, last_days
from farebox.domain.rights import Action
from farebox.records import left_open as records
from farebox.records.catalogue import snapshot
from farebox.records.left_open import Running
from farebox.records.models import Person, Product, Team
from farebox.records.standing import standing
from farebox.records.tenancy import acting_for

LISTED_MAX = 500
"""How many open sessions a page looks at, those opened first first; it says how many there are in all."""

COST_DAYS = 30
COSTS_MAX = 100
"""How many people and products are named with what being left open cost; the total is of all."""


class Who(NamedTuple):
    """Somebody of the team: the pseudonym, and the name where the team shows names (quality P1)."""

    pseudonym: str
    name: str


class What(NamedTuple):
    """A product, as the catalogue names it."""

    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOpen:
    """A session that looks left open; where names are hidden, no machine, as it may be named after somebody."""

    who: Who
    what: What
    running: Running
    machine: str
    signs: tuple[Sign, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Costly:
    """What being left open cost in some dates, of one person with one product."""

    who: Who
    what: What
    times: int
    tokens: Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """
    What looks left open in a team now, of how many open sessions, and what being left open cost in `days`.

    `looked` is less than `open` where there are too many sessions to look at all; `total` is the tokens of all costs.
    """

    names_hidden: bool
    open: int
    looked: int
    left: tuple[LeftOpen, ...]
    days: Days
    costs: tuple[Costly, ...]
    total: Tokens
    others: int
    """How many more cost something than are named."""


def overview(user: AbstractBaseUser, team_id: int, *, hours: int, now: Instant) -> Overview:
    """
    Show what looks left open in a team, and what was charged because sessions had been open for `hours`.

    Raises `NotFound` and `Forbidden` as the matrix says (quality T2).
    """
    held = standing(user, team_id, Action.USAGE)
    with acting_for(held.team_id):
        catalogue = snapshot()
        contracts = [one.id for one in catalogue.contracts_of.get(held.team_id, ())]
        found = records.running(contracts, catalogue, now=now, limit=LISTED_MAX)
        judged = [(one, signs(one.opened, hours=hours, now=now)) for one in found]
        left = [(one, told) for one, told in judged if told]
        days = last_days(day_of(now), COST_DAYS)
        all_costs = cost(records.rolled(contracts, days), hours=hours)
        costs = all_costs[:COSTS_MAX]
        hidden = Team.objects.get(pk=held.team_id).names_hidden
        people = _people({one.person for one, _ in left} | {one.person for one in costs}, hidden=hidden)
        products = _products({one.product for one, _ in left} | {one.product for one in costs})
        count = records.count(contracts) if len(found) == LISTED_MAX else len(found)
    return Overview(
        names_hidden=hidden,
        open=count,
        looked=len(found),
        left=tuple(_left(one, told, people, products, hidden=hidden) for one, told in left),
        days=days,
        costs=tuple(
            Costly(who=people[one.person], what=products[one.product], times=one.times, tokens=one.tokens)
            for one in costs
        ),
        total=Tokens(sum(one.tokens for one in all_costs)),
        others=len(all_costs) - len(costs),
    )


def _left(
    one: Running, told: tuple[Sign, ...], people: Mapping[int, Who], products: Mapping[int, What], *, hidden: bool
) -> LeftOpen:
    machine = "" if hidden else one.machine
    return LeftOpen(who=people[one.person], what=products[one.product], running=one, machine=machine, signs=told)


def _people(numbers: Iterable[int], *, hidden: bool) -> dict[int, Who]:
    rows = Person.objects.filter(pk__in=sorted(numbers)).values_list("pk", "pseudonym", "name", "key")
    return {pk: Who(pseudonym, "" if hidden else name or key) for pk, pseudonym, name, key in rows}


def _products(numbers: Iterable[int]) -> dict[int, What]:
    rows = Product.objects.filter(pk__in=sorted(numbers)).values_list("pk", "code", "name")
    return {pk: What(code, name) for pk, code, name in rows}
