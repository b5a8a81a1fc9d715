"""
Uses to charges and ledger entries, in the caller's transaction: the one way in which anything is charged.

Whoever learns of a use (an event, a live session, a correction) hands it over here: it is recorded, what it touches
is rated again, and what differs from the books is reversed and booked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from farebox.domain.clock import Instant
from farebox.domain.packs import Pool
from farebox.records import db, late, ledger, outbox, usage
from farebox.records.booking import Booking
from farebox.records.catalogue import Catalogue, ContractFacts
from farebox.records.differences import Differences, NewRow
from farebox.records.rerate import rerate
from farebox.records.usage import ChargeRow, EndedUse, UseRow


def record(
    uses: Sequence[UseRow], removed: Sequence[EndedUse], catalogue: Catalogue, *, now: Instant
) -> list[ChargeRow]:
    """Record new uses, end removed ones, rate what both touch, and book what differs; return the new charges."""
    differences = rerate(uses, removed, catalogue, now=now)
    usage.end_uses([use.id for use in removed], at=now)
    late.mark(differences.kept)
    usage.add_uses([use._replace(late=True) if use.id in differences.late else use for use in uses])
    usage.move_windows(differences.windows_ended, differences.windows_started)
    return book(differences, catalogue, now=now)


def book(differences: Differences, catalogue: Catalogue, *, now: Instant) -> list[ChargeRow]:
    """End and add charges, with their ledger entries, and tell the warehouse."""
    touched = {contract for contract, _ in differences.ended} | {new.contract for new in differences.added}
    if not touched:
        return []
    first = db.reserve("charge", len(differences.added)) if differences.added else 1
    added: list[ChargeRow] = []
    usage.end_charges([charge.id for _, charge in differences.ended], at=now)
    new_of = _by_contract(differences.added)
    for number in sorted(touched):
        contract = catalogue.contracts[number]
        booked = ledger.next_booking(contract.team, now=now)
        booking = Booking(contract, booked=booked)
        booking.reverse([charge for of, charge in differences.ended if of == number])
        new = _in_order(new_of[number])
        rows = _charge_rows(new, contract, catalogue, first + len(added), booked)
        pools = {row.id: Pool(one.pool) for row, one in zip(rows, new, strict=True) if one.pool}
        drawn = booking.draw(rows, pools)
        usage.add_charges(drawn)
        booking.write()
        added += drawn
    outbox.publish(
        since=first, until=first + len(added), ended=[charge.id for _, charge in differences.ended], booked=now
    )
    return added


def settle(contracts: Iterable[int], catalogue: Catalogue, *, now: Instant) -> None:
    """Let what is left in the packs of some contracts pay what is open, as after a hold was released (domain F8)."""
    for number in sorted(contracts):
        facts = catalogue.contracts[number]
        booking = Booking(facts, booked=ledger.next_booking(facts.team, now=now))
        booking.settle()
        booking.write()


def _by_contract(added: Iterable[NewRow]) -> dict[int, list[NewRow]]:
    found: dict[int, list[NewRow]] = defaultdict(list)
    for new in added:
        found[new.contract].append(new)
    return found


def _in_order(new: Iterable[NewRow]) -> list[NewRow]:
    """Sort rows into the order in which they draw: by their instants, then by identity."""
    return sorted(new, key=lambda one: (one.row.at, one.row.since, one.tie, one.row.use))


def _charge_rows(
    new: Sequence[NewRow], contract: ContractFacts, catalogue: Catalogue, first: int, booked: Instant
) -> list[ChargeRow]:
    """Return the rows as charges, numbered in the order given."""
    products, word = catalogue.products, db.word
    return [
        ChargeRow(
            first + nth, row.use, contract.id, person, row.product, family, row.since, row.until, row.day,
            usage_category or products[row.product].category, word(row.category), word(row.reason), word(funding),
            row.tokens, 0, 0, row.at, row.window, row.rate, booked,
        )
        for nth, (_, person, funding, family, row, _tie, usage_category, _pool) in enumerate(new)
    ]  # fmt: skip
