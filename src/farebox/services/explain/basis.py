"""
What a charge is rated from, gathered again from the records: the chain of its person and product, or its day.

A charge keeps the rate that it was given: where a rate was set afterwards for a time that was charged already, the
charge's own rate stands here, not that one (domain T7).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from farebox.domain.amounts import Tokens
from farebox.domain.charging.enterprise import Piece, split_days
from farebox.domain.charging.flex import IDLE_US, WINDOW_US, outlasts_grace
from farebox.domain.clock import MINUTE, Instant, midnight
from farebox.domain.explain import Chain, FamilyDay, WhatIf
from farebox.domain.rates import Rate, rate_in_force, setting_in_force
from farebox.domain.usage import Reason, Row, UsageType, Use
from farebox.records import explaining, usage
from farebox.records import late as late_uses
from farebox.records.catalogue import Catalogue
from farebox.records.closed import piece_of
from farebox.records.explaining import ChargeFacts, DayUse
from farebox.records.rerate import MINIMUM_MINUTES, denials_at
from farebox.records.usage import Booked, Date
from farebox.records.usage import Chain as ChainKey


class ChainBasis(NamedTuple):
    """The chain of a Flex charge from the window before its own on."""

    chain: Chain
    booked: tuple[Booked, ...]

    def own(self, facts: ChargeFacts) -> Use:
        """Return the charge's use as it counts in the chain."""
        return next((use for use in self.chain.uses if use.id == facts.use.id), facts.use)


class DayBasis(NamedTuple):
    """The day of an enterprise charge, with the uses that touch it."""

    day: FamilyDay
    uses: tuple[DayUse, ...]
    booked: tuple[Booked, ...]


class OutrightBasis(NamedTuple):
    """What decides the price of a job or of an entry by hand: words of its event, and what follows from them."""

    details: dict[str, str]


Basis = ChainBasis | DayBasis | OutrightBasis


class Decided(NamedTuple):
    """What the rules say of a charge: its basis, the same row rated again, and the alternatives."""

    basis: Basis | None
    again: Row | None
    what_ifs: tuple[WhatIf, ...]


def chain_of(facts: ChargeFacts, catalogue: Catalogue) -> ChainBasis:
    """Gather the chain of a Flex charge, from its last window that began before the charge's part of the use."""
    key = ChainKey(facts.contract, facts.person, facts.row.product)
    begins = facts.row.since if facts.row.window is None else min(facts.row.since, facts.row.window)
    kept = usage.kept_from({key: begins}).get(key, usage.Kept(Instant(0), []))
    contract = catalogue.contracts[facts.contract]
    uses, booked = kept.uses, usage.charges_of([use.id for use in kept.uses])
    if contract.closed_through is not None:
        uses, booked = as_counted(key, uses)
    chain = Chain(
        uses=tuple(sorted(uses, key=lambda use: (use.since, use.tie, use.until))),
        rates=_with_own_rate(catalogue.rates.get((contract.card, key.product), ()), facts),
        product=key.product,
        standing=kept.base or None,
        denials=denials_at(contract, usage.denials_of([key]).get(key, ())),
    )
    return ChainBasis(chain, tuple(one for one in booked if one.row.until >= kept.base))


def as_counted(key: ChainKey, uses: Sequence[Use]) -> tuple[list[Use], list[Booked]]:
    """
    Return the uses of a chain as they count where books were closed meanwhile, with their charges (domain L5a).

    What came late counts in its key only where it reaches into open books, and what was taken back late still counts
    where it was closed: from where to where each does, its charges tell.
    """
    late = [one for one in late_uses.uses_of([key[:2]])[key[:2]] if one.product == key.product]
    every = {use.id: use for use in uses} | {one.use.id: one.use for one in late}
    booked = usage.charges_of(list(every))
    rows: defaultdict[int, list[Row]] = defaultdict(list)
    for one in booked:
        if one.row.reason != Reason.LATE:
            rows[one.row.use].append(one.row)
    ends = {Instant(row.window + WINDOW_US) for of_use in rows.values() for row in of_use if row.window is not None}
    changed = {one.use.id for one in late}
    counted = [
        _as_counted(use, sorted(rows[use.id], key=lambda row: row.since), ends) if use.id in changed else use
        for use in every.values()
        if use.id not in changed or rows[use.id]
    ]
    return counted, booked


def _as_counted(use: Use, rows: Sequence[Row], ends: set[Instant]) -> Use:
    """
    Return the part of a use that its rows cover.

    A part that begins at the end of a window was running across it, and a start long before counts as no activity
    there (domain F4). Whether the use outlasts the grace is judged as it was then: by all of it, unless its start was
    cut off.
    """
    since, until = rows[0].since, rows[-1].until
    if (since, until) == (use.since, use.until):
        return use
    crosses = since > use.since and since in ends
    judged = use if crosses or since == use.since else use._replace(since=since)
    grace_us = 0 if outlasts_grace(judged) else until - since + 1
    began = Instant(max(use.since, since - IDLE_US)) if crosses else since
    return use._replace(since=began, until=until, grace_us=grace_us)


def _with_own_rate(rates: Sequence[Rate], facts: ChargeFacts) -> tuple[Rate, ...]:
    """Return a history of rates in which the charge's own rate is in force at the charge's instant."""
    own = rate_numbered(facts.row.rate)
    if own is None:
        return tuple(rates)
    others = [rate for rate in rates if rate.since < own.since or rate.since > facts.row.at]
    return tuple(sorted([*others, own], key=lambda rate: rate.since))


def rate_numbered(number: int) -> Rate | None:
    """Return a rate by its number; 0 is none."""
    found = explaining.rate(number) if number else None
    return None if found is None else Rate(number, found.since, Tokens(found.tokens), found.unit_size)


def day_of(facts: ChargeFacts, catalogue: Catalogue) -> DayBasis:
    """Gather the day of an enterprise charge: every use of the family that touches its date (domain N1)."""
    on, family = facts.row.day, facts.family or catalogue.products[facts.row.product].family
    products = sorted(product.id for product in catalogue.products.values() if product.family == family)
    uses = explaining.day_uses(facts.contract, facts.person, products, on)
    date = Date(facts.contract, facts.person, family, on)
    charged = usage.charges_on([date])[date]
    booked = tuple(charge for charge, _, _ in charged)
    contract = catalogue.contracts[facts.contract]
    if contract.closed_through is not None and on <= contract.closed_through:
        pieces = [(piece_of(charge.row, tie), offset) for charge, tie, offset in charged]  # what came late is no part
        uses = [one for one in uses if one.use.id != facts.use.id] + [_own(facts)]
    else:
        pieces = [(piece, one.offset_seconds) for one in uses for piece in pieces_of(one) if piece.day == on]
    clocks = {facts.offset_seconds, *(offset for _, offset in pieces)}
    start = min(midnight(on, offset_seconds) for offset_seconds in clocks)
    minutes = setting_in_force(contract.settings.get("MINIMUM_MINUTES", ()), start, MINIMUM_MINUTES)
    histories = {product: catalogue.rates.get((contract.card, product), ()) for product in products}
    day = FamilyDay(
        pieces=tuple(piece for piece, _ in pieces),
        rates=_rates_of(histories, booked, start),
        minimum_us=minutes * MINUTE,
        day_start=start,
    )
    touching = {piece.use for piece, _ in pieces}
    looked_at = sorted((one for one in uses if one.use.id in touching), key=lambda one: (one.use.since, one.use.tie))
    return DayBasis(day, tuple(looked_at), booked)


def pieces_of(use: DayUse) -> tuple[Piece, ...]:
    """Divide a use into its days (domain N3)."""
    borrowed = use.usage_type == UsageType.BORROWED
    return split_days(use.use, use.product, offset_seconds=use.offset_seconds, borrowed=borrowed)


def own_pieces(facts: ChargeFacts) -> tuple[Piece, ...]:
    """Divide the charge's own use into its days."""
    return pieces_of(_own(facts))


def _own(facts: ChargeFacts) -> DayUse:
    return DayUse(facts.use, facts.row.product, facts.offset_seconds, facts.usage_type)


def _rates_of(histories: Mapping[int, Sequence[Rate]], booked: Iterable[Booked], start: Instant) -> dict[int, Rate]:
    """Return each product's rate: the one it was charged by that day, else the one in force."""
    rates = {product: rate_in_force(rates, start) or rates[0] for product, rates in histories.items() if rates}
    for charge in booked:
        own = rate_numbered(charge.row.rate)
        if own is not None:
            rates[charge.row.product] = own
    return rates
