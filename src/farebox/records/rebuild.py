"""
What is stored beside the facts and follows from them, computed anew (domain L2; invariant L8).

What a pack has left, what of it is reserved and what lapsed are folds of the ledger; what a charge is short or over is
its cost without what the ledger moved for it; the windows are those that charges opened. Facts are not touched: uses,
charges, entries and holds stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from farebox.records import db
from farebox.records.usage import Chain

PacksRow = tuple[int, int, int, int]
"""A pack: its id, and millionths left, reserved and lapsed."""

_PACKS_FOLDED = (
    "SELECT p.id, COALESCE(SUM(m.tokens), 0), COALESCE(SUM(CASE WHEN o.kind = 'RESERVED' THEN -m.tokens END), 0), "
    "COALESCE(SUM(CASE WHEN o.kind = 'EXPIRED' THEN -m.tokens END), 0) FROM records_pack p "
    "LEFT JOIN records_account a ON a.pack_id = p.id LEFT JOIN ("
    "SELECT source_id AS account, target_id AS other, -tokens_micro AS tokens FROM records_entry UNION ALL "
    "SELECT target_id, source_id, tokens_micro FROM records_entry) m ON m.account = a.id "
    "LEFT JOIN records_account o ON o.id = m.other GROUP BY p.id ORDER BY p.id"
)
_PACKS_STORED = "SELECT id, left_micro, reserved_micro, lapsed_micro FROM records_pack ORDER BY id"

_CHARGES_OFF = (
    "SELECT c.id, c.tokens_micro - COALESCE(m.paid, 0) - COALESCE(m.over, 0), COALESCE(m.over, 0) "
    "FROM records_charge c LEFT JOIN (SELECT e.charge_id, "
    "SUM(CASE WHEN s.kind = 'PACK' THEN e.tokens_micro WHEN t.kind = 'PACK' THEN -e.tokens_micro ELSE 0 END) AS paid, "
    "SUM(CASE WHEN s.kind = 'OVER_CONSUMPTION' THEN e.tokens_micro "
    "WHEN t.kind = 'OVER_CONSUMPTION' THEN -e.tokens_micro ELSE 0 END) AS over "
    "FROM records_entry e JOIN records_account s ON s.id = e.source_id JOIN records_account t ON t.id = e.target_id "
    "WHERE e.charge_id IS NOT NULL GROUP BY e.charge_id) m ON m.charge_id = c.id "
    "WHERE c.ended_us IS NULL AND c.usage_category <> 'MANUAL_ADJUSTMENT' AND (c.over_micro <> COALESCE(m.over, 0) "
    "OR c.shortfall_micro <> c.tokens_micro - COALESCE(m.paid, 0) - COALESCE(m.over, 0)) ORDER BY c.id"
)

_WINDOWS_OPENED = (
    "SELECT contract_id, person_id, product_id, window_us FROM records_charge "
    "WHERE ended_us IS NULL AND category = 'CHARGED' AND family_id IS NULL AND window_us IS NOT NULL "
)
_WINDOWS_STORED = "SELECT contract_id, person_id, product_id, start_us FROM records_window"
_WINDOWS_MISSING = f"{_WINDOWS_OPENED} EXCEPT {_WINDOWS_STORED} ORDER BY 1, 2, 3, 4"
_WINDOWS_TOO_MANY = f"{_WINDOWS_STORED} EXCEPT {_WINDOWS_OPENED} ORDER BY 1, 2, 3, 4"


class Mended(NamedTuple):
    """How many rows said something else than the facts."""

    packs: int
    charges: int
    windows: int


class Opened(NamedTuple):
    """A window that a charge opened: its chain and its start."""

    chain: Chain
    start: int


def teams() -> list[int]:
    """Return every team that has a ledger."""
    return [team for (team,) in db.rows("SELECT team_id FROM records_ledgerhead ORDER BY team_id")]


def packs_off() -> list[PacksRow]:
    """Return the packs whose stored balance is not what the ledger says, with what it says."""
    folded = [(pack, int(left), int(held), int(lapsed)) for pack, left, held, lapsed in db.rows(_PACKS_FOLDED)]
    stored = {row[0]: row for row in db.rows(_PACKS_STORED)}
    return [row for row in folded if row != tuple(stored[row[0]])]


def charges_off() -> list[tuple[int, int, int]]:
    """Return the charges that count whose open amounts are wrong: (charge, millionths short, millionths over)."""
    return [(charge, int(short), int(over)) for charge, short, over in db.rows(_CHARGES_OFF)]


def windows_off() -> tuple[list[Opened], list[Opened]]:
    """Return the windows that are missing, and those that no charge opened."""
    return list(_read(_WINDOWS_MISSING)), list(_read(_WINDOWS_TOO_MANY))


def _read(sql: str) -> Iterator[Opened]:
    for contract, person, product, start in db.rows(sql):
        yield Opened(Chain(contract, person, product), start)


def mend_packs(rows: list[PacksRow]) -> None:
    """Write balances of packs."""
    db.many(
        "UPDATE records_pack SET left_micro = %s, reserved_micro = %s, lapsed_micro = %s WHERE id = %s",
        [(left, held, lapsed, pack) for pack, left, held, lapsed in rows],
    )


def mend_charges(rows: list[tuple[int, int, int]]) -> None:
    """Write what charges are short and over."""
    db.many(
        "UPDATE records_charge SET shortfall_micro = %s, over_micro = %s WHERE id = %s",
        [(short, over, charge) for charge, short, over in rows],
    )
