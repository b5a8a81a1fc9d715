"""Running sessions, and denials, as the decisions at the moment of use read and write them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from farebox.domain.clock import Instant
from farebox.records import access, db

Key = tuple[int, int, int]
"""Contract, person, product: what one reservation and one chain of windows belong to (domain F1, F7)."""

LIVE_SOURCE = "farebox:live"
"""The source of the events that live sessions become; the id is the session's code."""

CODE_PREFIX = "ses_"


class Known(NamedTuple):
    """A person that a product names: the id, and whether they are a member still."""

    id: int
    member: bool


class Session(NamedTuple):
    """A live session, in the order of the columns."""

    id: int
    team: int
    contract: int
    person: int
    product: int
    code: str
    version: str
    machine: str
    since: Instant
    seen: Instant
    check: Instant
    closed: Instant | None
    active: str
    idles: bool
    denied: Instant | None
    event: int

    @property
    def key(self) -> Key:
        """What its reservation and its windows belong to."""
        return self.contract, self.person, self.product


class DenialRow(NamedTuple):
    """A denial to record, before it has its number."""

    team: int
    contract: int
    person: int
    product: int
    named_person: str
    named_product: str
    reason: str
    rate: int
    available: int
    rolled: Instant | None
    at: Instant


def people(asked: Sequence[tuple[int, str]]) -> dict[tuple[int, str], Known]:
    """
    Return who these (team, canonical name) are; a name that was joined to somebody is that person (domain M1).

    A member is who became one and has not left: not who is known from usage alone, or is invited (domain A1).
    """
    sql = (
        "WITH k (i, team_id, key) AS (VALUES {keys}) "
        "SELECT k.i, COALESCE(q.id, p.id), CASE WHEN q.id IS NULL THEN p.member_us ELSE q.member_us END, "
        "CASE WHEN q.id IS NULL THEN p.left_us ELSE q.left_us END FROM k CROSS JOIN records_person p "
        "LEFT JOIN records_person q ON q.id = p.joined_id WHERE p.team_id = k.team_id AND p.key = k.key"
    )
    rows = db.rows_for(sql, [(i, *one) for i, one in enumerate(asked)])
    return {asked[i]: Known(person, since is not None and left is None) for i, person, since, left in rows}


def is_member(person: int) -> bool:
    """Tell whether a person is a member of the team still."""
    sql = "SELECT 1 FROM records_person WHERE id = %s AND member_us IS NOT NULL AND left_us IS NULL"
    return bool(db.rows(sql, (person,)))


def assigned(people: Sequence[int]) -> dict[int, set[int]]:
    """Return the products in force for each person; 0 stands for all that the offer has (domain A1, A2)."""
    return access.in_force(people)


def last_windows(keys: Sequence[Key], *, at: Instant) -> dict[Key, Instant]:
    """Return the start of each key's last window that began `at` that instant or before."""
    return {key: start for (key, _), start in windows_at([(key, at) for key in keys]).items()}


def windows_at(asked: Sequence[tuple[Key, Instant]]) -> dict[tuple[Key, Instant], Instant]:
    """Return the same of each key at an instant of its own, or at several."""
    sql = (
        "WITH k (i, at_us, contract_id, person_id, product_id) AS (VALUES {keys}) SELECT k.i, (SELECT MAX(w.start_us) "
        "FROM records_window w WHERE w.contract_id = k.contract_id AND w.person_id = k.person_id "
        "AND w.product_id = k.product_id AND w.start_us <= k.at_us) FROM k"
    )
    rows = db.rows_for(sql, [(i, at, *key) for i, (key, at) in enumerate(asked)])
    return {asked[i]: Instant(start) for i, start in rows if start is not None}


_COLUMNS = ("id", "team_id", "contract_id", "person_id", "product_id", "code", "version", "machine", "since_us",
            "seen_us", "check_us", "closed_us", "active", "idles", "denied_us", "event")  # fmt: skip
_SELECT = "SELECT " + ", ".join(f"s.{column}" for column in _COLUMNS)


def add(sessions: Sequence[Session]) -> None:
    """Record sessions that were allowed."""
    db.insert("records_livesession", _COLUMNS, sessions)


def with_codes(codes: Sequence[str]) -> dict[str, Session]:
    """Return sessions by their codes."""
    found: dict[str, Session] = {}
    for chunk in db.chunks(codes, db.CHUNK_ROWS):
        sql = f"{_SELECT} FROM records_livesession s WHERE s.code IN ({db.marks(chunk)})"
        found |= {row[5]: Session._make(row) for row in db.rows(sql, chunk)}
    return found


def running(keys: Sequence[Key]) -> dict[Key, list[Session]]:
    """Return the sessions of these keys that are not closed, by start."""
    found: dict[Key, list[Session]] = defaultdict(list)
    sql = (
        "WITH k (i, contract_id, person_id, product_id) AS (VALUES {keys}) " + _SELECT + " FROM k "
        "CROSS JOIN records_livesession s WHERE s.contract_id = k.contract_id AND s.person_id = k.person_id "
        "AND s.product_id = k.product_id AND s.closed_us IS NULL ORDER BY s.since_us, s.id"
    )
    for row in db.rows_for(sql, [(i, *key) for i, key in enumerate(keys)]):
        session = Session._make(row)
        found[session.key].append(session)
    return found


def due_keys(keys: Sequence[Key], *, now: Instant) -> list[Key]:
    """Return those of these keys in which a session has to be looked at by now."""
    sql = (
        "WITH k (i, now_us, contract_id, person_id, product_id) AS (VALUES {keys}) SELECT DISTINCT k.i FROM k "
        "CROSS JOIN records_livesession s WHERE s.contract_id = k.contract_id AND s.person_id = k.person_id "
        "AND s.product_id = k.product_id AND s.closed_us IS NULL AND s.check_us <= k.now_us ORDER BY k.i"
    )
    return [keys[i] for (i,) in db.rows_for(sql, [(i, now, *key) for i, key in enumerate(keys)])]


def due(*, now: Instant, after: tuple[Instant, int], limit: int) -> list[Session]:
    """Return sessions that have to be looked at by now, those that wait longest first, from `after` on."""
    rows = db.rows(
        f"{_SELECT} FROM records_livesession s WHERE s.closed_us IS NULL AND s.check_us <= %s "
        "AND (s.check_us > %s OR (s.check_us = %s AND s.id > %s)) ORDER BY s.check_us, s.id LIMIT %s",
        (now, after[0], after[0], after[1], limit),
    )
    return [Session._make(row) for row in rows]


def change(sessions: Sequence[Session]) -> None:
    """Write what changed of sessions: when they were seen, are looked at next, and closed; activity, denial, event."""
    db.many(
        "UPDATE records_livesession SET seen_us = %s, check_us = %s, closed_us = %s, active = %s, idles = %s, "
        "denied_us = %s, event = %s WHERE id = %s",
        [(s.seen, s.check, s.closed, s.active, s.idles, s.denied, s.event, s.id) for s in sessions],
    )


_DENIAL = ("id", "team_id", "contract", "person", "product", "named_person", "named_product", "reason", "rate_micro",
           "available_micro", "rolled_us", "at_us")  # fmt: skip


def deny(denials: Sequence[DenialRow]) -> None:
    """Record denials (domain A4)."""
    if denials:
        first = db.reserve("denial", len(denials))
        db.insert("records_denial", _DENIAL, [(first + nth, *denial) for nth, denial in enumerate(denials)])


def denied_for(key: Key, rolled: Instant) -> str:
    """Return why a running session of a key was denied the window that was to begin at that instant."""
    sql = (
        "SELECT reason FROM records_denial WHERE contract = %s AND person = %s AND product = %s AND rolled_us = %s "
        "ORDER BY id LIMIT 1"
    )
    return str(db.rows(sql, (*key, rolled))[0][0])


def keys_of(people: Iterable[int]) -> Mapping[int, str]:
    """Return the canonical names of people."""
    found: dict[int, str] = {}
    for chunk in db.chunks(sorted(set(people)), db.CHUNK_ROWS):
        sql = f"SELECT id, key FROM records_person WHERE id IN ({db.marks(chunk)})"
        found |= dict(db.rows(sql, chunk))
    return found
