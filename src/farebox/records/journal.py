"""What a journal of the ledger needs besides its entries: the accounts, and what our own books say they hold."""

from __future__ import annotations

from typing import NamedTuple

from farebox.domain.clock import Instant
from farebox.records import db


class AccountRow(NamedTuple):
    """An account that something was booked on: since when, and what it holds by the books, in millionths."""

    pool: str
    kind: str
    pack: int
    since: Instant
    tokens_micro: int


_FOLDED = (
    "SELECT a.pool, a.kind, COALESCE(a.pack_id, 0), MIN(m.booked_us), SUM(m.tokens) FROM records_account a JOIN ("
    "SELECT target_id AS account_id, MIN(booked_us) AS booked_us, SUM(tokens_micro) AS tokens FROM records_entry "
    "WHERE team_id = %s GROUP BY target_id UNION ALL "
    "SELECT source_id, MIN(booked_us), -SUM(tokens_micro) FROM records_entry WHERE team_id = %s GROUP BY source_id) m "
    "ON m.account_id = a.id GROUP BY a.id, a.pool, a.kind, a.pack_id ORDER BY a.pool, a.kind, a.pack_id"
)
_PACKS = (
    "SELECT p.id, p.pool, p.left_micro, p.reserved_micro, p.lapsed_micro FROM records_pack p "
    "JOIN records_contract k ON k.id = p.contract_id WHERE k.team_id = %s"
)


def accounts(team: int) -> list[AccountRow]:
    """
    Return the accounts of a team that anything was booked on.

    Packs, reserved and expired tokens are what the packs say of themselves, so that whoever adds up the entries
    proves them; the other accounts are stored nowhere but in the ledger.
    """
    books: dict[tuple[str, str, int], int] = {}
    for pack, pool, left, reserved, lapsed in db.rows(_PACKS, (team,)):
        books[pool, "PACK", pack] = left
        books[pool, "RESERVED", 0] = books.get((pool, "RESERVED", 0), 0) + reserved
        books[pool, "EXPIRED", 0] = books.get((pool, "EXPIRED", 0), 0) + lapsed
    return [
        AccountRow(pool, kind, pack, Instant(since), books.get((pool, kind, pack), int(folded)))
        for pool, kind, pack, since, folded in db.rows(_FOLDED, (team, team))
    ]
