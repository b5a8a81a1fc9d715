"""Contracts: how long each lasts, whether it is in force now, and what its years had (usage-api 4.1, 4.2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Instant, day_of
from farebox.domain.contracts import ContractYear, multi_year_given
from farebox.domain.periods import Days
from farebox.records import db
from farebox.records import years as recorded
from farebox.records.models import Contract
from farebox.records.reading import Readable
from farebox.records.tenancy import acting_for


class Outline(NamedTuple):
    """A contract, its days, and whether it is in force."""

    number: str
    name: str
    days: Days
    active: bool


class Detail(NamedTuple):
    """A contract with its years, and the tokens of several years that it was given."""

    outline: Outline
    multi_year: Tokens
    years: tuple[ContractYear, ...]


def outlines(contracts: Sequence[Readable], *, at: Instant) -> list[Outline]:
    """Return the outline of each contract, in their order."""
    rows = Contract.objects.filter(pk__in=[contract.id for contract in contracts])
    years = recorded.spans(rows, at=at)
    return [_outline(contract, years[contract.id], at) for contract in contracts]


def detail(contract: Readable, *, at: Instant) -> Detail:
    """Return a contract with its years, all of one moment; the records know of what was booked just now."""
    with acting_for(contract.team_id), db.atomic():
        years = recorded.table(Contract.objects.get(pk=contract.id), at=at)
    outline = _outline(contract, tuple(year.days for year in years), at)
    return Detail(outline, multi_year_given(years), years)


def _outline(contract: Readable, years: Sequence[Days], at: Instant) -> Outline:
    """Return a contract that lasts as long as its years do; one without an end goes on as they are added."""
    days = Days(years[0].since, years[-1].until)
    return Outline(contract.number, contract.name, days, days.since <= day_of(at) < days.until)
