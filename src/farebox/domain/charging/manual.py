"""
What people enter by hand: consumption that no product told of, and adjustments of a pool.

A consumption is one charge at 00:00 UTC of its transaction date; it opens no window and counts to no family's day.
An adjustment names its pool and consumes minus what it changes it by, so that consumption adds up over everything that
was booked.  (domain T2, N6)
"""

from __future__ import annotations

from farebox.domain.amounts import MICRO, Tokens
from farebox.domain.clock import Day, Instant, Span, midnight
from farebox.domain.packs import Pool
from farebox.domain.periods import Days, add_months, contract_year_of, year_later
from farebox.domain.rates import Rate
from farebox.domain.usage import ChargeCategory, Reason, Row


def price_of_quantity(rate: Rate, quantity_micro: int) -> Tokens:
    """Return rate × quantity, rounded down to a millionth of a token."""
    return Tokens(rate.tokens * quantity_micro // MICRO)


def consumption_row(use: int, product: int, on: Day, tokens: Tokens, rate: int) -> Row:
    """Make the one row of a consumption: CHARGED, of no length, at 00:00 UTC of its date (domain T2)."""
    return _row(use, product, on, tokens, Reason.ENTERED_BY_HAND, rate)


def adjustment_row(use: int, on: Day, change: Tokens) -> Row:
    """Make the one row of an adjustment; it consumes minus the change of the pool (domain N6)."""
    return _row(use, 0, on, Tokens(-change), Reason.ADJUSTED, 0)


def _row(use: int, product: int, on: Day, tokens: Tokens, reason: Reason, rate: int) -> Row:
    at = midnight(on)
    return Row(use, product, at, at, on, ChargeCategory.CHARGED, tokens, at, reason, None, rate)


def contract_year_at(start: Day, on: Day) -> Days:
    """Return the contract year of a day, whole even where the contract ends in it (domain C1)."""
    year = contract_year_of(start, on)
    return Days(add_months(start, 12 * (year - 1)), add_months(start, 12 * year))


def life_of_added(pool: Pool, on: Day, *, start: Day, end: Day | None, latest: Instant) -> Span:
    """
    Return from when until when tokens live that an adjustment adds on a date, under a contract from `start` to `end`.

    Flex tokens and credits live for a year, those of a contract year until it ends, multi-year ones as long as the
    contract, or until `latest` where it has no end.
    """
    since = midnight(on)
    if pool in (Pool.FLEX, Pool.CREDIT):
        return Span(since, year_later(since))
    if pool is Pool.CY:
        year_end = contract_year_at(start, on).until
        return Span(since, midnight(year_end if end is None else min(year_end, end)))
    return Span(since, latest if end is None else midnight(end))
