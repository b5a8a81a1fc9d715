"""Which products people may open, as ingest asks it once a batch (domain A2, M5)."""

from __future__ import annotations

from collections.abc import Sequence

from farebox.domain.clock import Instant
from farebox.records import db


class Assigned:
    """What some people of a team were assigned, and since when."""

    def __init__(self, found: dict[tuple[int, int], Instant]) -> None:
        self._since = found

    def has(self, person: int, product: int, at: Instant) -> bool:
        """Tell whether a product was assigned to a person at an instant, by itself or with all others."""
        one, every = self._since.get((person, product)), self._since.get((person, 0))
        return (one is not None and one <= at) or (every is not None and every <= at)


def of(team: int, people: Sequence[int]) -> Assigned | None:
    """Return what is assigned to these people of a team, or None where the team assigns nothing to anybody."""
    if not _assigns(team):
        return None
    found: dict[tuple[int, int], Instant] = {}
    for chunk in db.chunks(people, db.CHUNK_ROWS):
        sql = (
            "SELECT person_id, COALESCE(product_id, 0), since_us FROM records_assignment "
            f"WHERE person_id IN ({db.marks(chunk)})"
        )
        found.update({(person, product): Instant(since) for person, product, since in db.rows(sql, chunk)})
    return Assigned(found)


def _assigns(team: int) -> bool:
    sql = "SELECT 1 FROM records_assignment a JOIN records_person p ON p.id = a.person_id WHERE p.team_id = %s LIMIT 1"
    return bool(db.rows("SELECT 1 FROM records_assignment LIMIT 1")) and bool(db.rows(sql, (team,)))
