"""
The order of day and month in a log, learned and never guessed.

It is taken from the caller; or from a date that has one reading only (`3/30/2016`); or from an ambiguous date
that agrees, read one way, with a date spelled out. Until then the lines behind an ambiguous date wait. A log
that leaves it open to the end is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from farebox.domain.clock import Day
from farebox.domain.errors import Problem, Rejected
from farebox.importers.flexnet.dates import Dated, DateFormat, readings
from farebox.importers.flexnet.facts import Line

HELD_LINES_MAX: Final = 500_000
"""How many lines may wait for a date that tells the order of day and month."""

_FALL_SECONDS: Final = 2 * 3600
"""A clock that falls back by more than this has passed midnight; by less, it may be the end of summer time."""


class FormatGate:
    """Lets lines pass while their dates are certain, and keeps them back while one is not."""

    def __init__(self, given: DateFormat | None, *, held_lines_max: int = HELD_LINES_MAX) -> None:
        self.format = given
        self._held_lines_max = held_lines_max
        self._held: list[Line] = []
        self._ambiguous: Line | None = None
        self._today: int | None = None
        self._seconds = 0

    def feed(self, line: Line) -> Iterator[Line]:
        """Take one line that carries a time; give those whose dates can be read now."""
        if self.format is None:
            self._learn(line)
        if self.format is None and self._ambiguous:
            self._hold(line, self._ambiguous)
            return
        yield from self._held
        self._held.clear()
        yield line

    def day_of(self, written: Dated) -> Day | None:
        """Return the day of a date on a line that was let pass; None when it is no date in this log's order."""
        possible = readings(written)
        if written.order is not None or self.format is None:
            return next(iter(possible.values()), None)
        return possible.get(self.format)

    def finish(self) -> None:
        """Refuse a log whose dates stayed ambiguous to its end."""
        if self._held and self._ambiguous:
            raise _ambiguous(self._ambiguous)

    def _learn(self, line: Line) -> None:
        self._follow(line.seconds or 0)
        if line.date is None:
            return
        possible = readings(line.date)
        days = set(possible.values())
        if line.date.order is None and len(possible) == 1:
            self.format = next(iter(possible))
        elif len(days) == 1:
            self._today = next(iter(days))
        elif self._today in days:
            self.format = next(order for order, on in possible.items() if on == self._today)
        elif days:
            self._today = None
            self._ambiguous = self._ambiguous or line

    def _follow(self, seconds: int) -> None:
        """Carry the last certain date over midnight."""
        if self._today is not None and self._seconds - seconds > _FALL_SECONDS:
            self._today += 1
        self._seconds = seconds

    def _hold(self, line: Line, because: Line) -> None:
        self._held.append(line)
        if len(self._held) > self._held_lines_max:
            raise _ambiguous(because)


def _ambiguous(line: Line) -> Rejected:
    written = "/".join(map(str, line.date.numbers)) if line.date else "no date"
    message = (
        f"line {line.number} is dated {written} and nothing tells whether that is month first (mdy) or day first (dmy)"
    )
    return Rejected([Problem("/dateFormat", "ambiguous_date_format", message)])
