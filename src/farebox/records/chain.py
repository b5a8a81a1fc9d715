"""The links of the hash chain, and a ledger read in order, a page at a time (domain L7)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from farebox.domain.chain import Chained
from farebox.domain.clock import Instant
from farebox.records import db

PAGE = 5_000
"""Entries that are read at a time, and that one link spans at most."""


class Head(NamedTuple):
    """Where a team's ledger stands: its last number, and the last one that the chain covers."""

    team: int
    slug: str
    number: int
    sealed: int


class LinkRow(NamedTuple):
    """A link of a team's chain: the entries that it covers, and the hash after the last of them."""

    number: int
    first: int
    last: int
    hash: bytes
    sealed: Instant


def heads() -> list[Head]:
    """Return where every team's ledger stands; a team whose head row is gone is there with what its entries say."""
    return [
        Head(team, slug, int(number), int(sealed))
        for team, slug, number, sealed in db.rows(
            "SELECT t.id, t.slug, COALESCE(h.number, 0), COALESCE(h.sealed, 0) FROM records_team t "
            "LEFT JOIN records_ledgerhead h ON h.team_id = t.id "
            "WHERE h.team_id IS NOT NULL OR EXISTS (SELECT 1 FROM records_entry e WHERE e.team_id = t.id) ORDER BY t.id"
        )
    ]


_LINK = "SELECT number, first, last, hash, sealed_us FROM records_link WHERE team_id = %s "


def last_link(team: int) -> LinkRow | None:
    """Return the newest link of a team, if there is one."""
    found = db.rows(_LINK + "ORDER BY number DESC LIMIT 1", (team,))
    return _link(found[0]) if found else None


def links(team: int, *, after: int) -> list[LinkRow]:
    """Return the next links of a team after one, in order, a page of them."""
    rows = db.rows(_LINK + "AND number > %s ORDER BY number LIMIT %s", (team, after, PAGE))
    return [_link(row) for row in rows]


def _link(row: tuple[int, int, int, bytes, int]) -> LinkRow:
    return LinkRow(row[0], row[1], row[2], bytes(row[3]), Instant(row[4]))


_ENTRIES = (
    "SELECT e.number, s.pool, s.kind, COALESCE(s.pack_id, 0), t.pool, t.kind, COALESCE(t.pack_id, 0), "
    "e.tokens_micro, e.kind, COALESCE(e.charge_id, 0), COALESCE(e.hold_id, 0), COALESCE(e.act_id, 0), "
    "e.at_us, e.booked_us FROM records_entry e LEFT JOIN records_account s ON s.id = e.source_id "
    "LEFT JOIN records_account t ON t.id = e.target_id "
    "WHERE e.team_id = %s AND e.number > %s ORDER BY e.number LIMIT %s"
)


def entries(team: int, *, after: int, limit: int = PAGE) -> list[Chained]:
    """Return the entries of a team after a number, in order, a page of them."""
    return [Chained._make(row) for row in db.rows(_ENTRIES, (team, after, limit))]


def all_entries(team: int) -> Iterator[Chained]:
    """Return all entries of a team in order, reading a page at a time."""
    after = -1
    while page := entries(team, after=after):
        yield from page
        after = page[-1].number


def moved(team: int, *, until: int) -> int:
    """Return the sum of what the entries of a team moved up to a number, in millionths of tokens."""
    sql = "SELECT COALESCE(SUM(tokens_micro), 0) FROM records_entry WHERE team_id = %s AND number <= %s"
    return int(db.rows(sql, (team, until))[0][0])


def add_link(team: int, link: LinkRow, *, sealed_before: int) -> bool:
    """
    Append a link, unless another sealer was faster; tell whether it was appended.

    The guard is the head's own `sealed`: of two that would move it from the same number, one finds it moved.
    """
    with db.atomic():
        touched = db.execute(
            "UPDATE records_ledgerhead SET sealed = %s WHERE team_id = %s AND sealed = %s",
            (link.last, team, sealed_before),
        )
        if touched:
            db.execute(
                "INSERT INTO records_link (team_id, number, first, last, hash, sealed_us) "
                "VALUES (%s, %s, %s, %s, %s, %s)",
                (team, link.number, link.first, link.last, link.hash, link.sealed),
            )
    return touched == 1
