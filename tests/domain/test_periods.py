"""Ranges, months for averages, years of packs and contracts (T4, T5, T6, C1, R6)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.makers import THOROUGH

from farebox.domain.clock import DAY, Day, Instant, as_date, day, read_instant
from farebox.domain.errors import Rejected
from farebox.domain.periods import (
    Days,
    Months,
    add_months,
    contract_year_of,
    contract_years,
    custom,
    last_days,
    last_months,
    month_of,
    months_begun,
    months_in,
    months_of,
    previous,
    recent_months,
    rolling_days,
    weeks_in,
    year_later,
)

days_of_our_time = st.integers(0, 365 * 100).map(Day)
counts = st.integers(1, 40)


def on(text: str) -> Day:
    """Read a day written as a date."""
    return day(date.fromisoformat(text))


def dates(days: Days) -> tuple[str, str]:
    """Write a range by its first and last date."""
    return as_date(days.since).isoformat(), as_date(Day(days.until - 1)).isoformat()


def between(first: str, last: str) -> Days:
    """Return the days from one date to another, both included."""
    return Days(on(first), Day(on(last) + 1))


def test_the_last_thirty_days_end_today() -> None:
    """Thirty dates, today included (T4)."""
    assert dates(last_days(on("2026-03-15"), 30)) == ("2026-02-14", "2026-03-15")


@pytest.mark.parametrize(
    ("today", "count", "style", "expected"),
    [
        ("2026-05-10", 3, Months.COMPLETE, ("2026-02-01", "2026-04-30")),
        ("2026-05-01", 3, Months.COMPLETE, ("2026-02-01", "2026-04-30")),
        ("2026-05-31", 12, Months.COMPLETE, ("2025-05-01", "2026-04-30")),
        ("2024-03-01", 1, Months.COMPLETE, ("2024-02-01", "2024-02-29")),
        ("2026-05-10", 3, Months.TO_DATE, ("2026-03-01", "2026-05-10")),
        ("2026-05-10", 3, Months.ROLLING, ("2026-02-11", "2026-05-10")),
        ("2026-03-30", 1, Months.ROLLING, ("2026-03-01", "2026-03-30")),
    ],
)
def test_the_last_months(today: str, count: int, style: Months, expected: tuple[str, str]) -> None:
    """Complete months end before this one; to-date and rolling ones end today (T4)."""
    assert dates(last_months(on(today), count, style)) == expected


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        ("2026-01-15", "2026-02-14", 1),
        ("2026-01-15", "2026-02-15", 2),
        ("2026-01-10", "2026-03-20", 3),
        ("2026-01-01", "2026-01-01", 1),
        ("2026-01-31", "2026-02-28", 1),
        ("2026-01-31", "2026-03-01", 2),
        ("2024-02-29", "2025-02-28", 12),
        ("2024-02-29", "2025-03-01", 13),
        ("2025-12-01", "2026-02-28", 3),
    ],
)
def test_a_custom_range_counts_the_months_that_it_begins(first: str, last: str, months: int) -> None:
    """Counted from its first day, unfinished ones included (T5)."""
    assert custom(on(first), on(last)) == (between(first, last), months)


def test_a_reversed_range_is_refused() -> None:
    """The last day may not lie before the first."""
    with pytest.raises(Rejected) as refused:
        custom(on("2026-02-02"), on("2026-02-01"))

    assert [problem.code for problem in refused.value.problems] == ["range_reversed"]


def test_rolling_days_are_one_month_for_an_average() -> None:
    """Thirty days divide by one, even when they touch two months and more (T5)."""
    assert rolling_days(on("2026-03-01"), 30) == (last_days(on("2026-03-01"), 30), 1)
    assert months_in(last_days(on("2026-03-01"), 30), rolling=True) == 1


@given(days_of_our_time, counts, st.sampled_from(Months))
@THOROUGH
def test_n_months_divide_by_n(today: Day, count: int, style: Months) -> None:
    """Whatever "last n months" means, its averages divide by n (T5, R6)."""
    chosen = recent_months(today, count, style)

    assert chosen.months == count == months_in(chosen.days)


@given(days_of_our_time, st.integers(1, 2000))
@THOROUGH
def test_months_begin_one_after_another(since: Day, length: int) -> None:
    """Month k is begun exactly when its first day lies in the range (T5)."""
    days = Days(since, Day(since + length))

    begun = months_begun(days)

    assert add_months(since, begun - 1) < days.until <= add_months(since, begun)


@given(days_of_our_time, st.integers(-200, 200))
@THOROUGH
def test_adding_months_keeps_the_day_or_takes_the_next(start: Day, count: int) -> None:
    """The day of the month stays, or is the first after a short month; months add up in order."""
    moved, origin = as_date(add_months(start, count)), as_date(start)

    months = 12 * (moved.year - origin.year) + moved.month - origin.month
    assert (moved.day, months) in {(origin.day, count), (1, count + 1)}
    assert add_months(start, count) < add_months(start, count + 1)


@pytest.mark.parametrize(
    ("bought", "end"),
    [
        ("2025-03-10T09:00:00Z", "2026-03-10T09:00:00Z"),
        ("2024-02-29T09:00:00Z", "2025-03-01T00:00:00Z"),
        ("2024-02-28T23:59:59.999999Z", "2025-02-28T23:59:59.999999Z"),
        ("2024-03-01T00:00:00Z", "2025-03-01T00:00:00Z"),
        ("2023-02-28T12:00:00Z", "2024-02-28T12:00:00Z"),
        ("2023-03-01T12:00:00Z", "2024-03-01T12:00:00Z"),
        ("2037-06-01T00:00:00Z", "2038-06-01T00:00:00Z"),
    ],
)
def test_a_pack_lives_one_calendar_year(bought: str, end: str) -> None:
    """The same date and time a year later; bought on 29 February, until March begins (T6)."""
    assert year_later(read_instant(bought)) == read_instant(end)


@given(st.integers(0, 100 * 366 * DAY), st.integers(0, 3 * DAY))
@THOROUGH
def test_what_is_bought_later_never_ends_earlier(bought: int, later: int) -> None:
    """A year has 365 or 366 days, and keeps the order of purchases (T6)."""
    end = year_later(Instant(bought))

    assert 365 * DAY <= end - bought <= 366 * DAY
    assert end <= year_later(Instant(bought + later))


def test_contract_years_begin_on_anniversaries() -> None:
    """The last year may be short (C1)."""
    years = contract_years(on("2024-02-29"), on("2026-09-01"))

    assert [dates(year) for year in years] == [
        ("2024-02-29", "2025-02-28"),
        ("2025-03-01", "2026-02-28"),
        ("2026-03-01", "2026-08-31"),
    ]


@given(days_of_our_time, st.integers(1, 4000))
@THOROUGH
def test_each_day_of_a_contract_is_in_the_year_of_its_number(start: Day, length: int) -> None:
    """Years follow each other without a gap, and every day's number finds its year (C1)."""
    years = contract_years(start, Day(start + length))

    assert (years[0].since, years[-1].until) == (start, start + length)
    for number, year in enumerate(years, start=1):
        assert contract_year_of(start, year.since) == contract_year_of(start, Day(year.until - 1)) == number
    assert contract_year_of(start, Day(start - 1)) == 1


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (between("2026-02-01", "2026-04-30"), ("2025-11-01", "2026-01-31")),
        (between("2026-02-14", "2026-03-15"), ("2026-01-15", "2026-02-13")),
        (between("2026-03-01", "2026-03-10"), ("2026-02-19", "2026-02-28")),
    ],
)
def test_the_period_before(days: Days, expected: tuple[str, str]) -> None:
    """Whole months compare with whole months, other ranges with as many days."""
    assert dates(previous(days)) == expected


@given(days_of_our_time, st.integers(1, 400))
@THOROUGH
def test_weeks_and_months_partition_a_range(since: Day, length: int) -> None:
    """ISO weeks and calendar months, cut at the ends, cover each day once (R6)."""
    days = Days(since, Day(since + length))

    for parts in (weeks_in(days), months_of(days)):
        assert [one for part in parts for one in range(*part)] == list(range(*days))
    assert {as_date(week.since).weekday() for week in weeks_in(days)[1:]} <= {0}
    assert {as_date(month.since).day for month in months_of(days)[1:]} <= {1}
    assert all(month_of(month.since) == month_of(Day(month.until - 1)) for month in months_of(days))
