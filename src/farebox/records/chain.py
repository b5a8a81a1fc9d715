"""The links of the hash chain, and a ledger read in order, a page at a time (domain L7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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


class Tail(NamedTuple):
    """A team whose ledger goes on after what the chain covers, and by how many entries."""

    team: int
    length: int


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


def unsealed() -> list[Tail]:
    """Return the teams whose ledgers have entries that no link covers, in order."""
    sql = "SELECT team_id, number - sealed FROM records_ledgerhead WHERE number > sealed ORDER BY team_id"
    return [Tail(team, int(length)) for team, length in db.rows(sql)]


_LINK = "SELECT number, first, last, hash, sealed_us FROM records_link WHERE team_id = %s "


def last_link(team: int) -> LinkRow | None:
    """Return the newest link of a team, if there is one."""
    found = db.rows(_LINK + "ORDER BY number DESC LIMIT 1", (team,))
    return _link(found[0]) if found else None


def last_links(teams: Sequence[int]) -> dict[int, LinkRow]:
    """Return the newest link of each team that has one."""
    sql = (
        "WITH k (i, team_id) AS (VALUES {keys}) SELECT l.team_id, l.number, l.first, l.last, l.hash, l.sealed_us "
        "FROM k CROSS JOIN records_link l WHERE l.team_id = k.team_id "
        "AND l.number = (SELECT MAX(n.number) FROM records_link n WHERE n.team_id = k.team_id)"
    )
    return {row[0]: _link(row[1:]) for row in db.rows_for(sql, [(i, team) for i, team in enumerate(teams)])}


def links(team: int, *, after: int) -> list[LinkRow]:
    """Return the next links of a team after one, in order, a page of them."""
    rows = db.rows(_LINK + "AND number > %s ORDER BY number LIMIT %s", (team, after, PAGE))
    return [_link(row) for row in rows]


def _link(row: tuple[int, int, int, bytes, int]) -> LinkRow:
    return LinkRow(row[0], row[1], row[2], bytes(row[3]), Instant(row[4]))


_COLUMNS = (
    "e.number, s.pool, s.kind, COALESCE(s.pack_id, 0), t.pool, t.kind, COALESCE(t.pack_id, 0), "
    "e.tokens_micro, e.kind, COALESCE(e.charge_id, 0), COALESCE(e.hold_id, 0), COALESCE(e.act_id, 0), "
    "e.at_us, e.booked_us"
)
_BOTH_ACCOUNTS = "LEFT JOIN records_account s ON s.id = e.source_id LEFT JOIN records_account t ON t.id = e.target_id"
_ENTRIES = (
    f"SELECT {_COLUMNS} FROM records_entry e {_BOTH_ACCOUNTS} "
    "WHERE e.team_id = %s AND e.number > %s ORDER BY e.number LIMIT %s"
)
_TAILS = (
    "WITH k (i, team_id, after) AS (VALUES {keys}) "
    f"SELECT k.team_id, {_COLUMNS} FROM k CROSS JOIN records_entry e {_BOTH_ACCOUNTS} "
    "WHERE e.team_id = k.team_id AND e.number > k.after ORDER BY k.i, e.number LIMIT "
)


def tails(teams: Sequence[tuple[int, int]]) -> dict[int, list[Chained]]:
    """Return the entries of teams after a number of each, as (team, number), in order; a page of them in all."""
    found: dict[int, list[Chained]] = {team: [] for team, _ in teams}
    for team, *entry in db.rows_for(f"{_TAILS}{PAGE}", [(i, *one) for i, one in enumerate(teams)]):
        found[team].append(Chained._make(entry))
    return found


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


def add_links(links: Sequence[tuple[int, LinkRow]]) -> int:
    """
    Append links, as (team, link), unless another sealer was faster; return how many entries they cover.

    The guard is the head's own `sealed`: of two that would move it from the same number, one finds it moved.
    """
    if not links:
        return 0
    with db.atomic():
        added = [(team, *link) for team, link in links if _move_head(team, link)]
        db.insert("records_link", ("team_id", "number", "first", "last", "hash", "sealed_us"), added)
    return sum(last - first + 1 for _, _, first, last, _, _ in added)


def _move_head(team: int, link: LinkRow) -> bool:
    touched = db.execute(
        "UPDATE records_ledgerhead SET sealed = %s WHERE team_id = %s AND sealed = %s",
        (link.last, team, link.first - 1),
    )
    return touched == 1
