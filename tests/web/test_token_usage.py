"""The view-model of the summary: what counts as low, what a file says, what the API is asked."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farebox.domain.amounts import ZERO, Tokens, tokens
from farebox.domain.clock import Day, day
from farebox.domain.periods import Days
from farebox.web.report import where
from farebox.web.reports.standing import Standing, UsageDay
from farebox.web.reports.summary import full_days

MARCH = day(date(2026, 3, 1))


def standing(used: int, available: int, reserved: int = 0) -> Standing:
    """Make a balance in whole tokens."""
    return Standing(
        used=tokens(used), available=tokens(available), reserved=tokens(reserved), added=ZERO, removed=ZERO, lapsed=ZERO
    )


@pytest.mark.parametrize(
    ("used", "available", "reserved", "low"),
    [(80, 20, 0, True), (79, 21, 0, False), (70, 20, 10, True), (0, 0, 0, False), (110, -10, 0, True)],
)
def test_a_fifth_is_low(used: int, available: int, reserved: int, low: bool) -> None:
    """At 20 percent or less of what the packs held the balance is low; what is reserved counts as held."""
    assert standing(used, available, reserved).is_low is low


def test_the_question_names_the_dates_shown() -> None:
    """The condition names the first and the last date, both included, and what else must hold."""
    assert where(Days(MARCH, Day(MARCH + 31))) == "usageDate >= '2026-03-01' AND usageDate <= '2026-03-31'"
    assert where(Days(MARCH, Day(MARCH + 1)), "x = 1").endswith("usageDate <= '2026-03-01' AND x = 1")


@given(st.dictionaries(st.integers(0, 40), st.integers(0, 10**12)))
def test_days_without_use_are_filled_in(used: dict[int, int]) -> None:
    """Every day of the range has one row, in order; rows outside it are left out and none is changed."""
    rows = tuple(UsageDay(Day(MARCH + at), Tokens(micro)) for at, micro in used.items())

    full = full_days(Days(MARCH, Day(MARCH + 31)), rows)

    assert [row.day for row in full] == list(range(MARCH, MARCH + 31))
    assert [row.tokens for row in full] == [used.get(at, 0) for at in range(31)]
