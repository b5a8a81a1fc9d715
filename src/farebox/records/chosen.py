"""
Whom and what an administrator chose: people, groups and products, found inside the team of who asks.

What belongs to another team is not found, exactly like what does not exist (quality T2).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

from farebox.domain.access import EVERY, Assignment
from farebox.domain.errors import NotFound, Problem, Rejected
from farebox.domain.invitations import InvitationState
from farebox.domain.rights import Action
from farebox.records import audit, ticks
from farebox.records.models import Group, Invitation, Person, Product
from farebox.records.standing import standing

PEOPLE_MAX = 1_000
"""How many people one act is about at most; more are a list to import."""


class Command(Enum):
    """Who acts at the command line of the installation, where nobody is signed in."""

    LINE = audit.COMMAND


By = AbstractBaseUser | AnonymousUser | Command
"""Who asks: somebody signed in, whose role is looked up, or the command line, which may."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A product, as lists name it."""

    id: int
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Ticked:
    """A product to tick; one that is not offered can only be unticked."""

    product: Thing
    offered: bool
    ticked: bool


class Saved(NamedTuple):
    """What a saved list of ticks changed, by the codes of products; `every`: all of the offer is given now."""

    given: tuple[str, ...]
    taken: tuple[str, ...]
    every: bool
    is_new: bool
    """Whether anything changed, the codes or that later products are given too."""


def allowed(by: By, team: int) -> str:
    """Return the actor that somebody is who may manage the people of a team. Raises `NotFound`, `Forbidden`."""
    if isinstance(by, Command):
        return audit.COMMAND
    standing(by, team, Action.PEOPLE)
    return f"account {by.pk}"


def people_of(team: int, people: Sequence[int], *, hold: bool = False) -> list[Person]:
    """
    Return people of a team by their numbers. Raises `NotFound` for any other, existing or not (quality T2).

    With `hold` they stay as they are until the transaction ends: nobody leaves while something is given to them. Who
    holds a group as well holds the people first. Raises `Rejected` for none, and for more than are dealt with at once.
    """
    wanted = set(people)
    if not wanted or len(wanted) > PEOPLE_MAX:
        message = f"1 to {PEOPLE_MAX} people are dealt with at once"
        raise Rejected([Problem("/people", "invalid_value", message)])
    rows = Person.objects.select_for_update(no_key=True) if hold else Person.objects
    found = list(rows.filter(pk__in=wanted, team_id=team, joined__isnull=True).order_by("pk"))
    if len(found) < len(wanted):
        raise NotFound("nobody of this team has that number")
    return found


def who_left(people: Iterable[Person]) -> list[Problem]:
    """Return a problem for each of some people who left and are not invited again: invite them, then assign."""
    left = [one.pk for one in people if one.left_us is not None]
    opened = Invitation.objects.filter(person_id__in=left, state=InvitationState.OPEN)
    invited = set(opened.values_list("person_id", flat=True))
    message = "this person left the team; invite them again"
    return [Problem(f"/people/{one}", "left", message) for one in left if one not in invited]


def group_of(team: int, group: int) -> Group:
    """Return a group of a team. Raises `NotFound` for any other, existing or not (quality T2)."""
    found = Group.objects.filter(pk=group, team_id=team).first()
    if found is None:
        raise NotFound("no such group in this team")
    return found


def things(products: Iterable[int]) -> tuple[Thing, ...]:
    """Return products by name."""
    rows = Product.objects.filter(pk__in=list(products)).order_by("name", "pk").values_list("pk", "code", "name")
    return tuple(Thing(*row) for row in rows)


def numbers_of(codes: Collection[str], among: frozenset[int]) -> tuple[frozenset[int], list[Problem]]:
    """Return products by their codes, and a problem for each code that is not of those that may be chosen."""
    known = dict(Product.objects.filter(code__in=list(codes), pk__in=among).values_list("code", "pk"))
    strange = [code for code in dict.fromkeys(codes) if code not in known]
    return frozenset(known.values()), [
        Problem("/products", "not_offered", f"the offer of this team has no product {code!r}") for code in strange
    ]


def product(code: str) -> int:
    """Return a product by its code; without one all of the offer is meant, `EVERY`. Raises `NotFound`."""
    if not code:
        return EVERY
    found = Product.objects.filter(code=code).values_list("pk", flat=True).first()
    if found is None:
        raise NotFound(f"no product {code!r}")
    return found


def existing(codes: Iterable[str]) -> frozenset[int]:
    """Return the products that there are of some codes."""
    return frozenset(Product.objects.filter(code__in=list(codes)).values_list("pk", flat=True))


def codes_of(products: Iterable[int]) -> tuple[str, ...]:
    """Return the codes of products, in order."""
    return tuple(Product.objects.filter(pk__in=list(products)).order_by("code").values_list("code", flat=True))


def seen(held: Assignment, shown: Collection[str] | None, shown_every: bool) -> Assignment:
    """Return the ticks as they were `shown` before they were changed; where that is not told, what is held now."""
    return held if shown is None else Assignment(existing(shown), shown_every)


def saved(before: ticks.Ticks, written: ticks.Written) -> Saved:
    """Return what a saved list of ticks changed."""
    after = (frozenset(before) | written.given) - written.taken
    given, taken = codes_of(written.new - {EVERY}), codes_of(written.taken - {EVERY})
    return Saved(given, taken, EVERY in after, bool(written.given or written.taken))
