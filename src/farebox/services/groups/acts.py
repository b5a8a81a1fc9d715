"""Groups are made, named, filled, given products and removed; each change is one row of the audit (quality T5)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from django.db import IntegrityError, transaction

from farebox.domain.access import Assignment, group_name, saved
from farebox.domain.clock import Instant
from farebox.domain.errors import Conflict, Rejected
from farebox.records import access, audit, chosen, db, ticks
from farebox.records.chosen import By, Saved
from farebox.records.models import Group
from farebox.records.ticks import GROUPS

T = TypeVar("T")


def make(user: By, team: int, name: str, *, now: Instant) -> int:
    """
    Make a group, and return its number.

    Raises `Rejected` for what is no name, `Conflict` for one that the team has, in whatever case.
    """
    actor = chosen.allowed(user, team)
    called = group_name(name)
    with db.atomic():
        made = _named(team, called, lambda: Group.objects.create(team_id=team, name=called, created_us=now))
        audit.note([audit.Change(team, "group made", f"group {made.pk}", {})], actor, at=now)
    return made.pk


def rename(user: By, team: int, number: int, name: str, *, now: Instant) -> bool:
    """Give a group another name; False where it has that. Raises as `make` does, and `NotFound`."""
    actor = chosen.allowed(user, team)
    called = group_name(name)
    with db.atomic():
        found = chosen.group_of(team, number)
        if found.name == called:
            return False
        _named(team, called, lambda: Group.objects.filter(pk=found.pk).update(name=called), but=found.pk)
        audit.note([audit.Change(team, "group renamed", f"group {found.pk}", {})], actor, at=now)
    return True


def _named(team: int, name: str, write: Callable[[], T], *, but: int = 0) -> T:
    """Write a name that no other group of the team has; whoever is slower by a moment is refused by the records."""
    taken = Conflict("the team has a group of that name")
    if any(other.casefold() == name.casefold() for other in _names(team, but)):
        raise taken
    try:
        with transaction.atomic():
            return write()
    except IntegrityError as error:
        raise taken from error


def _names(team: int, but: int) -> list[str]:
    return list(Group.objects.filter(team_id=team).exclude(pk=but).values_list("name", flat=True))


def remove(user: By, team: int, number: int, *, now: Instant) -> None:
    """Remove a group: what its people held through it ends. Raises `NotFound`."""
    actor = chosen.allowed(user, team)
    with db.atomic():
        found = chosen.group_of(team, number)
        facts = {"people": found.members.count(), "products": found.assignments.count()}
        found.delete()
        audit.note([audit.Change(team, "group removed", f"group {number}", facts)], actor, at=now)


def join(user: By, team: int, number: int, people: Sequence[int], *, now: Instant) -> int:
    """
    Put people into a group, and return how many were not in it; who was only known from usage is a member now.

    Raises `NotFound` for a group or a person of another team, `Rejected` for who left; then nobody joins.
    """
    actor = chosen.allowed(user, team)
    with db.atomic():
        found = chosen.group_of(team, number)
        wanted = chosen.people_of(team, people, hold=True)
        problems = chosen.who_left(wanted)
        if problems:
            raise Rejected(problems)
        new = ticks.join_group(found.pk, [one.pk for one in wanted], now=now)
        audit.note([_joined(team, "joined group", one, number) for one in new], actor, at=now)
        return len(new)


def leave(user: By, team: int, number: int, people: Sequence[int], *, now: Instant) -> int:
    """Take people out of a group, and return how many were in it. Raises `NotFound`."""
    actor = chosen.allowed(user, team)
    with db.atomic():
        found = chosen.group_of(team, number)
        wanted = [one.pk for one in chosen.people_of(team, people)]
        gone = ticks.leave_group(found.pk, wanted)
        audit.note([_joined(team, "left group", one, number) for one in gone], actor, at=now)
        return len(gone)


def _joined(team: int, verb: str, person: int, number: int) -> audit.Change:
    return audit.Change(team, verb, f"person {person}", {"group": number})


def set_products(
    user: By,
    team: int,
    number: int,
    products: Collection[str],
    *,
    every: bool = False,
    shown: Collection[str] | None = None,
    shown_every: bool = False,
    now: Instant,
) -> Saved:
    """
    Save the ticks of a group: what was changed since they were `shown` changes, and nothing else.

    With `every`, or with all products of the offer ticked, later ones are opened as well [S 003]. Raises `NotFound`,
    and `Rejected` for products that the offer has not.
    """
    actor = chosen.allowed(user, team)
    with db.atomic():
        found = chosen.group_of(team, number)
        before = ticks.locked(GROUPS, [found.pk])[found.pk]
        held, offer = ticks.as_assignment(before), access.offer(team, now=now)
        numbers, problems = chosen.numbers_of(products, offer | held.products)
        if problems:
            raise Rejected(problems)
        seen = chosen.seen(held, shown, shown_every)
        after = saved(held, seen, Assignment(numbers, every), offer)
        written = ticks.write(GROUPS, found.pk, before, after, now=now)
        audit.note(ticks.changes(team, f"group {found.pk}", written), actor, at=now)
        return chosen.saved(before, written)
