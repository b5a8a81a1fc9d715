"""The cells of answers as what they are: days, tokens, counts."""

from __future__ import annotations

from datetime import date, datetime

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Day, Instant, day
from farebox.services import project, report
from farebox.services.report import Raw


def day_in(cell: Raw) -> Day:
    """Return a date; the first of a month may come as a moment."""
    assert isinstance(cell, date), "it is a column of dates"
    return day(cell.date() if isinstance(cell, datetime) else cell)


def tokens_in(cell: Raw) -> Tokens:
    """Return tokens, exactly."""
    return Tokens(count_in(cell))


def count_in(cell: Raw) -> int:
    """Return a whole number."""
    assert isinstance(cell, int), "it is a column of numbers"
    return cell


def is_fresh(at: Instant) -> bool:
    """Return whether the warehouse has all; ask before a snapshot is taken, so that it cannot claim too much."""
    return project.lag_us(now=at) == 0


def moment_of(table: report.Found, at: Instant, *, fresh: bool) -> Instant:
    """Return the moment that a page shows; a warehouse that never held anything knows none, and now stands for it."""
    return table.as_of if table.position and not fresh else at
