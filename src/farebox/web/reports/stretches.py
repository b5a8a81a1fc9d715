"""The stretches that a report gathers days into, what they are called, and numbers gathered into them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from farebox.domain.clock import Day
from farebox.domain.periods import Days, months_of, weeks_in
from farebox.web.question import By

__all__ = ["gathered", "pieces_of"]


def pieces_of(days: Days, by: By) -> tuple[Days, ...]:
    """Return the stretches of a range: its days, its ISO weeks, or its months, cut at its ends (domain R6)."""
    match by:
        case By.DAY:
            return tuple(Days(Day(on), Day(on + 1)) for on in range(days.since, days.until))
        case By.WEEK:
            return weeks_in(days)
        case By.MONTH:
            return months_of(days)


def gathered(pieces: Sequence[Days], amounts: Iterable[tuple[Day, int]]) -> tuple[int, ...]:
    """Return the sum of the amounts in each stretch; the stretches follow one another without a gap."""
    place = {on: at for at, piece in enumerate(pieces) for on in range(piece.since, piece.until)}
    sums = [0] * len(pieces)
    for on, amount in amounts:
        if on in place:
            sums[place[on]] += amount
    return tuple(sums)
