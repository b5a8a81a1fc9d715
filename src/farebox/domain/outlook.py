"""
What becomes of the tokens that are left, if use goes on at the pace of lately.

The pace is what was used in the last 90 days, divided by the days; adjustments are no use. From now on so much is
drawn each moment, from the packs in the order in which they pay; a pack that ends takes with it what it still has. So
the day on which tokens run out is never later than the end of the last pack, and what will lapse unused is told of
each pack. Nothing here knows what day it is.  (domain L1, L5, T6; product F8)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.clock import DAY, Day, Instant
from farebox.domain.packs import Pack, burn_order, is_alive
from farebox.domain.periods import Days, last_days

PACE_DAYS, PACE_DAYS_MIN = 90, 7
"""How many days the pace is taken from; of a young contract the days since its first use, but a week at least."""

SIGHT_DAYS = 3_650
"""How far ahead anything is foretold."""


class Pace(NamedTuple):
    """What was used in so many days; more than none of them."""

    tokens: Tokens
    days: int

    @property
    def a_day(self) -> Tokens:
        """The mean of a day, rounded down to a millionth."""
        return Tokens(self.tokens // self.days)


class Ending(StrEnum):
    """How the tokens that are there come to an end."""

    NOTHING_LEFT = "nothing_left"
    """There is nothing already."""
    USED_UP = "used_up"
    LAPSED = "lapsed"
    """What was still there ends with its pack."""
    OUT_OF_SIGHT = "out_of_sight"


class Fate(NamedTuple):
    """What becomes of what a pack has left: used, lapsed at its end, or still there when sight ends."""

    pack: int
    used: Tokens
    lapsed: Tokens
    left: Tokens
    emptied: Instant | None
    """When the last of it is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """When tokens run out at a pace, how they do, and what becomes of each pack, in the order in which they pay."""

    pace: Pace
    ending: Ending
    ends: Instant | None
    fates: tuple[Fate, ...]

    @property
    def lapsing(self) -> Tokens:
        """What will lapse unused, of all packs together."""
        return Tokens(sum(fate.lapsed for fate in self.fates))


@dataclass(slots=True)
class _Store:
    """A pack while time goes on; `left` in shares of a millionth, so that nothing is ever rounded."""

    pack: Pack
    left: int
    emptied: Instant | None = None


def pace_days(first_use: Day | None, today: Day) -> Days:
    """Return the days from which a pace is taken, today included; `first_use` is the first day that cost tokens."""
    since = PACE_DAYS if first_use is None else min(PACE_DAYS, max(PACE_DAYS_MIN, today + 1 - first_use))
    return last_days(today, since)


def pace_of(used: Tokens, days: Days) -> Pace:
    """Return the pace of what was used in those days; what was taken back later makes it no less than nothing."""
    return Pace(Tokens(max(used, 0)), days.until - days.since)


def foresee(pools: Iterable[Iterable[Pack]], pace: Pace, *, at: Instant) -> Outlook:
    """
    Tell what becomes of the packs of `pools` from `at` on; the pools pay in the order given, packs in burn order.

    While nothing can pay, use is refused and not made up for later. Packs that ended, and empty ones, are left out.
    """
    ordered = [pack for pool in pools for pack in sorted(pool, key=burn_order)]
    scale = pace.days * DAY
    stores = [_Store(pack, pack.left * scale) for pack in ordered if pack.until > at and pack.left > 0]
    ending, ends = Ending.OUT_OF_SIGHT, None
    horizon = Instant(at + SIGHT_DAYS * DAY)
    for since, until in pairwise(_edges(stores, at, horizon)):
        payers = [store for store in stores if is_alive(store.pack, since) and store.left]
        there = sum(store.left for store in payers)
        if ends is None and not there:
            ending, ends = _found_empty(stores, since, at), since
        if ends is None and pace.tokens * (until - since) > there:
            ending, ends = Ending.USED_UP, Instant(since + there // pace.tokens)
        _draw(payers, pace, since, until)
    return Outlook(pace=pace, ending=ending, ends=ends, fates=tuple(_fate(one, scale, horizon) for one in stores))


def _edges(stores: Sequence[_Store], at: Instant, horizon: Instant) -> list[Instant]:
    """Return the instants between which nobody's turn to pay comes or goes."""
    all_edges = {edge for store in stores for edge in (store.pack.since, store.pack.until)}
    return [at, *sorted(edge for edge in all_edges if at < edge < horizon), horizon]


def _found_empty(stores: Sequence[_Store], since: Instant, at: Instant) -> Ending:
    if since == at:
        return Ending.NOTHING_LEFT
    lapsed = any(store.left and store.pack.until == since for store in stores)
    return Ending.LAPSED if lapsed else Ending.USED_UP


def _draw(payers: Iterable[_Store], pace: Pace, since: Instant, until: Instant) -> None:
    """Take what is used between two instants from those who can pay, one after another."""
    passed, span = 0, pace.tokens * (until - since)
    for store in payers:
        taken = min(store.left, span - passed)
        if not taken:
            return
        store.left -= taken
        passed += taken
        if not store.left:
            store.emptied = Instant(since + passed // pace.tokens)


def _fate(store: _Store, scale: int, horizon: Instant) -> Fate:
    pack = store.pack
    used = Tokens((pack.left * scale - store.left) // scale)
    rest = Tokens(pack.left - used)
    lapses = pack.until <= horizon
    return Fate(pack.id, used, rest if lapses else ZERO, ZERO if lapses else rest, store.emptied)
