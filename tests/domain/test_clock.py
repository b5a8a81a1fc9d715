"""Instants and days go both ways exactly, in every zone, and what is no moment is refused (quality, "Times", X10)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.makers import THOROUGH

from farebox.domain.clock import (
    DAY,
    Day,
    Instant,
    as_date,
    as_iso,
    day,
    day_of,
    instant,
    midnight,
    moment,
    read_instant,
)
from farebox.domain.errors import InvalidTime, NaiveTime

moments = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=st.timezones())  # noqa: DTZ001
instants = st.integers(instant(datetime(2, 1, 1, tzinfo=UTC)), instant(datetime(9998, 12, 31, tzinfo=UTC))).map(Instant)
offsets = st.integers(-12 * 4, 14 * 4).map(lambda quarters: quarters * 900)


@given(moments)
@THOROUGH
def test_a_moment_of_any_zone_is_one_instant(at: datetime) -> None:
    """The instant is the moment in UTC, to the microsecond; the hour that clocks repeat is two instants (T1)."""
    assert moment(instant(at)) == at.astimezone(UTC)
    assert instant(at) == instant(at.astimezone(UTC))


@given(instants)
@THOROUGH
def test_an_instant_survives_being_written(at: Instant) -> None:
    """Text in UTC holds the very same instant."""
    assert read_instant(as_iso(at)) == at
    assert as_iso(at).endswith("Z")


@given(instants, offsets)
@THOROUGH
def test_every_instant_lies_in_its_day(at: Instant, offset_seconds: int) -> None:
    """A day of a clock begins at its midnight and ends before the next (T2)."""
    on = day_of(at, offset_seconds)

    assert midnight(on, offset_seconds) <= at < midnight(Day(on + 1), offset_seconds)
    assert as_date(on) == moment(at).astimezone(timezone(timedelta(seconds=offset_seconds))).date()


@given(st.dates())
@THOROUGH
def test_a_date_is_one_day(on: date) -> None:
    """Calendar dates and days are the same thing."""
    assert as_date(day(on)) == on


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2026-03-04T09:12:00Z", "2026-03-04T09:12:00Z"),
        ("2026-03-04T09:12:00+14:00", "2026-03-03T19:12:00Z"),
        ("2026-03-04T09:12:00-00:00", "2026-03-04T09:12:00Z"),
        ("2026-03-04T09:12:00.000001+05:30", "2026-03-04T03:42:00.000001Z"),
        ("2022-11-07T20:26:03.3608278Z", "2022-11-07T20:26:03.360827Z"),
        ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"),
        ("2038-01-19T03:14:08Z", "2038-01-19T03:14:08Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
    ],
)
def test_moments_are_read_with_their_zone(text: str, written: str) -> None:
    """Any offset is normalised to UTC; digits beyond microseconds are cut (S2)."""
    assert as_iso(read_instant(text)) == written


@pytest.mark.parametrize(
    "text",
    [
        "", "now", "2026-03-04T09:12:60Z", "2016-12-31T23:59:60Z", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-03-04T25:00:00Z", "10000-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "2026-03-04T09:12:00+24:00",
        "2026-03-04T09:12:00 Europe/Paris", "1772615520", "2026-03-04T09:12:00Z\n", "２０２６-03-04T09:12:00Z",
    ],
)  # fmt: skip
def test_what_is_no_moment_is_refused(text: str) -> None:
    """Dates that do not exist, leap seconds and other writings are refused, not repaired."""
    with pytest.raises(InvalidTime):
        read_instant(text)


@pytest.mark.parametrize("text", ["2026-03-04T09:12:00", "2026-03-04", "2026-03-29T02:30:00"])
def test_a_moment_without_a_zone_is_refused(text: str) -> None:
    """Which zone was meant is not guessed (T1)."""
    with pytest.raises(NaiveTime):
        read_instant(text)
    with pytest.raises(NaiveTime):
        instant(datetime.fromisoformat(text))


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_a_moment_outside_the_calendar_in_utc_is_refused(text: str) -> None:
    """What could not be written again in UTC is not read."""
    with pytest.raises(InvalidTime):
        read_instant(text)


@pytest.mark.parametrize(
    ("zone", "on", "hours"),
    [
        ("Europe/Paris", date(2026, 3, 29), 23),
        ("Europe/Paris", date(2026, 10, 25), 25),
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("Pacific/Apia", date(2011, 12, 29), 24),
        ("Africa/Casablanca", date(2026, 2, 15), 25),
        ("UTC", date(2026, 3, 29), 24),
    ],
)
def test_calendar_days_have_their_own_lengths(zone: str, on: date, hours: float) -> None:
    """A day of a zone may have 23, 25 or half hours; a day of 24 hours is something else (T3)."""
    there = ZoneInfo(zone)
    begins = instant(datetime(on.year, on.month, on.day, tzinfo=there))
    after = on + timedelta(days=2 if zone == "Pacific/Apia" else 1)
    ends = instant(datetime(after.year, after.month, after.day, tzinfo=there))

    assert ends - begins == int(hours * DAY / 24)
