"""Events: what was received before, what is new, and the count of what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from farebox.domain.clock import HOUR, Instant
from farebox.records import db


class Known(NamedTuple):
    """An event that was received before."""

    id: int
    revision: int
    fingerprint: bytes
    state: str
    kind: str


class EventRow(NamedTuple):
    """An event to record, in the order of the columns."""

    id: int
    team: int
    source: str
    event_id: str
    revision: int
    kind: str
    state: str
    problem: str
    fingerprint: bytes
    payload: bytes
    received: Instant


class Tally(NamedTuple):
    """What became of the events of one request."""

    received: int = 0
    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0
    quarantined: int = 0


def known(team: int, source: str, ids: Sequence[str]) -> dict[str, Known]:
    """Return what was received before under these identities (invariant I2)."""
    found: dict[str, Known] = {}
    for chunk in db.chunks(ids, db.CHUNK_ROWS):
        sql = (
            "SELECT event_id, id, revision, fingerprint, state, kind FROM records_event "
            f"WHERE team_id = %s AND source = %s AND event_id IN ({db.marks(chunk)})"
        )
        for event_id, *rest in db.rows(sql, (team, source, *chunk)):
            found[event_id] = Known(rest[0], rest[1], bytes(rest[2]), rest[3], rest[4])
    return found


_COLUMNS = ("id", "team_id", "source", "event_id", "revision", "kind", "state", "problem", "fingerprint", "payload",
            "received_us")  # fmt: skip


def add(events: Sequence[EventRow]) -> None:
    """Record new events; the unique identity refuses a second one."""
    db.insert("records_event", _COLUMNS, events)


def amend(events: Sequence[EventRow]) -> None:
    """Replace events by a later revision, keeping the one before (domain M3)."""
    db.many(
        "INSERT INTO records_eventrevision (event_id, revision, kind, payload, received_us, replaced_us) "
        "SELECT id, revision, kind, payload, received_us, %s FROM records_event WHERE id = %s",
        [(event.received, event.id) for event in events],
    )
    db.many(
        "UPDATE records_event SET revision = %s, kind = %s, state = %s, problem = %s, fingerprint = %s, payload = %s, "
        "received_us = %s WHERE id = %s",
        [(e.revision, e.kind, e.state, e.problem, e.fingerprint, e.payload, e.received, e.id) for e in events],
    )


def overwrite(events: Sequence[EventRow]) -> None:
    """Write what is known by now of events that the server keeps itself, at the same revision."""
    db.many(
        "UPDATE records_event SET fingerprint = %s, payload = %s, received_us = %s WHERE id = %s",
        [(event.fingerprint, event.payload, event.received, event.id) for event in events],
    )


def at_revision(ids: Sequence[int], revision: int) -> set[int]:
    """Return those of these events whose latest revision is the given one."""
    found: set[int] = set()
    for chunk in db.chunks(ids, db.CHUNK_ROWS):
        sql = f"SELECT id FROM records_event WHERE revision = %s AND id IN ({db.marks(chunk)})"
        found |= {event for (event,) in db.rows(sql, (revision, *chunk))}
    return found


def ended_by_report(ids: Sequence[int]) -> set[int]:
    """Return those of these events that were sent, not seen by the server, and no longer stand for an open use."""
    found: set[int] = set()
    for chunk in db.chunks(ids, db.CHUNK_ROWS):
        sql = (
            f"SELECT e.id FROM records_event e WHERE e.revision >= 0 AND e.id IN ({db.marks(chunk)}) AND NOT EXISTS "
            "(SELECT 1 FROM records_use u WHERE u.event_id = e.id AND u.ended_us IS NULL AND u.open)"
        )
        found |= {event for (event,) in db.rows(sql, chunk)}
    return found


def release(ids: Sequence[int]) -> None:
    """Mark quarantined events as accepted."""
    db.many("UPDATE records_event SET state = 'ACCEPTED', problem = '' WHERE id = %s", [(event,) for event in ids])


def restate(problems: Sequence[tuple[str, int]]) -> None:
    """Write what quarantined events wait for now, as (problem, event) pairs."""
    db.many("UPDATE records_event SET problem = %s WHERE id = %s", problems)


class WaitingRow(NamedTuple):
    """A quarantined event, with what it waits for."""

    id: int
    team: int
    source: str
    event_id: str
    kind: str
    payload: bytes
    problem: str
    received: Instant


def waiting(*, after: int, limit: int, team: int = 0) -> list[WaitingRow]:
    """Return quarantined events with a larger id, oldest first; of one team where it is given."""
    of_team = " AND team_id = %s" if team else ""
    sql = f"{_WAITING} AND id > %s{of_team} ORDER BY id LIMIT %s"
    return [_waiting(row) for row in db.rows(sql, (after, *([team] if team else []), limit))]


def still_waiting(page: Sequence[WaitingRow]) -> list[WaitingRow]:
    """Return those of a page that wait now, as they are now: others may have released or amended some of them."""
    found: list[WaitingRow] = []
    for chunk in db.chunks([row.id for row in page], db.CHUNK_ROWS):
        found += [_waiting(row) for row in db.rows(f"{_WAITING} AND id IN ({db.marks(chunk)}) ORDER BY id", chunk)]
    return found


_WAITING = (
    "SELECT id, team_id, source, event_id, kind, payload, problem, received_us FROM records_event "
    "WHERE state = 'QUARANTINED'"
)


def _waiting(row: Sequence[Any]) -> WaitingRow:
    return WaitingRow._make((*row[:5], bytes(row[5]), *row[6:]))


def count(source_key: int, team: int, tally: Tally, *, at: Instant) -> None:
    """Add to the hour's count; what was received and what became of it always agree (invariant I4)."""
    db.execute(
        "INSERT INTO records_intake (source, team, hour_us, received, accepted, duplicate, rejected, quarantined) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (source, team, hour_us) DO UPDATE SET "
        "received = records_intake.received + EXCLUDED.received, "
        "accepted = records_intake.accepted + EXCLUDED.accepted, "
        "duplicate = records_intake.duplicate + EXCLUDED.duplicate, "
        "rejected = records_intake.rejected + EXCLUDED.rejected, "
        "quarantined = records_intake.quarantined + EXCLUDED.quarantined",
        (source_key, team, at - at % HOUR, *tally),
    )
