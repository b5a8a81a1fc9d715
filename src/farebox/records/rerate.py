"""
The touched chains and days, rated again, and what differs from the books.

Gathers with one read each what the touched keys have, asks the rules for the rows, and compares. A row that stays as
it is stays booked; anything else is ended and booked anew (domain N4, N5).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from farebox.domain.charging.enterprise import Piece, rate_day, split_days
from farebox.domain.charging.flex import rate_flex
from farebox.domain.charging.precedence import entitled_row
from farebox.domain.clock import MINUTE, Day, Instant, midnight
from farebox.domain.rates import Rate, rate_in_force, setting_in_force
from farebox.domain.usage import ChargeCategory, Funding, Row, UsageType, Use
from farebox.records import usage
from farebox.records.catalogue import Catalogue, ContractFacts
from farebox.records.models.contracts import Scheme
from farebox.records.usage import Booked, Chain, Date, EndedUse, UseRow

ENTERPRISE = Scheme.ENTERPRISE
MINIMUM_MINUTES = 5
"""The minimum use where an enterprise contract sets none (domain N2)."""


class NewRow(NamedTuple):
    """A row to book, with the key that its charge carries."""

    contract: int
    person: int
    funding: Funding
    family: int | None
    row: Row
    tie: int


@dataclass(slots=True)
class Differences:
    """What the books must change: charges that end, rows to book, windows that go and come."""

    ended: list[tuple[int, Booked]] = field(default_factory=list)
    added: list[NewRow] = field(default_factory=list)
    windows_ended: list[tuple[Chain, Instant]] = field(default_factory=list)
    windows_started: list[tuple[Chain, Instant]] = field(default_factory=list)


def rerate(new: Sequence[UseRow], removed: Sequence[EndedUse], catalogue: Catalogue) -> Differences:
    """Rate what `new` uses touch, and what `removed` ones did, and return what differs from the books."""
    found = Differences()
    enterprise = {c.id for c in catalogue.contracts.values() if c.scheme == ENTERPRISE}
    for use in new:
        if use.funding != Funding.TOKENS:
            row = entitled_row(_as_use(use), use.product, Funding(use.funding))
            found.added.append(NewRow(use.contract, use.person, Funding(use.funding), None, row, use.tie))
    paid = [use for use in new if use.funding == Funding.TOKENS]
    booked = _by_use(usage.charges_of([use.id for use in removed]))
    for gone in removed:
        if gone.funding != Funding.TOKENS:
            found.ended += [(gone.contract, charge) for charge in booked[gone.id]]
    gone_paid = [use for use in removed if use.funding == Funding.TOKENS]
    _flex(
        [use for use in paid if use.contract not in enterprise],
        [use for use in gone_paid if use.contract not in enterprise],
        catalogue,
        found,
    )
    _enterprise(
        [use for use in paid if use.contract in enterprise],
        [(use, booked[use.id]) for use in gone_paid if use.contract in enterprise],
        catalogue,
        found,
    )
    return found


def _as_use(use: UseRow) -> Use:
    return Use(use.id, use.since, use.until, use.tie, use.grace_us, usage.read_spans(use.active))


def _by_use(charges: Iterable[Booked]) -> defaultdict[int, list[Booked]]:
    found: defaultdict[int, list[Booked]] = defaultdict(list)
    for charge in charges:
        found[charge.row.use].append(charge)
    return found


def _flex(new: Sequence[UseRow], removed: Sequence[EndedUse], catalogue: Catalogue, found: Differences) -> None:
    """Rate each touched chain again from the last window that began before what changed (domain F1–F4, N5)."""
    touched: dict[Chain, Instant] = {}
    fresh: dict[Chain, list[Use]] = {}
    for use in new:
        key = Chain(use.contract, use.person, use.product)
        fresh.setdefault(key, []).append(_as_use(use))
        if key not in touched or use.since < touched[key]:
            touched[key] = use.since
    for gone in removed:
        key = Chain(gone.contract, gone.person, gone.product)
        touched[key] = min(gone.since, touched.get(key, gone.since))
    if not touched:
        return
    out = {gone.id for gone in removed}
    chains = usage.kept_from(touched)
    booked = _by_use(usage.charges_of([use.id for kept in chains.values() for use in kept.uses]))
    for key in touched:
        base, before = chains.get(key, _NOTHING)
        kept = [use for use in before if use.id not in out] if out else before
        uses = kept + fresh.get(key, [])
        rates = catalogue.rates[catalogue.contracts[key.contract].card, key.product]
        chain = rate_flex(uses, rates, key.product, standing=base or None)
        standing = [charge for use in before for charge in booked[use.id] if charge.row.since >= base]
        _compare(key.contract, key.person, None, standing, chain.rows, {use.id: use.tie for use in uses}, found)
        _move_windows(key, _windows_of(standing), chain.windows, found)


_NOTHING = usage.Kept(Instant(0), [])


def _windows_of(standing: Iterable[Booked]) -> list[Instant]:
    """Return the windows that stand: each has the one row that was charged for it."""
    return [
        charge.row.window
        for charge in standing
        if charge.row.window is not None and charge.row.category == ChargeCategory.CHARGED
    ]


def _move_windows(key: Chain, before: Sequence[Instant], after: Sequence[Instant], found: Differences) -> None:
    for start in before:
        if start not in after:
            found.windows_ended.append((key, start))
    for start in after:
        if start not in before:
            found.windows_started.append((key, start))


def _enterprise(
    new: Sequence[UseRow], removed: Sequence[tuple[EndedUse, list[Booked]]], catalogue: Catalogue, found: Differences
) -> None:
    """Rate each touched day of a person and family again (domain N1–N4)."""
    fresh: defaultdict[Date, list[tuple[Piece, int]]] = defaultdict(list)
    for use in new:
        family = catalogue.products[use.product].family
        borrowed = use.usage_type == UsageType.BORROWED
        for piece in split_days(_as_use(use), use.product, offset_seconds=use.offset_seconds, borrowed=borrowed):
            fresh[Date(use.contract, use.person, family, piece.day)].append((piece, use.offset_seconds))
    out = {gone.id for gone, _ in removed}
    dates = set(fresh)
    for gone, charges in removed:
        family = catalogue.products[gone.product].family
        dates |= {Date(gone.contract, gone.person, family, charge.row.day) for charge in charges}
    if not dates:
        return
    for date, booked in usage.charges_on(sorted(dates)).items():
        kept = [(_piece(charge.row, tie), offset) for charge, tie, offset in booked if charge.row.use not in out]
        pieces = kept + fresh[date]
        rows = _rate_date(date, pieces, catalogue)
        ties = {piece.use: piece.tie for piece, _ in pieces}
        _compare(date.contract, date.person, date.family, [charge for charge, _, _ in booked], rows, ties, found)


def _rate_date(date: Date, pieces: Sequence[tuple[Piece, int]], catalogue: Catalogue) -> tuple[Row, ...]:
    if not pieces:
        return ()
    contract = catalogue.contracts[date.contract]
    start = min(midnight(Day(date.day), offset) for _, offset in pieces)
    minutes = setting_in_force(contract.settings.get("MINIMUM_MINUTES", ()), start, MINIMUM_MINUTES)
    rates = _rates_at(contract, {piece.product for piece, _ in pieces}, start, catalogue.rates)
    return rate_day([piece for piece, _ in pieces], rates, minimum_us=minutes * MINUTE, day_start=start)


def _rates_at(
    contract: ContractFacts,
    products: Iterable[int],
    at: Instant,
    rates: Mapping[tuple[int, int], Sequence[Rate]],
) -> dict[int, Rate]:
    """Return each product's rate; where servers' midnights differ, the first rate serves a day that it starts in."""
    histories = {product: rates[contract.card, product] for product in products}
    return {product: rate_in_force(history, at) or history[0] for product, history in histories.items()}


def _piece(row: Row, tie: int) -> Piece:
    return Piece(row.use, row.product, row.since, row.until, tie, row.day)


def _compare(
    contract: int,
    person: int,
    family: int | None,
    before: Iterable[Booked],
    rows: Iterable[Row],
    ties: Mapping[int, int],
    found: Differences,
) -> None:
    standing = {(charge.row.use, charge.row.since): charge for charge in before}
    for row in rows:
        charge = standing.pop((row.use, row.since), None) if standing else None
        if charge is not None:
            if charge.row == row:
                continue
            found.ended.append((contract, charge))
        found.added.append(NewRow(contract, person, _TOKENS, family, row, ties[row.use]))
    for charge in standing.values():
        found.ended.append((contract, charge))


_TOKENS = Funding.TOKENS
