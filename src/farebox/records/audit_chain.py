"""The links of the audit log: what waits for one, what a chain holds, and links appended, each once (quality T5)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import IntegrityError

from farebox.domain.audit_chain import Linked, Logged, genesis, sealed
from farebox.domain.clock import Instant
from farebox.records import db

PAGE = 2_000
"""Rows that are read or sealed at a time."""


class Head(NamedTuple):
    """The end of a chain: whose it is, the last number, its hash, and when it was sealed."""

    chain: int
    slug: str
    number: int
    hash: bytes
    sealed: Instant


def seal(*, now: Instant) -> int:
    """
    Append a link for each row that waits, a page at most, and return how many; 0 where another sealer was faster.

    Who takes a row out of the queue appends its link in the same transaction; another waits for that, finds it taken,
    and goes on after it. A row that was deleted before it was sealed goes on waiting, for `verify` to name.
    """
    if not db.rows("SELECT 1 FROM records_auditwaiting w JOIN records_audit a ON a.id = w.audit_id LIMIT 1"):
        return 0
    try:
        with db.atomic():
            taken = _take()
            links = [(chain, *link) for chain, rows in _by_chain(taken).items() for link in _links(chain, rows)]
            values = [(chain, number, row, hashed, now) for chain, number, row, hashed, _ in links]
            db.insert("records_auditlink", ("chain", "number", "audit_id", "hash", "sealed_us"), values)
    except IntegrityError:
        return 0
    return len(values)


_TAKE = (
    "DELETE FROM records_auditwaiting WHERE audit_id IN (SELECT w.audit_id FROM records_auditwaiting w "
    "JOIN records_audit a ON a.id = w.audit_id ORDER BY w.audit_id LIMIT %s) RETURNING audit_id"
)
_COLUMNS = "a.id, COALESCE(a.team_id, 0), a.at_us, a.actor, a.verb, a.object, a.facts"


def _take() -> list[Logged]:
    ids = sorted(row for (row,) in db.rows(_TAKE, (PAGE,)))
    if not ids:
        return []
    sql = f"SELECT {_COLUMNS} FROM records_audit a WHERE a.id IN ({db.marks(ids)}) ORDER BY a.id"
    return [_logged(row) for row in db.rows(sql, ids)]


def _by_chain(rows: Sequence[Logged]) -> Mapping[int, list[Logged]]:
    found: dict[int, list[Logged]] = {}
    for row in rows:
        found.setdefault(row.team, []).append(row)
    return found


def _links(chain: int, rows: Sequence[Logged]) -> Iterator[Linked]:
    last = db.rows("SELECT number, hash FROM records_auditlink WHERE chain = %s ORDER BY number DESC LIMIT 1", (chain,))
    number, before = (last[0][0], bytes(last[0][1])) if last else (0, genesis(chain))
    return sealed(chain, number, before, rows)


def heads() -> list[Head]:
    """Return the end of every chain, the installation's first."""
    sql = (
        "WITH n (chain, number) AS (SELECT chain, MAX(number) FROM records_auditlink GROUP BY chain) "
        "SELECT l.chain, COALESCE(t.slug, ''), l.number, l.hash, l.sealed_us FROM n "
        "JOIN records_auditlink l ON l.chain = n.chain AND l.number = n.number "
        "LEFT JOIN records_team t ON t.id = l.chain ORDER BY l.chain"
    )
    return [Head(chain, slug, number, bytes(hashed), Instant(at)) for chain, slug, number, hashed, at in db.rows(sql)]


_WALK = (
    f"SELECT l.number, l.audit_id, l.hash, {_COLUMNS} FROM records_auditlink l "
    "LEFT JOIN records_audit a ON a.id = l.audit_id WHERE l.chain = %s AND l.number > %s ORDER BY l.number LIMIT %s"
)


def links(chain: int) -> Iterator[Linked]:
    """Yield the links of a chain with their rows, in order, reading a page at a time."""
    after = 0
    while page := db.rows(_WALK, (chain, after, PAGE)):
        for number, row_id, hashed, *row in page:
            yield Linked(number, row_id, bytes(hashed), _logged(row) if row[0] is not None else None)
        after = page[-1][0]


def loose(limit: int) -> tuple[int, list[int]]:
    """Return how many rows no link covers though they do not wait for one, and the first of them."""
    sql = (
        "SELECT COUNT(*) OVER (), a.id FROM records_audit a "
        "WHERE NOT EXISTS (SELECT 1 FROM records_auditlink l WHERE l.audit_id = a.id) "
        "AND NOT EXISTS (SELECT 1 FROM records_auditwaiting w WHERE w.audit_id = a.id) ORDER BY a.id LIMIT %s"
    )
    return _counted(db.rows(sql, (limit,)))


def waiting() -> int:
    """Count the rows that wait for a link."""
    return int(db.rows("SELECT COUNT(*) FROM records_auditwaiting")[0][0])


def gone(limit: int) -> tuple[int, list[int]]:
    """Return how many rows wait for a link and are not there any more, and the first of them."""
    sql = (
        "SELECT COUNT(*) OVER (), w.audit_id FROM records_auditwaiting w "
        "WHERE NOT EXISTS (SELECT 1 FROM records_audit a WHERE a.id = w.audit_id) ORDER BY w.audit_id LIMIT %s"
    )
    return _counted(db.rows(sql, (limit,)))


def _counted(found: Sequence[tuple[Any, ...]]) -> tuple[int, list[int]]:
    return (int(found[0][0]) if found else 0), [row for _, row in found]


def _logged(row: Sequence[Any]) -> Logged:
    facts = json.loads(row[6]) if isinstance(row[6], str) else row[6]
    return Logged(row[0], row[1], row[2], row[3], row[4], row[5], facts)
