"""An administrator takes products back, and removes people from the team (product B2, B3)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from farebox.domain.access import EVERY, Held, taken_back
from farebox.domain.clock import Instant
from farebox.domain.errors import NotFound, Problem, Rejected
from farebox.records import access, audit, chosen, db, leaving, ticks
from farebox.records.chosen import By
from farebox.records.models import Group, Person
from farebox.records.ticks import PEOPLE


class Outcome(StrEnum):
    """What became of taking a product back from one person."""

    TAKEN = "taken"
    NOT_HELD = "not_held"
    THROUGH_GROUP = "through_group"
    """The person holds it through a group: nothing was changed."""
    DEFAULT = "default"
    """It is one of the team's default products: nothing was changed."""


class TakenBack(NamedTuple):
    """What became of one person, and the names of the groups through which the product is held still."""

    person: int
    outcome: Outcome
    groups: tuple[str, ...] = ()


def unassign_people(user: By, team: int, people: Sequence[int], product: str, *, now: Instant) -> list[TakenBack]:
    """
    Take a product back from several people of a team, or (with no product) all that each was given alone.

    Who holds it through a group or the default assignments keeps it, untouched, and is named with the reason. Of who
    was given all of the offer, the other products stay. Raises `NotFound` for who is not of the team.
    """
    actor = chosen.allowed(user, team)
    with db.atomic():
        found = [one.pk for one in chosen.people_of(team, people)]
        what = chosen.product(product)
        offer = access.offer(team, now=now)
        rows, done = ticks.locked(PEOPLE, found), access.held(found)
        verdicts = {person: _verdict(done[person], what, offer) for person in found}
        taken = [person for person, verdict in verdicts.items() if verdict is Outcome.TAKEN]
        after = {one: (rows[one], taken_back(ticks.as_assignment(rows[one]), what, offer)) for one in taken}
        written = ticks.write_all(PEOPLE, after, now=now)
        told = [row for one in taken for row in ticks.changes(team, f"person {one}", written[one])]
        audit.note(told, actor, at=now)
        names = dict(Group.objects.filter(team_id=team).values_list("pk", "name"))
        return [
            TakenBack(one, verdict, _groups(done[one], what, names) if verdict is Outcome.THROUGH_GROUP else ())
            for one, verdict in verdicts.items()
        ]


def _verdict(held: Held, product: int, offer: frozenset[int]) -> Outcome:
    if held.rests and (product == EVERY or product in held.defaults):
        return Outcome.DEFAULT
    if not held.rests and _through(held, product):
        return Outcome.THROUGH_GROUP
    mine = bool(held.own) if product == EVERY else product in held.own or (EVERY in held.own and product in offer)
    return Outcome.TAKEN if mine else Outcome.NOT_HELD


def _through(held: Held, product: int) -> set[int]:
    """Return the groups through which a product is held; any of them where all is to be taken back."""
    return {group for group, what in held.groups if product == EVERY or what in (product, EVERY)}


def _groups(held: Held, product: int, names: dict[int, str]) -> tuple[str, ...]:
    return tuple(sorted(names[group] for group in _through(held, product)))


def remove(user: By, team: int, people: Sequence[int], *, now: Instant) -> int:
    """
    Remove people from a team, and return how many were there still: products, groups, seats and the role end.

    Raises `NotFound` for who is not of the team; `Rejected` for who administers it: that role is taken first, and the
    primary one handed over (quality T4). Then nobody is removed.
    """
    actor = chosen.allowed(user, team)
    with db.atomic():
        found = [one.pk for one in chosen.people_of(team, people)]
        message = "this person administers the team: take the role first, the primary one is handed over"
        stay = sorted(leaving.administrators(team, found))
        if stay:
            raise Rejected([Problem(f"/people/{one}", "administrator", message) for one in stay])
        return leaving.leave(team, found, actor=actor, now=now)


def administrators(user: By, team: int, people: Sequence[int]) -> frozenset[int]:
    """Return who of some people administers the team, and so is not removed. Raises `NotFound` as `remove` does."""
    chosen.allowed(user, team)
    return frozenset(leaving.administrators(team, [one.pk for one in chosen.people_of(team, people)]))


def pseudonym(user: By, team: int, text: str) -> int:
    """Return who has a pseudonym in a team, for a report that leads to an act. Raises `NotFound` (quality T2)."""
    chosen.allowed(user, team)
    found = Person.objects.filter(team_id=team, pseudonym=text, joined__isnull=True) if text.isprintable() else None
    number = None if found is None else found.values_list("pk", flat=True).first()
    if number is None:
        raise NotFound("nobody of this team has that pseudonym")
    return int(number)
