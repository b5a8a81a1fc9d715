"""Who is behind the pseudonyms of a report: names and addresses for its pages, or nobody's where names are hidden."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import QuerySet

from farebox.domain.errors import NotFound
from farebox.records.models import Person
from farebox.records.reading import Readable
from farebox.records.tenancy import acting_for


class Named(NamedTuple):
    """What a page says of a person: the name, or the key where none is known; and the key, an e-mail or a login."""

    name: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Someone:
    """A person of one of the teams of a report; `named` is none where names are hidden."""

    pseudonym: str
    team_id: int
    team: str
    named: Named | None


def hides(contracts: Sequence[Readable]) -> bool:
    """Tell whether a report over these contracts hides names: one team that hides its own hides all (case 12)."""
    return any(contract.names_hidden for contract in contracts)


def named(contracts: Sequence[Readable], only: Collection[str] | None = None) -> Mapping[str, Named]:
    """
    Return who is of the teams of these contracts, by pseudonym; nobody where one of the teams hides names.

    `only` are the pseudonyms of those who are asked about; without it, everybody is.

    A page that has no entry for a pseudonym shows the pseudonym (quality P1): what it searches, sorts by and links to
    is then nothing else.
    """
    if hides(contracts):
        return {}
    found: dict[str, Named] = {}
    for team in dict.fromkeys(contract.team_id for contract in contracts):
        with acting_for(team):
            rows = _people(team, only).values_list("pseudonym", "name", "key")
            found |= {pseudonym: Named(name or key, key) for pseudonym, name, key in rows}
    return found


def teams(contracts: Sequence[Readable], only: Collection[str] | None = None) -> Mapping[str, str]:
    """Return the name of everybody's team, or that of `only` some, by pseudonym, whether or not names are hidden."""
    found: dict[str, str] = {}
    for team, name in {one.team_id: one.team for one in contracts}.items():
        with acting_for(team):
            found |= dict.fromkeys(_people(team, only).values_list("pseudonym", flat=True), name)
    return found


def someone(contracts: Sequence[Readable], pseudonym: str) -> Someone:
    """
    Return who has a pseudonym in one of the teams of these contracts.

    Raises `NotFound` for everybody else's, whether or not there is such a person (quality T2).
    """
    if not pseudonym.isprintable():
        raise NotFound("nobody has such a pseudonym")
    for team, name in {one.team_id: one.team for one in contracts}.items():
        with acting_for(team):
            found = Person.objects.filter(team_id=team, pseudonym=pseudonym).first()
        if found is not None:
            named = None if hides(contracts) else Named(found.name or found.key, found.key)
            return Someone(pseudonym=pseudonym, team_id=team, team=name, named=named)
    raise NotFound("nobody of these teams has this pseudonym")


def _people(team: int, only: Collection[str] | None) -> QuerySet[Person]:
    people = Person.objects.filter(team_id=team)
    return people if only is None else people.filter(pseudonym__in=only)
