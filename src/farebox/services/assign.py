"""Who may open what: products are assigned to people, and taken back when somebody leaves."""

from __future__ import annotations

from farebox.domain.clock import Instant
from farebox.domain.errors import NotFound
from farebox.domain.teams import canonical
from farebox.records import audit, db
from farebox.records.models import Assignment, Person, Product


def person_named(team: str, name: str) -> int:
    """Return the number of a person of a team by an address or login. Raises `NotFound`, `Rejected` for no name."""
    found = Person.objects.filter(team__slug=team, key=canonical(name, pointer="/person")).first()
    if found is None:
        raise NotFound(f"team {team!r} has nobody of that name")
    return found.pk


def assign(person: int, product: str, *, actor: str, now: Instant) -> None:
    """
    Assign a product to a person, or with no product all that the offer has at any time (domain A2).

    Who had left is back with that. Assigning again changes nothing. Raises `NotFound`.
    """
    with db.atomic():
        one, what = _person(person), _product(product)
        _, is_new = Assignment.objects.get_or_create(person=one, product=what, defaults={"since_us": now})
        if is_new:
            Person.objects.filter(pk=one.pk).update(left_us=None)
            _note(one, "assigned", what, actor, now=now)


def unassign(person: int, product: str, *, actor: str, now: Instant) -> None:
    """Take an assignment back: of one product, or (without one) of all that the offer has. Raises `NotFound`."""
    with db.atomic():
        one, what = _person(person), _product(product)
        gone, _ = Assignment.objects.filter(person=one, product=what).delete()
        if not gone:
            raise NotFound("this is not assigned to the person")
        _note(one, "unassigned", what, actor, now=now)


def leave(person: int, *, actor: str, now: Instant) -> None:
    """Let a person leave the team: assignments end, what was used stays; again, it changes nothing (domain A1)."""
    with db.atomic():
        one = _person(person)
        Assignment.objects.filter(person=one).delete()
        if one.left_us is None:
            Person.objects.filter(pk=one.pk).update(left_us=now)
            _note(one, "left", None, actor, now=now)


def _person(number: int) -> Person:
    found = Person.objects.select_related("joined").filter(pk=number).first()
    if found is None:
        raise NotFound("no such person")
    return found.joined or found


def _product(code: str) -> Product | None:
    if not code:
        return None
    found = Product.objects.filter(code=code).first()
    if found is None:
        raise NotFound(f"no product {code!r}")
    return found


def _note(person: Person, verb: str, product: Product | None, actor: str, *, now: Instant) -> None:
    facts = {"product": product.pk if product else None}
    audit.note([audit.Change(person.team_id, verb, f"person {person.pk}", facts)], actor, at=now)
