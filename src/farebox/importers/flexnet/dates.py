"""
Dates as a debug log writes them, and how sure one can be of them.

`3/30/2016` is one day, `4/5/2016` is two: April 5th or the 4th of May. Which one is decided by `gate`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from farebox.domain.clock import Day, day

YEAR_MIN: Final = 1980
YEAR_MAX: Final = 2199


class DateFormat(StrEnum):
    """The order in which a log writes month, day and year."""

    MDY = "mdy"
    DMY = "dmy"
    YMD = "ymd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A date on a line: three numbers, in an order that the writing itself may tell."""

    numbers: tuple[int, int, int]
    order: DateFormat | None
    seconds: int | None = None
    """The time of day that belongs to the date where it was written with one."""
    starts: bool = False
    """Whether a daemon said it as it started: before it, the log may have been silent for days."""
    zone_words: str = ""


_NUMERIC = re.compile(r"\s*(\d{1,4})([/.-])(\d{1,2})\2(\d{1,4})(?!\S)")
_SPELLED = re.compile(r"\w{3} (\w{3}) +(\d{1,2}) (\d{4}) (\d{1,2}):(\d{2}):(\d{2})(?: (.*))?", re.DOTALL)
_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}


def numeric(text: str, *, starts: bool = False) -> Dated | None:
    """Read a text that begins with a date like `3/30/2016` or `2016-03-30`; one with a two-digit year is none."""
    found = _NUMERIC.match(text)
    if found is None or (len(found[1]) == 4) == (len(found[4]) == 4):
        return None
    order = DateFormat.YMD if len(found[1]) == 4 else None
    return Dated(numbers=(int(found[1]), int(found[3]), int(found[4])), order=order, starts=starts)


def spelled_out(text: str, *, starts: bool = False) -> Dated | None:
    """Find `Wed Mar 30 2016 01:56:00 Romance Daylight Time` in a text."""
    found = _SPELLED.search(text)
    if found is None or found[1] not in _MONTHS:
        return None
    return Dated(
        numbers=(int(found[3]), _MONTHS[found[1]], int(found[2])),
        order=DateFormat.YMD,
        seconds=int(found[4]) * 3600 + int(found[5]) * 60 + int(found[6]),
        starts=starts,
        zone_words=(found[7] or "").strip(),
    )


def readings(written: Dated) -> dict[DateFormat, Day]:
    """Return every day that a date can mean, by the order that gives it."""
    orders = (written.order,) if written.order else (DateFormat.MDY, DateFormat.DMY)
    found = ((order, _as_day(written.numbers, order)) for order in orders)
    return {order: on for order, on in found if on is not None}


def _as_day(numbers: tuple[int, int, int], order: DateFormat) -> Day | None:
    a, b, c = numbers
    match order:
        case DateFormat.MDY:
            year, month, on = c, a, b
        case DateFormat.DMY:
            year, month, on = c, b, a
        case DateFormat.YMD:
            year, month, on = a, b, c
    try:
        return day(date(year, month, on)) if YEAR_MIN <= year <= YEAR_MAX else None
    except ValueError:
        return None
