"""
Report files that are made each week or each month: when a run is due, and which usage dates it is about.

A person names a day and an hour of the team's clock; usage dates are UTC (domain T2). A run is about the whole week or
month before its day, and never begins before the last of those dates has ended in UTC: else the file would lack hours
that it says it has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from typing import NamedTuple, assert_never
from zoneinfo import ZoneInfo, available_timezones

from farebox.domain.clock import Day, Instant, as_date, day, instant, midnight, moment
from farebox.domain.errors import Problem
from farebox.domain.periods import Days, add_months, month_of

UTC_ZONE = "UTC"
"""The clock of a team that has chosen none."""

_AREAS = frozenset(
    {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)


class Every(StrEnum):
    """How often a run is due."""

    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """
    When runs are due: each week `on` a weekday (1 is Monday), or each month `on` a day, at a full hour of a clock.

    A month that has no such day has its run on its last day.
    """

    every: Every
    on: int
    hour: int
    zone: str = UTC_ZONE


class Due(NamedTuple):
    """When a run is due, and the usage dates that it is about."""

    at: Instant
    days: Days


def zones() -> tuple[str, ...]:
    """Return the names of the clocks that a team may choose: UTC, then places of the world by area."""
    places = sorted(name for name in available_timezones() if name.partition("/")[0] in _AREAS and "/" in name)
    return UTC_ZONE, *places


def problems(rhythm: Rhythm) -> list[Problem]:
    """Return everything that is wrong with a rhythm, its clock apart: that is the team's."""
    found = []
    last = 7 if rhythm.every is Every.WEEK else 31
    if not 1 <= rhythm.on <= last:
        found.append(Problem("/on", "no_such_day", f"a {rhythm.every} has days from 1 to {last}"))
    if not 0 <= rhythm.hour <= 23:
        found.append(Problem("/hour", "no_such_hour", "a day has hours from 0 to 23"))
    return found


def following(rhythm: Rhythm, *, after: Instant) -> Due:
    """Return the first run that is due after an instant."""
    return next(due for due in _around(rhythm, after) if due.at > after)


def latest(rhythm: Rhythm, *, until: Instant) -> Due:
    """Return the last run that was due at an instant or before."""
    return [due for due in _around(rhythm, until) if due.at <= until][-1]


def last_complete(every: Every, today: Day) -> Days:
    """Return the last whole week or month before a day: what a file is about that is asked for between two runs."""
    return _period(every, today, -1)


def local(at: Instant, zone: str) -> datetime:
    """Return an instant as the clock of a zone shows it."""
    return moment(at).astimezone(ZoneInfo(zone))


def _around(rhythm: Rhythm, at: Instant) -> Iterator[Due]:
    """Yield the runs from two periods before an instant to two after it, in order."""
    here = day(local(at, rhythm.zone).date())
    for step in range(-2, 3):
        period = _period(rhythm.every, here, step)
        on = Day(min(period.since + rhythm.on, period.until) - 1)
        days = _period(rhythm.every, on, -1)
        yield Due(Instant(max(_instant(rhythm, on), midnight(days.until))), days)


def _period(every: Every, on: Day, step: int) -> Days:
    """Return the week or month of a day, or one that lies `step` periods after it."""
    match every:
        case Every.WEEK:
            monday = Day(on - as_date(on).weekday() + 7 * step)
            return Days(monday, Day(monday + 7))
        case Every.MONTH:
            first = add_months(month_of(on), step)
            return Days(first, add_months(first, 1))
        case _:
            assert_never(every)


def _instant(rhythm: Rhythm, on: Day) -> Instant:
    """Return the instant of the hour on a day; an hour that the clock leaves out comes an hour later (domain T3)."""
    return instant(datetime.combine(as_date(on), time(rhythm.hour), tzinfo=ZoneInfo(rhythm.zone)))
