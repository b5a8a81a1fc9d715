"""What commands, importers and tests do: one product, one person, no questions about who asks."""

from __future__ import annotations

from farebox.domain.access import Assignment
from farebox.domain.clock import Instant
from farebox.domain.errors import NotFound
from farebox.domain.teams import canonical
from farebox.records import audit, chosen, db, leaving, ticks
from farebox.records.models import Person
from farebox.records.ticks import PEOPLE


def person_named(team: str, name: str) -> int:
    """Return the number of a person of a team by an address or login. Raises `NotFound`, `Rejected` for no name."""
    found = Person.objects.filter(team__slug=team, key=canonical(name, pointer="/person")).first()
    if found is None:
        raise NotFound(f"team {team!r} has nobody of that name")
    return found.joined_id or found.pk


def assign(person: int, product: str, *, actor: str, now: Instant) -> None:
    """
    Assign a product to a person, or with no product all that the offer has at any time (domain A2).

    Who had left is back with that, and who was invited is a member without having accepted. Assigning again changes
    nothing. Raises `NotFound`.
    """
    with db.atomic():
        one, what = _person(person), chosen.product(product)
        before = ticks.locked(PEOPLE, [one.pk])[one.pk]
        held = ticks.as_assignment(before)
        after = Assignment(held.products | {what}, held.every) if what else held._replace(every=True)
        written = ticks.write(PEOPLE, one.pk, before, after, now=now)
        if written.given:
            Person.objects.filter(pk=one.pk).update(left_us=None, member_us=_member_since(one, now))
            audit.note(ticks.changes(one.team_id, f"person {one.pk}", written), actor, at=now)


def unassign(person: int, product: str, *, actor: str, now: Instant) -> None:
    """Take an assignment back: of one product, or (without one) of all that the offer has. Raises `NotFound`."""
    with db.atomic():
        one, what = _person(person), chosen.product(product)
        before = ticks.locked(PEOPLE, [one.pk])[one.pk]
        if what not in before:
            raise NotFound("this is not assigned to the person")
        held = ticks.as_assignment(before)
        after = Assignment(held.products - {what}, held.every) if what else held._replace(every=False)
        written = ticks.write(PEOPLE, one.pk, before, after, now=now)
        audit.note(ticks.changes(one.team_id, f"person {one.pk}", written), actor, at=now)


def leave(person: int, *, actor: str, now: Instant) -> None:
    """Let a person leave the team: what opened products ends, what was used stays; again, it changes nothing (A1)."""
    with db.atomic():
        one = _person(person)
        leaving.leave(one.team_id, [one.pk], actor=actor, now=now)


def _person(number: int) -> Person:
    found = Person.objects.select_related("joined").filter(pk=number).first()
    if found is None:
        raise NotFound("no such person")
    return found.joined or found


def _member_since(one: Person, now: Instant) -> int:
    """Return since when somebody is a member who is given something: who had left, from now on anew."""
    return one.member_us if one.member_us is not None and one.left_us is None else now
