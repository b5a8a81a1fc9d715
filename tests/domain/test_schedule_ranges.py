"""Which exports a schedule makes, and which month each run is about (usage-api 6.9)."""

from __future__ import annotations

import calendar
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farebox.domain.clock import DAY, Day, Instant, as_date, day, day_of, read_instant
from farebox.domain.schedules import Kind, Level, Wanted, parts, previous_month
from farebox.domain.usage import UsageCategory

EVERY_LEVEL = tuple(Level)


@pytest.mark.parametrize(
    ("due", "since", "until"),
    [
        ("2026-11-05T18:00:00Z", "2026-10-01", "2026-11-01"),
        ("2026-01-01T00:00:00Z", "2025-12-01", "2026-01-01"),
        ("2026-01-31T23:59:59Z", "2025-12-01", "2026-01-01"),
        ("2028-03-31T00:00:00Z", "2028-02-01", "2028-03-01"),
        ("2026-03-29T01:30:00Z", "2026-02-01", "2026-03-01"),
    ],
)
def test_a_run_is_about_the_whole_month_before_it(due: str, since: str, until: str) -> None:
    """The month is the calendar's, in UTC, at the ends of months and years and in leap years too."""
    assert tuple(map(as_date, previous_month(read_instant(due)))) == (
        date.fromisoformat(since),
        date.fromisoformat(until),
    )


@given(on=st.integers(day(date(1900, 1, 1)), day(date(2200, 1, 1))), within=st.integers(0, DAY - 1))
def test_every_month_is_whole_and_follows_the_one_before(on: int, within: int) -> None:
    """A range begins on a first, is as long as that month, and ends where the month of the run begins."""
    due = Instant(on * DAY + within)

    since, until = previous_month(due)

    first = as_date(since)
    assert first.day == 1
    assert until - since == calendar.monthrange(first.year, first.month)[1]
    assert as_date(until) == as_date(day_of(due)).replace(day=1)
    assert previous_month(Instant(until * DAY)) == (since, until)
    assert previous_month(Instant(until * DAY - 1))[1] == Day(since)


def test_the_cloud_is_two_kinds_and_one_of_them_has_no_sessions() -> None:
    """CLOUD is cloud services at every level and cloud products without sessions, as the published answer has it."""
    assert parts([Wanted(Kind.CLOUD, EVERY_LEVEL)]) == (
        (UsageCategory.CLOUD_SERVICE, Level.TRANSACTIONAL),
        (UsageCategory.CLOUD_SERVICE, Level.DAILY),
        (UsageCategory.CLOUD_SERVICE, Level.MONTHLY),
        (UsageCategory.CLOUD_PRODUCT, Level.DAILY),
        (UsageCategory.CLOUD_PRODUCT, Level.MONTHLY),
    )
    assert parts([Wanted(Kind.CLOUD_PRODUCT, (Level.TRANSACTIONAL,))]) == ()


@given(st.lists(st.builds(Wanted, st.sampled_from(Kind), st.lists(st.sampled_from(Level), max_size=4).map(tuple))))
def test_each_export_is_made_once_however_often_it_is_asked_for(wanted: list[Wanted]) -> None:
    """What is asked for twice is one export; nothing that was entered by hand is ever among them."""
    made = parts(wanted)

    assert len(set(made)) == len(made)
    assert parts([*wanted, *wanted]) == made
    assert {category for category, _ in made} <= {
        UsageCategory.DESKTOP_PRODUCT,
        UsageCategory.CLOUD_SERVICE,
        UsageCategory.CLOUD_PRODUCT,
    }
