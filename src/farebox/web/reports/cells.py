"""The cells of answers as what they are: days, tokens, counts."""

from __future__ import annotations

from datetime import date

from farebox.domain.amounts import MICRO, Tokens, tokens
from farebox.domain.clock import Day, Instant, day
from farebox.query.present import JsonCell
from farebox.services import project, report


def day_in(cell: JsonCell) -> Day:
    """Return a date."""
    return day(date.fromisoformat(str(cell)))


def tokens_in(cell: JsonCell) -> Tokens:
    """Return tokens, exactly."""
    return tokens(f"{cell:f}") if not isinstance(cell, str | int) else Tokens(int(cell or 0) * MICRO)


def is_fresh(at: Instant) -> bool:
    """Return whether the warehouse has all; ask before a snapshot is taken, so that it cannot claim too much."""
    return project.lag_us(now=at) == 0


def moment_of(table: report.Table, at: Instant, *, fresh: bool) -> Instant:
    """Return the moment that a page shows; a warehouse that never held anything knows none, and now stands for it."""
    return table.as_of if table.position and not fresh else at
