"""
Calendar arithmetic: report ranges, months for averages, years of packs and of contracts.

Ranges are half-open stretches of usageDates. A date that a month does not have is the first of the next month: a year
after 29 February is 1 March, and a month that begins on a 31st begins again on the 1st after a short month. Nothing
here knows what day it is.  (domain T4, T5, T6, C1)
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from farebox.domain.clock import DAY, Day, Instant, as_date, day, day_of, midnight
from farebox.domain.errors import Problem, Rejected


class Days(NamedTuple):
    """A half-open stretch of days: `since` belongs to it, `until` does not."""

    since: Day
    until: Day


class Months(StrEnum):
    """What "the last n months" means: a setting of the installation (domain T4)."""

    COMPLETE = "complete"
    TO_DATE = "to_date"
    ROLLING = "rolling"


class Range(NamedTuple):
    """The days of a report, and the months by which its monthly averages divide (domain T5)."""

    days: Days
    months: int


def rolling_days(today: Day, count: int) -> Range:
    """Return the range "last `count` days"; its averages divide by one (domain T4, T5)."""
    return Range(last_days(today, count), 1)


def recent_months(today: Day, count: int, style: Months = Months.COMPLETE) -> Range:
    """Return the range "last `count` months"; its averages divide by `count` (domain T4, T5)."""
    return Range(last_months(today, count, style), count)


def custom(first: Day, last: Day) -> Range:
    """
    Return the range from one day to another, both included.

    Raises `Rejected` where the last day lies before the first.
    """
    if last < first:
        raise Rejected([Problem("/range", "range_reversed", "the last day of a range lies before its first")])
    days = Days(first, Day(last + 1))
    return Range(days, months_begun(days))


def last_days(today: Day, count: int) -> Days:
    """Return the `count` days that end with `today`, today included (domain T4)."""
    assert count > 0
    return Days(Day(today + 1 - count), Day(today + 1))


def last_months(today: Day, count: int, style: Months = Months.COMPLETE) -> Days:
    """
    Return the last `count` months (domain T4).

    COMPLETE: whole months, the last one before the month of `today`. TO_DATE: this month up to today, and the whole
    months before it. ROLLING: `count` months that end with today.
    """
    assert count > 0
    this_month, tomorrow = month_of(today), Day(today + 1)
    match style:
        case Months.COMPLETE:
            return Days(add_months(this_month, -count), this_month)
        case Months.TO_DATE:
            return Days(add_months(this_month, 1 - count), tomorrow)
        case Months.ROLLING:
            return Days(add_months(tomorrow, -count), tomorrow)


def previous(days: Days) -> Days:
    """Return the period before `days`: as many whole months where it is whole months, else as many days."""
    if month_of(days.since) == days.since and month_of(days.until) == days.until:
        return Days(add_months(days.since, -months_begun(days)), days.since)
    return Days(Day(2 * days.since - days.until), days.since)


def months_in(days: Days, *, rolling: bool = False) -> int:
    """Return what monthly averages divide by: one for rolling days, else the months begun (domain T5)."""
    return 1 if rolling else months_begun(days)


def months_begun(days: Days) -> int:
    """Count the months that begin within `days`, the first of them on its first day (domain T5)."""
    first, last = as_date(days.since), as_date(Day(days.until - 1))
    months = 12 * (last.year - first.year) + last.month - first.month
    return months + 1 if add_months(days.since, months) < days.until else months


def month_of(on: Day) -> Day:
    """Return the first day of the month of a day: its usageMonth."""
    return day(as_date(on).replace(day=1))


def add_months(on: Day, count: int) -> Day:
    """Return the same day of the month `count` months later; the first of the next where there is none."""
    start = as_date(on)
    months = 12 * start.year + start.month - 1 + count
    year, month = divmod(months, 12)
    try:
        return day(date(year, month + 1, start.day))
    except ValueError:
        return add_months(day(date(year, month + 1, 1)), 1)


def year_later(at: Instant) -> Instant:
    """
    Return the end of one year that begins `at` an instant: the same date and time (domain T6).

    A year that begins on 29 February ends as 28 February does, at 00:00 on 1 March, so that nothing bought later
    ends earlier.
    """
    bought = day_of(at)
    end = add_months(bought, 12)
    same_date = as_date(end).day == as_date(bought).day
    return Instant(midnight(end) + at % DAY) if same_date else midnight(end)


def contract_years(start: Day, end: Day) -> tuple[Days, ...]:
    """Divide a contract into its years, which begin on the anniversaries of its start; the last may be short (C1)."""
    return tuple(_years(start, end))


def whole_years(start: Day, count: int) -> tuple[Days, ...]:
    """Return the first `count` years of a contract that has no end."""
    return contract_years(start, add_months(start, 12 * count))


def contract_year_of(start: Day, on: Day) -> int:
    """Return the number of the contract year of a day, from 1; a day before the start counts to the first (C1)."""
    years = as_date(on).year - as_date(start).year
    return max(1, years + 1 if add_months(start, 12 * years) <= on else years)


def weeks_in(days: Days) -> tuple[Days, ...]:
    """Divide `days` into ISO weeks, Monday to Sunday, cut at its ends (domain R6)."""
    first_monday = days.since - as_date(days.since).weekday()
    mondays = range(first_monday, days.until, 7)
    return tuple(Days(Day(max(monday, days.since)), Day(min(monday + 7, days.until))) for monday in mondays)


def months_of(days: Days) -> tuple[Days, ...]:
    """Divide `days` into calendar months, cut at its ends."""
    pieces, since = [], days.since
    while since < days.until:
        until = min(add_months(month_of(since), 1), days.until)
        pieces.append(Days(since, until))
        since = until
    return tuple(pieces)


def _years(start: Day, end: Day) -> Iterator[Days]:
    """Yield the years of a contract, each from its own anniversary."""
    year = 0
    while (since := add_months(start, 12 * year)) < end:
        year += 1
        yield Days(since, min(add_months(start, 12 * year), end))
