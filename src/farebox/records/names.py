"""Names to numbers: people and labels, made the first time that usage mentions them (domain M1)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping

from farebox.domain.clock import Instant
from farebox.records import db


def pseudonym() -> str:
    """Return a new random pseudonym; it is a function of nothing, so nothing can be tested against it."""
    return "u-" + secrets.token_hex(6)


def people(team: int, keys: Iterable[str], *, at: Instant) -> dict[str, int]:
    """
    Return the ids of the people of `team` with these canonical keys, making those that are unknown.

    A name that turned out to be somebody else's is that person (domain M1).
    """
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
        sql = (
            f"SELECT key, COALESCE(joined_id, id) FROM records_person WHERE team_id = %s AND key IN ({db.marks(chunk)})"
        )
        found.update(db.rows(sql, (team, *chunk)))
    return found


def labels(team: int, wanted: Mapping[str, Iterable[str]]) -> dict[str, dict[str, int]]:
    """Return the ids of words by kind and text, making those that `team` never mentioned; no text is 0."""
    return {kind: {"": 0} | _labels_of_kind(team, kind, sorted(set(texts) - {""})) for kind, texts in wanted.items()}


def _labels_of_kind(team: int, kind: str, texts: list[str]) -> dict[str, int]:
    found = _labels(team, kind, texts)
    missing = [text for text in texts if text not in found]
    if missing:
        db.many(
            "INSERT INTO records_label (team_id, kind, text, pseudonym) VALUES (%s, %s, %s, %s)",
            [(team, kind, text, "m-" + secrets.token_hex(6) if kind == "machine" else "") for text in missing],
        )
        found |= _labels(team, kind, missing)
    return found


def _labels(team: int, kind: str, texts: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for chunk in db.chunks(texts, db.CHUNK_ROWS):
        sql = f"SELECT text, id FROM records_label WHERE team_id = %s AND kind = %s AND text IN ({db.marks(chunk)})"
        found.update(db.rows(sql, (team, kind, *chunk)))
    return found
