"""Stretches of days along a chart: what each is called in full, and the labels that fit under the plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from farebox.domain.clock import as_date
from farebox.domain.periods import Days, add_months, month_of
from farebox.web import present
from farebox.web.charts import Tick

TICKS_MAX = 12
_WEEK = 7
_DAYS_APART_MAX = 62
_TICKS_NARROW = 6
"""Where more labels stand under the plot, every second one goes on a narrow screen."""


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of days: its dates in words, and a label as short as can be."""

    name: str
    label: str


def places(pieces: Sequence[Days]) -> tuple[Place, ...]:
    """Name the pieces: days by their date, whole months by the month, others by their first and last date."""
    by_month = any(piece.until - piece.since > _WEEK for piece in pieces)
    return tuple(Place(_name(piece), _label(piece, by_month=by_month)) for piece in pieces)


def ticks(pieces: Sequence[Days]) -> tuple[Tick, ...]:
    """Return at most `TICKS_MAX` labels, evenly spread; the first of each year has the year under it."""
    labels = [place.label for place in places(pieces)]
    named, before = _named(pieces), 0
    made: list[Tick] = []
    for number, at in enumerate(named):
        year = as_date(pieces[at].since).year
        under = present.year(pieces[at].since) if year != before else ""
        made.append(Tick(at, labels[at], under, spare=len(named) > _TICKS_NARROW and number % 2 == 1))
        before = year
    return tuple(made)


def _named(pieces: Sequence[Days]) -> Sequence[int]:
    """Return which places are labelled: of many days those that begin a month, so that labels are no odd dates."""
    every: Sequence[int] = range(len(pieces))
    if len(pieces) > _DAYS_APART_MAX and all(piece.until - piece.since == 1 for piece in pieces):
        every = [at for at, piece in enumerate(pieces) if month_of(piece.since) == piece.since]
    return every[:: max(1, -(-len(every) // TICKS_MAX))]


def _name(piece: Days) -> str:
    if piece.until - piece.since == 1:
        return present.weekday_date(piece.since)
    if month_of(piece.since) == piece.since and add_months(piece.since, 1) == piece.until:
        return present.by_skeleton("yMMMM", piece.since)
    return present.dates(piece)


def _label(piece: Days, *, by_month: bool) -> str:
    return present.month(piece.since) if by_month else present.by_skeleton("MMMd", piece.since)
