"""
The clock on the licence server's wall, as instants.

A day of the server's zone may have an hour twice or miss one. An hour that comes twice is told apart by the
lines around it; a time inside a missing hour, which a clock of this zone never shows, is the moment of the
jump, so that time never runs backwards.  (domain T1, T3)
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from farebox.domain.clock import SECOND, Day, Instant, as_date, instant, midnight, moment
from farebox.domain.errors import InvalidTime

_SECOND = timedelta(seconds=1)


class Moment(NamedTuple):
    """An instant, how far the server's clock was ahead of UTC at it, and whether that clock shows such a time."""

    at: Instant
    offset_seconds: int
    real: bool = True


def zone_named(name: str) -> ZoneInfo:
    """Return the IANA zone of this name. Raises `InvalidTime`."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise InvalidTime(f"{name!r} is not a time zone like Europe/Paris") from error


class WallClock:
    """The wall clock of one zone."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._day: int | None = None
        self._steady: int | None = None

    def at(self, day: Day, seconds: int, *, second_pass: bool = False) -> Moment:
        """Return the instant at which the clock shows `seconds` after midnight of `day`."""
        steady = self._steady_offset(day)
        if steady is not None:
            return Moment(Instant(midnight(day, steady) + seconds * SECOND), steady)
        first, second = self._both(day, seconds)
        if _offset(first) < _offset(second):
            return self._jump(instant(second), instant(first))
        shown = second if second_pass else first
        return Moment(instant(shown), _offset(shown))

    def comes_twice(self, day: Day, seconds: int) -> bool:
        """Return whether the clock shows this time twice on this day."""
        if self._steady_offset(day) is not None:
            return False
        first, second = self._both(day, seconds)
        return _offset(first) > _offset(second)

    def _steady_offset(self, day: Day) -> int | None:
        """Return the offset of the whole day; None for a day on which it changes."""
        if day != self._day:
            begins, ends = (_offset(self._both(on, 0)[0]) for on in (day, Day(day + 1)))
            self._day, self._steady = day, begins if begins == ends else None
        return self._steady

    def _both(self, day: Day, seconds: int) -> tuple[datetime, datetime]:
        shown = datetime.combine(as_date(day), datetime.min.time(), self._zone) + seconds * _SECOND
        return shown, shown.replace(fold=1)

    def _jump(self, before: Instant, after: Instant) -> Moment:
        """Find the instant, between these two, at which the offset changes."""
        was = self._offset_at(before)
        while after - before > SECOND:
            middle = Instant((before + after) // 2 // SECOND * SECOND)
            before, after = (middle, after) if self._offset_at(middle) == was else (before, middle)
        return Moment(after, self._offset_at(after), real=False)

    def _offset_at(self, at: Instant) -> int:
        return _offset(moment(at).astimezone(self._zone))


def _offset(shown: datetime) -> int:
    offset = shown.utcoffset()
    assert offset is not None
    return int(offset.total_seconds())
