"""Moments at which calendars do something odd, and sessions written as a program on that clock writes them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)

ZONES = {
    "Europe/Paris": 2026,
    "America/New_York": 2026,
    "Australia/Lord_Howe": 2026,
    "Pacific/Apia": 2011,
    "Africa/Casablanca": 2026,
    "UTC": 2026,
}
"""Zones and a year of theirs: a step of half an hour, a date that was left out (30 December 2011), a step a Ramadan."""


@cache
def steps_of(zone: str) -> list[datetime]:
    """Return the moments of a zone's year at which its clocks are moved; for UTC the turn of each month."""
    year, clock = ZONES[zone], ZoneInfo(zone)
    if zone == "UTC":
        return [datetime(year, month, 1, tzinfo=UTC) for month in range(1, 13)]
    hours = [datetime(year, 1, 1, tzinfo=UTC) + nth * HOUR for nth in range(366 * 24)]
    moved = [after for before, after in pairwise(hours) if offset(before, clock) != offset(after, clock)]
    return [_exactly(after, clock) for after in moved]


def _exactly(after: datetime, clock: ZoneInfo) -> datetime:
    """Return the first minute of the hour up to `after` that has the new offset."""
    minutes = [after - HOUR + nth * MINUTE for nth in range(61)]
    return next(one for one in minutes if offset(one, clock) == offset(after, clock))


def offset(at: datetime, clock: ZoneInfo) -> timedelta:
    """Return how far a clock is ahead of UTC at a moment."""
    found = at.astimezone(clock).utcoffset()
    assert found is not None
    return found


def signed(ahead: timedelta) -> str:
    """Write an offset as events carry it: +9:00, -3:30."""
    minutes = int(ahead.total_seconds()) // 60
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60}:{abs(minutes) % 60:02d}"


def session(name: str, start: str, end: str, **data: Any) -> bytes:
    """Write a session of one person and product A, with moments as they are given."""
    body = {"product": "A", "start": start, "end": end, **data}
    envelope = {"specversion": "1.0", "id": name, "source": "test", "type": "farebox.session", "time": start}
    return json.dumps({**envelope, "subject": "ana@example.com", "data": body}).encode()


def local(at: datetime, zone: str) -> str:
    """Write a moment as a program on that zone's clock does, with the offset of the moment."""
    return at.astimezone(ZoneInfo(zone)).isoformat()


def days_at(start: datetime, end: datetime, ahead: timedelta) -> list[tuple[datetime, datetime]]:
    """Cut a stretch at the midnights of a clock that is `ahead` of UTC all the time."""
    cut = []
    while start < end:
        clock = (start + ahead).replace(tzinfo=UTC)
        midnight = datetime(clock.year, clock.month, clock.day, tzinfo=UTC) + 24 * HOUR - ahead
        cut.append((start, min(midnight, end)))
        start = midnight
    return cut
