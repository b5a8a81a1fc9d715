"""Uses read back whole, to be closed, or to be recorded anew with something of them changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from farebox.domain.clock import Instant
from farebox.records import db
from farebox.records.live import LIVE_SOURCE
from farebox.records.usage import USE_COLUMNS, EndedUse, UseRow

_HEARTBEAT = b'"lastHeartbeat":'


class OpenUse(NamedTuple):
    """A session without an end; `has_heartbeat` tells whether it ever said that it runs."""

    use: int
    team: int
    contract: int
    since: Instant
    until: Instant
    kind: str
    has_heartbeat: bool


def open_uses(*, after: tuple[Instant, int], until: Instant, limit: int) -> list[OpenUse]:
    """
    Return sessions without an end whose last evidence lies up to `until`, the oldest first, from `after` on.

    Those that the server allowed and that run still are left out: their own clock closes them.
    """
    rows = db.rows(
        "SELECT u.id, e.team_id, u.contract_id, u.since_us, u.until_us, e.kind, "
        "CASE WHEN u.until_us = u.since_us THEN e.payload END FROM records_use u "
        "JOIN records_event e ON e.id = u.event_id WHERE u.open AND u.ended_us IS NULL AND u.kind = 'SESSION' "
        "AND u.until_us <= %s "
        "AND NOT (e.source = %s AND EXISTS "
        "(SELECT 1 FROM records_livesession s WHERE s.code = e.event_id AND s.closed_us IS NULL)) "
        "AND (u.until_us > %s OR (u.until_us = %s AND u.id > %s)) "
        "ORDER BY u.until_us, u.id LIMIT %s",
        (until, LIVE_SOURCE, after[0], after[0], after[1], limit),
    )
    return [OpenUse._make((*row[:6], row[6] is None or _HEARTBEAT in bytes(row[6]))) for row in rows]


def close(uses: Sequence[int]) -> None:
    """Mark sessions as having ended with their last evidence."""
    db.many("UPDATE records_use SET open = FALSE WHERE id = %s", [(use,) for use in uses])


def read(uses: Iterable[int]) -> list[UseRow]:
    """Return the rows of uses that count, by their numbers."""
    found: list[UseRow] = []
    columns = ", ".join(USE_COLUMNS)
    for chunk in db.chunks(sorted(uses), db.CHUNK_ROWS):
        sql = f"SELECT {columns} FROM records_use WHERE ended_us IS NULL AND id IN ({db.marks(chunk)}) ORDER BY id"
        for row in db.rows(sql, chunk):
            use = UseRow._make(row)
            found.append(use._replace(open=bool(use.open), late=bool(use.late), unassigned=bool(use.unassigned)))
    return found


def ended(use: UseRow) -> EndedUse:
    """Return a use as one that ends."""
    return EndedUse(use.id, use.event, use.contract, use.person, use.product, use.since, use.funding, use.kind)
