"""
The touched chains and days, rated again, and what differs from the books.

Gathers with one read each what the touched keys have, asks the rules for the rows, and compares. A row that stays as
it is stays booked; anything else is ended and booked anew (domain N4, N5).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from farebox.domain.charging.enterprise import Piece, rate_day, split_days
from farebox.domain.charging.flex import Denial, rate_flex
from farebox.domain.charging.precedence import entitled_row
from farebox.domain.clock import MINUTE, Day, Instant, midnight
from farebox.domain.rates import Rate, rate_in_force, setting_in_force
from farebox.domain.usage import Funding, Reason, Row, UsageType, Use
from farebox.records import closed, usage
from farebox.records.catalogue import Catalogue, ContractFacts
from farebox.records.differences import Differences, Key, NewRow
from farebox.records.models.contracts import Scheme
from farebox.records.outright import SESSION, price_of, row_of
from farebox.records.usage import Booked, Chain, Date, EndedUse, UseRow

ENTERPRISE = Scheme.ENTERPRISE
SAVE_MINUTES = 15
"""The time to save and close after a denial, where a contract sets none (domain F7a)."""

MINIMUM_MINUTES = 5
"""The minimum use where an enterprise contract sets none (domain N2)."""


def rerate(new: Sequence[UseRow], removed: Sequence[EndedUse], catalogue: Catalogue, *, now: Instant) -> Differences:
    """Rate what `new` uses touch, and what `removed` ones did, and return what differs from the books."""
    found = Differences()
    enterprise = {c.id for c in catalogue.contracts.values() if c.scheme == ENTERPRISE}
    sessions, gone_sessions = _outright(new, removed, found)
    for use in sessions:
        if use.funding != Funding.TOKENS:
            row = entitled_row(_as_use(use), use.product, Funding(use.funding))
            found.added.append(NewRow(use.contract, use.person, Funding(use.funding), None, row, use.tie))
    paid = [use for use in sessions if use.funding == Funding.TOKENS]
    booked = _by_use(usage.charges_of([use.id for use in removed]))
    found.kept = closed.staying(removed, booked, catalogue)
    for gone in gone_sessions:
        if gone.funding != Funding.TOKENS:
            found.ended += [(gone.contract, charge) for charge in booked[gone.id]]
    gone_paid = [use for use in gone_sessions if use.funding == Funding.TOKENS]
    _flex(
        [use for use in paid if use.contract not in enterprise],
        [use for use in gone_paid if use.contract not in enterprise],
        catalogue,
        found,
        now=now,
    )
    _enterprise(
        [use for use in paid if use.contract in enterprise],
        [(use, booked[use.id]) for use in gone_paid if use.contract in enterprise],
        catalogue,
        found,
        now=now,
    )
    closed.keep_closed(new, removed, catalogue, found, now=now)
    return found


def _outright(
    new: Sequence[UseRow], removed: Sequence[EndedUse], found: Differences
) -> tuple[Sequence[UseRow], Sequence[EndedUse]]:
    """Book and end the uses that have a price of their own (domain S1, N6); return the others."""
    for use in new:
        if use.kind != SESSION:
            price = price_of(use)
            found.added.append(
                NewRow(use.contract, use.person, _TOKENS, None, row_of(use), use.tie, price.usage_category, price.pool)
            )
    gone = {use.id: use.contract for use in removed if use.kind != SESSION}
    if gone:
        found.ended += [(gone[charge.row.use], charge) for charge in usage.charges_of(list(gone))]
    if not gone and len(found.added) == 0:
        return new, removed
    return [use for use in new if use.kind == SESSION], [use for use in removed if use.kind == SESSION]


def _as_use(use: UseRow) -> Use:
    return Use(use.id, use.since, use.until, use.tie, use.grace_us, usage.read_spans(use.active))


def _by_use(charges: Iterable[Booked]) -> defaultdict[int, list[Booked]]:
    found: defaultdict[int, list[Booked]] = defaultdict(list)
    for charge in charges:
        found[charge.row.use].append(charge)
    return found


def _flex(
    new: Sequence[UseRow], removed: Sequence[EndedUse], catalogue: Catalogue, found: Differences, *, now: Instant
) -> None:
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
    edges = closed.edges(touched, catalogue)
    chains = usage.kept_from(touched)
    booked = _by_use(usage.charges_of([use.id for kept in chains.values() for use in kept.uses]))
    denied = usage.denials_of(list(touched))
    for key in touched:
        base, before = chains.get(key, _NOTHING)
        kept = [use for use in before if use.id not in out] if out else before
        uses = kept + fresh.get(key, [])
        rates = catalogue.rates[catalogue.contracts[key.contract].card, key.product]
        denials = denials_at(catalogue.contracts[key.contract], denied[key]) if key in denied else ()
        edge = edges.get(key)
        if edge is not None and base <= edge.window:
            standing = [charge for use in before for charge in booked[use.id]]
            part = closed.OpenPart(key=key, edge=edge, uses=uses, booked=standing, rates=rates, denials=denials)
            closed.share_chain(part, part.rate(found), fresh.get(key, []), out, found, now=now)
            continue
        chain = rate_flex(uses, rates, key.product, standing=base or None, denials=denials)
        standing = [charge for use in before for charge in booked[use.id] if charge.row.since >= base]
        found.compare(Key(key.contract, key.person), standing, chain.rows, {use.id: use.tie for use in uses})
        found.move_windows(key, closed.windows_of(standing), chain.windows)


def denials_at(contract: ContractFacts, instants: Iterable[Instant]) -> tuple[Denial, ...]:
    """Return denials of a chain with the time that the contract gave to save and close then (domain F7a)."""
    settings = contract.settings.get("SAVE_MINUTES", ())
    return tuple(Denial(at, setting_in_force(settings, at, SAVE_MINUTES) * MINUTE) for at in instants)


_NOTHING = usage.Kept(Instant(0), [])


def _enterprise(
    new: Sequence[UseRow],
    removed: Sequence[tuple[EndedUse, list[Booked]]],
    catalogue: Catalogue,
    found: Differences,
    *,
    now: Instant,
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
        days = {charge.row.day for charge in charges if charge.row.reason != Reason.LATE}
        dates |= {Date(gone.contract, gone.person, family, day) for day in days}
    lates = closed.LateOnDates(dates, {(gone.contract, gone.person) for gone, _ in removed}, out, catalogue)
    if not dates:
        return
    for date, booked in usage.charges_on(sorted(dates)).items():
        through = catalogue.contracts[date.contract].closed_through
        if through is not None and date.day <= through:
            part = closed.ClosedDate(
                date=date, through=through, booked=booked, late=lates.of(date), fresh=fresh.get(date, [])
            )
            part.share(partial(_rate_date, date, catalogue=catalogue), out, found, now=now)
            continue
        kept = [
            (closed.piece_of(charge.row, tie), offset) for charge, tie, offset in booked if charge.row.use not in out
        ]
        pieces = kept + fresh[date]
        rows = _rate_date(date, pieces, catalogue)
        ties = {piece.use: piece.tie for piece, _ in pieces}
        found.compare(Key(date.contract, date.person, date.family), [charge for charge, _, _ in booked], rows, ties)


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


_TOKENS = Funding.TOKENS
