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
from farebox.web.reports.standing import Standing, UsageDay, run_out
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


def a_year(last: dict[int, int]) -> tuple[UsageDay, ...]:
    """Make a year that ends on 1 March, with whole tokens used so many days before its end."""
    return tuple(UsageDay(Day(MARCH - ago), tokens(last.get(ago, 0))) for ago in reversed(range(365)))


@pytest.mark.parametrize(
    ("available", "used", "day", "pace", "days"),
    [
        (100, dict.fromkeys(range(200), 10), MARCH + 10, 10, 90),
        (100, {19: 200}, MARCH + 10, 10, 20),
        (100, {1: 70}, MARCH + 10, 10, 7),
        (0, {1: 70}, MARCH, 10, 7),
        (-5, {1: 70}, MARCH, 10, 7),
        (100, {}, None, 0, 7),
        (100, {200: 5}, None, 0, 90),
        (10**6, {1: 7}, None, 1, 7),
    ],
)
def test_the_run_out_date_follows_the_pace(
    available: int, used: dict[int, int], day: int | None, pace: int, days: int
) -> None:
    """The pace is that of 90 days, or of a younger contract's life but a week at least; ten years is out of sight."""
    found = run_out(tokens(available), a_year(used))

    assert (found.day, found.pace, found.days) == (day, tokens(pace), days)
