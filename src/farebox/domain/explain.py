"""
What would have changed a charge: the same rules, asked again about uses that differ in one thing.

Nothing here is a text about a rule: each alternative is rated by the rule that made the charge, so that an
explanation cannot promise what a bill would not show. A charge is compared with what its own part of the use would
have been, and everything that it is rated with (its chain, or its day) with what all of it would have cost.
(product E7)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum, auto
from typing import NamedTuple

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.charging.enterprise import Piece, rate_day
from farebox.domain.charging.flex import IDLE_US, WINDOW_US, Denial, rate_flex
from farebox.domain.clock import MINUTE, Instant, Span
from farebox.domain.rates import Rate
from farebox.domain.usage import ChargeCategory, Reason, Row, Use


class Change(StrEnum):
    """The one thing that an alternative changes: stable words."""

    ENDED_BY = auto()
    """The use had ended by the instant at which it was charged again (domain F2)."""
    WITHIN_GRACE = auto()
    """The use had been no longer than the grace (domain F3)."""
    OUTLASTED_GRACE = auto()
    """The use had been longer than the grace (domain F3)."""
    STILL_IN_USE = auto()
    """The use had still been running at the end of its window (domain F2)."""
    IDLE = auto()
    """Nobody had worked in the quarter of an hour before the window's end, or later (domain F4)."""
    ACTIVE = auto()
    """Somebody had worked (domain F4)."""
    NOT_DENIED = auto()
    """There had been tokens enough at the window's end (domain F7a)."""
    SEAT = auto()
    """The person had had a seat for the product, from the use to the end of the window or day (domain F9)."""
    NO_SEAT = auto()
    """The person had had neither a seat nor a trial of the product (domain F9)."""
    WITHOUT_PRODUCT = auto()
    """The person had not used a product of the family that day (domain N2)."""
    BELOW_MINIMUM = auto()
    """The product's time that day had been below the minimum (domain N2)."""
    REACHED_MINIMUM = auto()
    """The product's time that day had reached the minimum (domain N2)."""
    FIRST_PIECE = auto()
    """The product had not been used earlier that day (domain N2)."""
    FAILED = auto()
    """The job had failed (domain S1)."""
    SUCCEEDED = auto()
    """The job had given its result (domain S1)."""


class WhatIf(NamedTuple):
    """What the charge would have been, had one thing been otherwise."""

    change: Change
    at: Instant | None
    """The instant that the change speaks of, if it speaks of one."""
    product: int
    """The product that the change speaks of."""
    category: ChargeCategory | None
    """What the charge would be; None where there would be none."""
    tokens: Tokens
    difference: int
    """What the whole chain, or day, would cost more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """What a Flex charge is rated from: the uses of its chain from `standing` on, with their rates and denials."""

    uses: tuple[Use, ...]
    rates: Sequence[Rate]
    product: int
    standing: Instant | None = None
    denials: tuple[Denial, ...] = ()

    def rows(self) -> tuple[Row, ...]:
        """Rate the chain (domain F1–F4)."""
        return rate_flex(self.uses, self.rates, self.product, standing=self.standing, denials=self.denials).rows

    def with_use(self, changed: Use) -> Chain:
        """Return the chain with one use changed, or added."""
        return replace(self, uses=(*(use for use in self.uses if use.id != changed.id), changed))

    def without_uses(self, first: Use, *, until: Instant) -> Chain:
        """Return the chain without a use, and without those that start after it and before an instant."""
        gone = {use.id for use in self.uses if first.since <= use.since < until} | {first.id}
        return replace(self, uses=tuple(use for use in self.uses if use.id not in gone))


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyDay:
    """What an enterprise charge is rated from: the pieces of its day, with the rates and the minimum of that day."""

    pieces: tuple[Piece, ...]
    rates: Mapping[int, Rate]
    minimum_us: int
    day_start: Instant

    def rows(self) -> tuple[Row, ...]:
        """Rate the day (domain N2)."""
        return rate_day(self.pieces, self.rates, minimum_us=self.minimum_us, day_start=self.day_start)

    def keep(self, wanted: Callable[[Piece], bool]) -> FamilyDay:
        """Return the day with only some of its pieces."""
        return replace(self, pieces=tuple(piece for piece in self.pieces if wanted(piece)))


def replayed(basis: Chain | FamilyDay, use: int, since: Instant) -> Row | None:
    """Rate again, and return the row of the part of a use that begins at an instant (quality L7)."""
    return next((row for row in basis.rows() if row.use == use and row.since == since), None)


def flex_what_ifs(chain: Chain, use: Use, row: Row) -> tuple[WhatIf, ...]:
    """Return what would have changed a row of a Flex chain."""
    return tuple(_flex(chain, use, row))


def _flex(chain: Chain, use: Use, row: Row) -> Iterator[WhatIf]:
    window_end = Instant((row.window or row.since) + WINDOW_US)
    match row.reason:
        case Reason.WINDOW_OPENED:
            within = use._replace(until=Instant(use.since + use.grace_us))
            yield _in_chain(chain, chain.with_use(within), Change.WITHIN_GRACE, row, within.until)
        case Reason.WINDOW_ROLLED:
            yield _in_chain(chain, chain.with_use(use._replace(until=row.since)), Change.ENDED_BY, row, row.since)
            if use.active is not None:
                idle_since = Instant(row.since - IDLE_US)
                if use.since <= idle_since:
                    yield _in_chain(chain, chain.with_use(_idle_from(use, idle_since)), Change.IDLE, row, idle_since)
        case Reason.WINDOW_RESUMED:
            yield _in_chain(chain, chain.with_use(_idle_from(use, row.since)), Change.IDLE, row, row.since)
        case Reason.IN_WINDOW if row.until == use.until and use.until <= window_end:
            until = Instant(max(window_end, use.since + use.grace_us) + MINUTE)
            longer = use._replace(until=until, active=_active_at(use, window_end))
            yield _in_chain(chain, chain.with_use(longer), Change.STILL_IN_USE, row, window_end, since=window_end)
        case Reason.WITHIN_GRACE:
            longer = use._replace(until=Instant(use.since + use.grace_us + MINUTE))
            yield _in_chain(chain, chain.with_use(longer), Change.OUTLASTED_GRACE, row, longer.until)
        case Reason.IDLE:
            active = use._replace(active=_active_at(use, row.since))
            yield _in_chain(chain, chain.with_use(active), Change.ACTIVE, row, row.since)
        case Reason.GRACE_AFTER_DENIAL:
            yield _in_chain(chain, replace(chain, denials=()), Change.NOT_DENIED, row, row.since)
        case _:
            pass
    if row.category == ChargeCategory.CHARGED:
        yield _entitled(chain, chain.without_uses(use, until=window_end), row, use.since)


def _idle_from(use: Use, at: Instant) -> Use:
    """Return a use in which nobody worked from an instant on."""
    return use._replace(active=tuple(Span(s, Instant(min(u, at))) for s, u in use.active or () if s < at))


def _active_at(use: Use, at: Instant) -> tuple[Span, ...] | None:
    """Return the activity of a use with an instant added, if the product tells of activity."""
    return None if use.active is None else (*use.active, Span(at, at))


def unentitled_chain(chain: Chain, use: Use, row: Row) -> WhatIf:
    """Return what the use over a seat or trial would have cost without it under Flex (domain F9)."""
    return _in_chain(chain, chain.with_use(use), Change.NO_SEAT, row, None)


def unentitled_day(day: FamilyDay, pieces: Iterable[Piece], row: Row) -> WhatIf:
    """Return what one day of a use over a seat or trial would have cost without it under enterprise (domain F9)."""
    return _compared(day, replace(day, pieces=(*day.pieces, *pieces)), Change.NO_SEAT, row, row.product, None)


def day_what_ifs(day: FamilyDay, row: Row) -> tuple[WhatIf, ...]:
    """Return what would have changed a row of an enterprise day."""
    return tuple(_day(day, row))


def _day(day: FamilyDay, row: Row) -> Iterator[WhatIf]:
    match row.reason:
        case Reason.FIRST_OF_DAY | Reason.DEARER_PRODUCT:
            if day.minimum_us:
                shorter = replace(day, pieces=tuple(_cut(piece, row) for piece in day.pieces))
                yield _compared(day, shorter, Change.BELOW_MINIMUM, row, row.product, None)
            yield from (_without(day, row, product) for product in _paid_for(day) if product != row.product)
            yield _entitled(day, day.keep(lambda piece: piece.product != row.product), row, day.day_start)
        case Reason.NOT_DEARER:
            yield from (_without(day, row, product) for product in _paid_for(day) if product != row.product)
        case Reason.ALREADY_CHARGED:
            alone = day.keep(lambda piece: piece.product != row.product or piece.since >= row.since)
            yield _compared(day, alone, Change.FIRST_PIECE, row, row.product, None)
        case Reason.BELOW_MINIMUM:
            longer = replace(day, pieces=tuple(_stretched(day, piece, row) for piece in day.pieces))
            until = next(piece.until for piece in longer.pieces if (piece.use, piece.since) == (row.use, row.since))
            yield _compared(day, longer, Change.REACHED_MINIMUM, row, row.product, until)
        case _:
            pass


def _paid_for(day: FamilyDay) -> list[int]:
    """Return the products that something was charged for that day, in order."""
    return list(dict.fromkeys(row.product for row in day.rows() if row.tokens))


def _without(day: FamilyDay, row: Row, product: int) -> WhatIf:
    changed = day.keep(lambda piece: piece.product != product)
    return _compared(day, changed, Change.WITHOUT_PRODUCT, row, product, None)


def _cut(piece: Piece, row: Row) -> Piece:
    """Shorten the pieces of the row's product to no time at all."""
    return piece._replace(until=piece.since) if piece.product == row.product else piece


def _stretched(day: FamilyDay, piece: Piece, row: Row) -> Piece:
    """Lengthen the row's own piece by as long as the minimum is."""
    same = (piece.use, piece.since) == (row.use, row.since)
    return piece._replace(until=Instant(piece.since + day.minimum_us)) if same else piece


def _in_chain(
    chain: Chain, changed: Chain, change: Change, row: Row, at: Instant | None, *, since: Instant | None = None
) -> WhatIf:
    return _compared(chain, changed, change, row, chain.product, at, since=since)


def _entitled(basis: Chain | FamilyDay, changed: Chain | FamilyDay, row: Row, at: Instant) -> WhatIf:
    """Return what a seat would have changed: the use costs nothing, and the others are rated without it."""
    difference = _cost(changed) - _cost(basis)
    return WhatIf(Change.SEAT, at, row.product, ChargeCategory.FREE, ZERO, difference)


def _compared(
    basis: Chain | FamilyDay,
    changed: Chain | FamilyDay,
    change: Change,
    row: Row,
    product: int,
    at: Instant | None,
    *,
    since: Instant | None = None,
) -> WhatIf:
    found = replayed(changed, row.use, row.since if since is None else since)
    category, tokens = (None, ZERO) if found is None else (found.category, found.tokens)
    return WhatIf(change, at, product, category, tokens, _cost(changed) - _cost(basis))


def _cost(basis: Chain | FamilyDay) -> int:
    return sum(row.tokens for row in basis.rows())
