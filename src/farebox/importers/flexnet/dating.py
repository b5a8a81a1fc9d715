"""
Dates for lines that carry only a time of day.

The log names the day now and then (`TIMESTAMP`, start lines, the summary log); between such anchors the time of
day falls back at midnight and the day goes on by one. What is known only later waits: the lines before the first
anchor, and those between a midnight and the next anchor, at most `HELD_LINES_MAX`.

When an anchor contradicts by whole days, the later lines follow the anchor, and the skew is noted. The lines
since the last midnight move with it, unless a daemon said the date as it started: then the silence lay before
the start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from farebox.domain.clock import DAY, SECOND, Day, Instant, as_date, day
from farebox.importers.flexnet.dates import YEAR_MAX, Dated
from farebox.importers.flexnet.facts import Line
from farebox.importers.flexnet.tally import Skip, Tally
from farebox.importers.flexnet.wall import WallClock

HELD_LINES_MAX: Final = 100_000
"""How many lines may wait for the next anchor; beyond, the day is taken as counted."""

STRAGGLE_SECONDS: Final = 60
"""Daemons share a file: a line may be this much behind the one before it and still belong where it says."""

_DAY_SECONDS: Final = DAY // SECOND
_LAST_DAY: Final = day(as_date(Day(0)).replace(year=YEAR_MAX + 1))


class Placed(NamedTuple):
    """A line and the instant at which it was written."""

    line: Line
    at: Instant
    offset_seconds: int


@dataclass(slots=True)
class _Shown:
    """A line and what the wall showed, as far as it is known."""

    line: Line
    day: int
    second_pass: bool


class Dater:
    """Gives every line its instant, in the order of the log."""

    def __init__(
        self,
        wall: WallClock,
        day_of: Callable[[Dated], Day | None],
        tally: Tally,
        *,
        held_lines_max: int = HELD_LINES_MAX,
    ) -> None:
        self._held_lines_max = held_lines_max
        self._wall = wall
        self._day_of = day_of
        self._tally = tally
        self._anchored = False
        self._waits = True
        self._held: list[_Shown] = []
        self._day = 0
        self._seconds: int | None = None
        self._second_pass = False

    def feed(self, line: Line) -> Iterator[Placed]:
        """Take one line that carries a time; give those whose day is certain now."""
        seconds = line.seconds or 0
        if self._passes_midnight(seconds):
            if self._anchored:
                yield from self._release()
            self._day = min(self._day + 1, _LAST_DAY)
            self._second_pass, self._waits = False, True
        shown = _Shown(line, self._count(seconds), self._second_pass)
        self._held.append(shown)
        if line.date is not None:
            self._anchor(line.date, shown)
        if not self._waits:
            yield from self._release()
        elif len(self._held) > self._held_lines_max:
            yield from self._give_up()

    def finish(self) -> Iterator[Placed]:
        """Give the lines that still wait; those of a log without any date are skipped."""
        yield from self._release() if self._anchored else self._drop()

    def _passes_midnight(self, seconds: int) -> bool:
        """Return whether the clock fell back, and not only by a straggling line or the end of summer time."""
        before = self._seconds
        if before is None or before - seconds <= STRAGGLE_SECONDS:
            return False
        if self._anchored and not self._second_pass:
            today = Day(self._day)
            twice = self._wall.comes_twice(today, seconds) and self._wall.comes_twice(today, before)
            self._second_pass = twice
            if twice:
                self._seconds = seconds
            return not twice
        return True

    def _count(self, seconds: int) -> int:
        """Return the day of a line by its time, and carry the clock on."""
        before = self._seconds
        if before is not None and self._waits_at_midnight(before, seconds):
            return self._day - 1
        if before is None or not 0 < before - seconds <= STRAGGLE_SECONDS:
            self._seconds = seconds
        return self._day

    def _waits_at_midnight(self, before: int, seconds: int) -> bool:
        """Return whether a line just after midnight is followed by one from just before it."""
        return seconds - before > _DAY_SECONDS - STRAGGLE_SECONDS

    def _anchor(self, written: Dated, shown: _Shown) -> None:
        on = self._day_of(written)
        if on is None:
            self._tally.date_unreadable(shown.line.number, written.numbers)
            return
        skew = on + _days_apart(written.seconds, shown.line.seconds or 0) - shown.day
        if skew:
            self._move(skew, shown, together=not (self._anchored and written.starts))
        self._tally.anchored(written, shown.line.number, skew if self._anchored else 0)
        self._anchored, self._waits = True, False

    def _move(self, skew: int, anchor: _Shown, *, together: bool) -> None:
        for shown in self._held if together else (anchor,):
            shown.day += skew
        self._day += skew

    def _release(self) -> Iterator[Placed]:
        for shown in self._held:
            yield self._place(shown)
        self._held.clear()

    def _place(self, shown: _Shown) -> Placed:
        at, offset_seconds, real = self._wall.at(Day(shown.day), shown.line.seconds or 0, second_pass=shown.second_pass)
        self._tally.placed(at, shown.line.number, real=real)
        return Placed(shown.line, at, offset_seconds)

    def _give_up(self) -> Iterator[Placed]:
        if self._anchored:
            self._waits = False
            yield from self._release()
        else:
            yield from self._drop()

    def _drop(self) -> Iterator[Placed]:
        for shown in self._held:
            if shown.line.fact is not None:
                self._tally.skip(Skip.UNDATED, shown.line.number)
        self._held.clear()
        yield from ()


def _days_apart(written_seconds: int | None, line_seconds: int) -> int:
    """Return the days from a date to its line, which the other side of a midnight may divide."""
    if written_seconds is None or abs(written_seconds - line_seconds) < _DAY_SECONDS // 2:
        return 0
    return 1 if written_seconds > line_seconds else -1
