"""Names to numbers: people and labels, made the first time that usage mentions them (domain M1)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from farebox.domain.clock import Instant
from farebox.records import db

LABEL_KINDS = ("version", "feature", "machine", "server", "custom", "hub", "project", "text")


def pseudonym() -> str:
    """Return a new random pseudonym; it is a function of nothing, so nothing can be tested against it."""
    return "u-" + secrets.token_hex(6)


def people(team: int, keys: Iterable[str], *, at: Instant) -> dict[str, int]:
    """Return the ids of the people of `team` with these canonical keys, making those that are unknown."""
    wanted = sorted(set(keys))
    found = _people(team, wanted)
    missing = [key for key in wanted if key not in found]
    if missing:
        db.many(
            "INSERT INTO records_person (team_id, key, name, pseudonym, created_us) VALUES (%s, %s, '', %s, %s)",
            [(team, key, pseudonym(), at) for key in missing],
        )
        found |= _people(team, missing)
    return found


def _people(team: int, keys: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for chunk in db.chunks(keys, db.CHUNK_ROWS):
        sql = f"SELECT key, id FROM records_person WHERE team_id = %s AND key IN ({db.marks(chunk)})"
        found.update(db.rows(sql, (team, *chunk)))
    return found


def labels(team: int, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Return the ids of (kind, text) pairs in `team`, making those that are unknown; no text is 0."""
    pairs = sorted({pair for pair in wanted if pair[1]})
    found = _labels(team, pairs)
    missing = [pair for pair in pairs if pair not in found]
    if missing:
        db.many(
            "INSERT INTO records_label (team_id, kind, text, pseudonym) VALUES (%s, %s, %s, %s)",
            [(team, kind, text, "m-" + secrets.token_hex(6) if kind == "machine" else "") for kind, text in missing],
        )
        found |= _labels(team, missing)
    return found


def _labels(team: int, pairs: list[tuple[str, str]]) -> dict[tuple[str, str], int]:
    keys = [(team, kind, text) for kind, text in pairs]
    sql = (
        "WITH k (team, kind, text) AS (VALUES {keys}) SELECT l.kind, l.text, l.id "
        "FROM k CROSS JOIN records_label l WHERE l.team_id = k.team AND l.kind = k.kind AND l.text = k.text"
    )
    return {(kind, text): label for kind, text, label in db.rows_for(sql, keys)}
