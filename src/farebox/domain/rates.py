"""
Dated rates and settings: which one holds at an instant.

A rate or setting holds from its `since` until the next one of the same history starts. Old charges keep the
rate they had: the rate of a charge is the one in force at the charge's own instant.  (domain T7)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Instant
from farebox.domain.errors import Problem, Rejected


class Rate(NamedTuple):
    """What one charge of a product, or one unit of a service, costs from an instant on."""

    id: int
    since: Instant
    tokens: Tokens
    unit_size: int = 0
    """How many billable seconds the tokens pay for; 0 where they pay for a window, a day or a result (domain S2)."""


class Setting(NamedTuple):
    """The value of a dated setting from an instant on; its unit is in the name of the setting."""

    since: Instant
    value: int


def rate_in_force(rates: Sequence[Rate], at: Instant) -> Rate | None:
    """
    Return the rate in force `at` that instant, or None before the first (domain T7).

    `rates` is one product's history, sorted by `since`; it is read from its end, where charges mostly fall.
    """
    for rate in reversed(rates):
        if rate.since <= at:
            return rate
    return None


def price_at(rates: Sequence[Rate], at: Instant) -> Rate:
    """
    Return the rate that prices a charge `at` that instant.

    Raises `Rejected` with the code `no_rate` where there is none. Ingest quarantines a use that starts before
    the product's first rate, so that a chain never reaches an instant without one (domain T7, M2).
    """
    rate = rate_in_force(rates, at)
    if rate is None:
        raise no_rate()
    return rate


def no_rate() -> Rejected:
    """Make the refusal of a charge that no rate prices."""
    return Rejected([Problem("/data/product", "no_rate", "the product has no rate at that instant")])


def setting_in_force(settings: Sequence[Setting], at: Instant, default: int) -> int:
    """Return the value of a setting `at` that instant, or `default` before the first; sorted by `since`."""
    for setting in reversed(settings):
        if setting.since <= at:
            return setting.value
    return default
