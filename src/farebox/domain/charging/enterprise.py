"""
Enterprise: a person pays for the dearest product of a family, once for each calendar day.

The day is the licence server's: the session's start plus the server's offset from UTC, which holds for the whole
session. Days of two servers with the same date are one day. The rows of a day are a function of the *set* of its
pieces; a late use is rated by rating its days again.  (domain N1-N4)

Knows nothing of pools or of over-consumption.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter
from typing import NamedTuple

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.clock import Day, Instant, day_of, midnight
from farebox.domain.rates import Rate, no_rate
from farebox.domain.usage import ChargeCategory, Reason, Row, Use

_ORDER = itemgetter(2, 4, 1, 3, 0)
"""since, tie, product, until: what the event itself says. The internal id only sorts what is alike in all four."""


class Piece(NamedTuple):
    """The part of a use that falls on one day of the licence server's calendar."""

    use: int
    product: int
    since: Instant
    until: Instant
    tie: int
    day: Day


class _Verdict(NamedTuple):
    """The category of a piece, why, its tokens, and the id of the rate that priced it."""

    category: ChargeCategory
    reason: Reason
    tokens: Tokens = ZERO
    rate: int = 0


_CASUAL = _Verdict(ChargeCategory.CASUAL, Reason.BELOW_MINIMUM)
_ALREADY_CHARGED = _Verdict(ChargeCategory.FREE, Reason.ALREADY_CHARGED)
_NOT_DEARER = _Verdict(ChargeCategory.FREE, Reason.NOT_DEARER)


def split_days(use: Use, product: int, *, offset_seconds: int, borrowed: bool) -> tuple[Piece, ...]:
    """
    Divide a use into a piece for each day that it touches on a clock `offset_seconds` ahead of UTC (domain N3).

    A session that ends at 00:00 exactly does not touch the day that begins there, but a borrowed licence that is
    returned then does: it gets a piece of no length, as every date from check-out to return has one. A session of
    no length has one piece.
    """
    first = day_of(use.since, offset_seconds)
    last = max(first, day_of(use.until if borrowed else Instant(use.until - 1), offset_seconds))
    if first == last:
        return (Piece(use.id, product, use.since, use.until, use.tie, first),)
    borders = [use.since, *(midnight(Day(day), offset_seconds) for day in range(first + 1, last + 1)), use.until]
    return tuple(
        Piece(use.id, product, borders[nth], borders[nth + 1], use.tie, Day(first + nth))
        for nth in range(last - first + 1)
    )


def rate_day(
    pieces: Iterable[Piece], rates: Mapping[int, Rate], *, minimum_us: int, day_start: Instant
) -> tuple[Row, ...]:
    """
    Price the pieces of one person, family and day, in the order of their starts.

    `rates` holds each product's rate at `day_start`, which is 00:00 of the day on the server's clock and becomes the
    instant of every row. Where servers with several clocks share the date, the caller passes the earliest of their
    midnights: one day has one instant and one rate for a product. Raises `Rejected` (`no_rate`) for a chargeable
    product without a rate.

    Rules, in order of precedence; the first that applies decides a piece (domain N2):
    1. The product's time up to the piece's end is below the minimum: CASUAL, and it stays so.
    2. The product reached the minimum with an earlier piece: FREE.
    3. Nothing of the family was charged yet: CHARGED.
    4. It is dearer than all that was charged: INCREMENTAL, for the difference.
    5. FREE.
    """
    ordered = dict.fromkeys(sorted(pieces, key=_ORDER))
    return tuple(
        Row(
            piece.use, piece.product, piece.since, piece.until, piece.day,
            verdict.category, verdict.tokens, day_start, verdict.reason, None, verdict.rate,
        )
        for piece, verdict in zip(ordered, _verdicts(ordered, rates, minimum_us), strict=True)
    )  # fmt: skip


def _verdicts(ordered: Iterable[Piece], rates: Mapping[int, Rate], minimum_us: int) -> Iterator[_Verdict]:
    """Walk the day: a product counts from the piece with which the union of its spans reaches the minimum."""
    time_us: dict[int, int] = {}
    reach: dict[int, Instant] = {}
    counted: set[int] = set()
    highest: Tokens | None = None
    for piece in ordered:
        product = piece.product
        covered = max(piece.since, reach.get(product, piece.since))
        time_us[product] = time_us.get(product, 0) + max(0, piece.until - covered)
        reach[product] = max(covered, piece.until)
        if time_us[product] < minimum_us:
            yield _CASUAL
        elif product in counted:
            yield _ALREADY_CHARGED
        else:
            counted.add(product)
            verdict = _first_chargeable(rates.get(product), highest)
            highest = Tokens((highest or 0) + verdict.tokens)
            yield verdict


def _first_chargeable(rate: Rate | None, highest: Tokens | None) -> _Verdict:
    """Price the piece with which a product becomes chargeable, given the highest rate charged so far, if any."""
    if rate is None:
        raise no_rate()
    if highest is None:
        return _Verdict(ChargeCategory.CHARGED, Reason.FIRST_OF_DAY, rate.tokens, rate.id)
    if rate.tokens > highest:
        difference = Tokens(rate.tokens - highest)
        return _Verdict(ChargeCategory.INCREMENTAL, Reason.DEARER_PRODUCT, difference, rate.id)
    return _NOT_DEARER
