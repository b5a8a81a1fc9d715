"""
The years of an enterprise contract: what each was given, what it consumed, and what is left of several years.

The tokens of a year lapse with it; multi-year tokens carry over to the next. What lapsed is not taken from
`remaining`: it is what was left before the year's end took it.  (domain C1, N6)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.packs import Pool
from farebox.domain.periods import Days


class Entry(NamedTuple):
    """Tokens that a contract was given (bought or moved in, less moved out) or consumed, in one of its years."""

    year: int
    pool: Pool
    provisioned: Tokens
    consumed: Tokens
    """Charges, and adjustments with their sign turned: an adjustment by n consumes minus n."""


class ContractYear(NamedTuple):
    """One year of a contract."""

    number: int
    days: Days
    provisioned: Tokens
    consumed: Tokens
    remaining: Tokens
    multi_year_at_start: Tokens
    multi_year_consumed: Tokens


def year_by_year(years: Sequence[Days], entries: Iterable[Entry]) -> tuple[ContractYear, ...]:
    """
    Add up a contract's entries for each of its years (domain N6).

    Multi-year tokens that are provisioned in a year count at its start. An entry outside `years` counts nowhere.
    """
    totals: dict[tuple[int, Pool], tuple[int, int]] = {}
    for year, pool, given, used in entries:
        before = totals.get((year, pool), (0, 0))
        totals[year, pool] = (before[0] + given, before[1] + used)
    table, carried = [], 0
    for number, days in enumerate(years, start=1):
        provisioned, consumed = totals.get((number, Pool.CY), (0, 0))
        joined, multi_year_consumed = totals.get((number, Pool.MY), (0, 0))
        at_start = carried + joined
        carried = at_start - multi_year_consumed
        amounts = (provisioned, consumed, provisioned - consumed, at_start, multi_year_consumed)
        table.append(ContractYear(number, days, *(Tokens(amount) for amount in amounts)))
    return tuple(table)


def multi_year_given(years: Sequence[ContractYear]) -> Tokens:
    """Return the tokens of several years that a contract was given in all: what is left of them, and what was used."""
    if not years:
        return ZERO
    last = years[-1]
    used_before = sum(year.multi_year_consumed for year in years[:-1])
    return Tokens(last.multi_year_at_start + used_before)
