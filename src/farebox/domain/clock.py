"""
Instants, days and spans.

An instant is whole microseconds since 1970-01-01T00:00Z; a day is whole days since 1970-01-01 on a named
clock. Both are integers, so that they compare, sort and store exactly on every engine. Spans are half-open.
Nothing here knows what time it is now.  (domain T1, T2, T3)
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple, NewType

from farebox.domain.errors import InvalidTime, NaiveTime

Instant = NewType("Instant", int)
"""A moment: whole microseconds since 1970-01-01T00:00:00Z (`…_us` in the database)."""

Day = NewType("Day", int)
"""A calendar date on a clock that the name beside it tells: whole days since 1970-01-01 (`…_day`)."""

MILLISECOND = 1_000
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
"""Twenty-four hours, in microseconds; a calendar day may have 23 or 25 (domain T3)."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DATE = date(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)

FIRST = Instant((datetime.min.replace(tzinfo=UTC) - EPOCH) // _MICROSECOND)
LAST = Instant((datetime.max.replace(tzinfo=UTC) - EPOCH) // _MICROSECOND)
"""The first and last instant that can be written: years 1 to 9999."""


class Span(NamedTuple):
    """A half-open stretch of time: `since` belongs to it, `until` does not."""

    since: Instant
    until: Instant


def instant(moment: datetime) -> Instant:
    """Return the instant of an aware `moment`. Raises `NaiveTime` for one without a zone."""
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise NaiveTime(f"{moment.isoformat()} has no time zone")
    return Instant((moment - EPOCH) // _MICROSECOND)


def moment(at: Instant) -> datetime:
    """Return `at` as an aware datetime in UTC."""
    return EPOCH + timedelta(microseconds=at)


def read_instant(text: str) -> Instant:
    """Read an RFC 3339 moment that carries a zone. Raises `InvalidTime`, or `NaiveTime` without a zone."""
    try:
        at = instant(datetime.fromisoformat(text))
    except ValueError as error:
        raise InvalidTime(f"{text!r:.40} is not a moment like 2026-03-04T09:12:00Z") from error
    if not FIRST <= at <= LAST:
        raise InvalidTime(f"{text!r:.40} lies outside the years 1 to 9999 in UTC")
    return at


def day_of(at: Instant, offset_seconds: int = 0) -> Day:
    """Return the day of `at` on a clock that is `offset_seconds` ahead of UTC (0: the UTC day)."""
    return Day((at + offset_seconds * SECOND) // DAY)


def midnight(day: Day, offset_seconds: int = 0) -> Instant:
    """Return the instant at which `day` begins on a clock that is `offset_seconds` ahead of UTC."""
    return Instant(day * DAY - offset_seconds * SECOND)


def day(on: date) -> Day:
    """Return the day of a calendar date."""
    return Day((on - EPOCH_DATE).days)


def as_date(on: Day) -> date:
    """Return the calendar date of a day."""
    return EPOCH_DATE + timedelta(days=on)


def as_iso(at: Instant) -> str:
    """Write `at` as RFC 3339 in UTC with a Z, with microseconds only where there are any."""
    return moment(at).isoformat().replace("+00:00", "Z")
