"""
Charge-back values of people, as they are stored and as the projector reads them.

Each field of a contract has a version: a number without meaning, another one after every change. Whoever changes
what a name means (`services.join`, or a person's key) renews the versions of the team, in the same transaction.
"""

from __future__ import annotations

import json
import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

from farebox.domain.clock import Day
from farebox.domain.enrichment import Named, Since, Told, told_of
from farebox.records import db
from farebox.records.models import ContractField

Place = tuple[int, int]
"""A contract and the position of one of its charge-back fields."""


class Stored(NamedTuple):
    """A value of a person from a date on, as it is stored."""

    id: int
    label: int


def stored(contract: int, position: int) -> dict[tuple[str, Day], Stored]:
    """Return what is told of people under a field, by name and date."""
    found = db.rows(
        "SELECT person, since_day, id, label FROM records_enrichment WHERE contract_id = %s AND position = %s",
        (contract, position),
    )
    return {(person, Day(since)): Stored(number, label) for person, since, number, label in found}


def add(contract: int, position: int, values: Mapping[tuple[str, Day], int]) -> None:
    """Store labels by name and date."""
    columns = ("contract_id", "position", "person", "since_day", "label")
    rows = [(contract, position, person, since, label) for (person, since), label in values.items()]
    db.insert("records_enrichment", columns, rows)


def remove(numbers: Sequence[int]) -> None:
    """Remove stored values by their numbers."""
    for chunk in db.chunks(sorted(numbers), db.CHUNK_ROWS):
        db.execute(f"DELETE FROM records_enrichment WHERE id IN ({db.marks(chunk)})", chunk)


def renew(place: Place) -> None:
    """Say that what is told under a field changed."""
    contract, position = place
    ContractField.objects.filter(contract_id=contract, position=position).update(version=_version())


def renew_team(team: int) -> None:
    """Say that it changed what the names of a team's people mean."""
    ContractField.objects.filter(contract__team_id=team, version__gt=0).update(version=_version())


def _version() -> int:
    return secrets.randbits(62) + 1


def unknown(team: int, names: Iterable[str]) -> int:
    """Return how many of some canonical names nobody in a team has."""
    wanted = sorted(set(names))
    known = 0
    for chunk in db.chunks(wanted, db.CHUNK_ROWS):
        sql = f"SELECT COUNT(*) FROM records_person WHERE team_id = %s AND key IN ({db.marks(chunk)})"
        known += db.rows(sql, (team, *chunk))[0][0]
    return len(wanted) - known


def came_with_uses(contract: int, name: str) -> bool:
    """Tell whether a use of a contract may have brought a value of that name; the letters' case is not looked at."""
    member = json.dumps(f"attribute:{name}")
    for special in "!%_":
        member = member.replace(special, f"!{special}")
    found = "SELECT 1 FROM records_use WHERE contract_id = %s AND extra LIKE %s ESCAPE '!' LIMIT 1"
    return bool(db.rows(found, (contract, f"%{member}:%")))


@dataclass(slots=True)
class Values:
    """
    What is told of people under one field, in one version.

    `strangers` are those of whom something is told, by name, and whom nobody had heard of when it was read.
    """

    place: Place
    version: int
    of: dict[int, Told]
    strangers: Mapping[str, Told]

    def meet(self, people: Set[int]) -> None:
        """Find those of some people who were strangers; what is told of them is told of these people now."""
        if not self.strangers:
            return
        for number, key in keys_of(people - self.of.keys()):
            if key in self.strangers:
                self.of[number] = self.strangers[key]


def versions() -> dict[Place, int]:
    """Return the version of each field under which something is or was told of people."""
    found = "SELECT contract_id, position, version FROM records_contractfield WHERE version > 0 ORDER BY 1, 2"
    return {(contract, position): version for contract, position, version in db.rows(found)}


def values(place: Place, version: int) -> Values:
    """Return what is told under a field. Read after `version` was, it is of that version or a later one."""
    said = _said(place)
    people = _people(place)
    known = {one.key for one in people}
    strangers = {name: told for name, told in said.items() if name not in known}
    return Values(place, version, told_of(said, people), strangers)


def _said(place: Place) -> dict[str, Told]:
    found: dict[str, list[Since]] = defaultdict(list)
    for person, since, label in db.rows(
        "SELECT person, since_day, label FROM records_enrichment WHERE contract_id = %s AND position = %s "
        "ORDER BY person, since_day",
        place,
    ):
        found[person].append(Since(Day(since), label))
    return {person: tuple(told) for person, told in found.items()}


def _people(place: Place) -> list[Named]:
    """Return the people that a list names, and everybody who has, or had, more than one name."""
    return [
        Named(*row)
        for row in db.rows(
            "SELECT p.id, p.key, p.joined_id FROM records_contract o JOIN records_person p ON p.team_id = o.team_id "
            "WHERE o.id = %s AND (p.joined_id IS NOT NULL "
            "OR EXISTS (SELECT 1 FROM records_person a WHERE a.joined_id = p.id) "
            "OR EXISTS (SELECT 1 FROM records_enrichment e "
            "WHERE e.contract_id = o.id AND e.position = %s AND e.person = p.key)) ORDER BY p.id",
            place,
        )
    ]


def keys_of(people: Iterable[int]) -> list[tuple[int, str]]:
    """Return the canonical names of some people."""
    found: list[tuple[int, str]] = []
    for chunk in db.chunks(sorted(people), db.CHUNK_ROWS):
        found += db.rows(f"SELECT id, key FROM records_person WHERE id IN ({db.marks(chunk)}) ORDER BY id", chunk)
    return found
