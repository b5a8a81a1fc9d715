"""The audit log as it is read: rows of one log, the newest first, and the names behind its numbers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from farebox.domain.audited import NAMING, VERBS
from farebox.domain.clock import Instant
from farebox.records.models import (
    Application,
    Audit,
    Contract,
    Group,
    Invitation,
    Membership,
    Person,
    Product,
    Source,
    Team,
    User,
)
from farebox.records.tenancy import everyone

MATCHES_MAX = 50
"""How many people one search of the log is about."""

_NAMING_VERBS = sorted(verb for verb, area in VERBS.items() if area in NAMING)

Cursor = tuple[Instant, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which rows of a log are wanted: of some verbs, of a time, and about or by somebody; None: of any."""

    team: int | None
    verbs: Collection[str] | None = None
    since: Instant | None = None
    until: Instant | None = None
    about: Collection[str] | None = None
    """
    Accounts and people, as "account 3" and "person 7", of whom one is the actor, or the object of a row that names it.

    A row about use or reports is found by who acted alone: by whom it is about, it would name them (quality P1).
    """


def rows(wanted: Wanted, *, before: Cursor | None = None, limit: int) -> list[Audit]:
    """Return rows of a log, the newest first, those before a cursor."""
    found = Audit.objects.filter(_of(wanted))
    if before is not None:
        at, number = before
        found = found.filter(Q(at_us__lt=at) | Q(at_us=at, pk__lt=number))
    return list(found.order_by("-at_us", "-pk")[:limit])


def _of(wanted: Wanted) -> Q:
    condition = Q(team_id=wanted.team) if wanted.team is not None else Q(team_id__isnull=True)
    if wanted.verbs is not None:
        condition &= Q(verb__in=sorted(wanted.verbs))
    if wanted.since is not None:
        condition &= Q(at_us__gte=wanted.since)
    if wanted.until is not None:
        condition &= Q(at_us__lt=wanted.until)
    if wanted.about is not None:
        named = sorted(wanted.about)
        condition &= Q(actor__in=named) | Q(object__in=named, verb__in=_NAMING_VERBS)
    return condition


def people_like(text: str, team: int | None) -> set[str]:
    """Return accounts and people of a team whose name or address has a text; without a team, accounts of all."""
    said = Q(name__icontains=text)
    users = User.objects.filter(said | Q(email__icontains=text))
    if team is None:
        return {f"account {pk}" for pk in users.order_by("pk").values_list("pk", flat=True)[:MATCHES_MAX]}
    members = Membership.objects.filter(team_id=team).values("user_id")
    own = users.filter(Q(pk__in=members) | Q(people__team_id=team)).distinct()
    people = Person.objects.filter(said | Q(key__icontains=text), team_id=team)
    found = {f"account {pk}" for pk in own.order_by("pk").values_list("pk", flat=True)[:MATCHES_MAX]}
    return found | {f"person {pk}" for pk in people.order_by("pk").values_list("pk", flat=True)[:MATCHES_MAX]}


def _elsewhere(teams: Sequence[int]) -> dict[int, str]:
    """Return the names of teams that a team gave tokens to or got them from; that much of another both know."""
    with everyone():
        return dict(Team.objects.filter(pk__in=teams).values_list("pk", "name"))


_NAMED: Mapping[str, Callable[[Sequence[int]], dict[int, str]]] = {
    "account": lambda ids: {one.pk: one.get_full_name() for one in User.objects.filter(pk__in=ids)},
    "person": lambda ids: {one.pk: one.name or one.key for one in Person.objects.filter(pk__in=ids)},
    "invitation": lambda ids: {
        one.pk: one.person.name or one.person.key
        for one in Invitation.objects.filter(pk__in=ids).select_related("person")
    },
    "group": lambda ids: dict(Group.objects.filter(pk__in=ids).values_list("pk", "name")),
    "product": lambda ids: dict(Product.objects.filter(pk__in=ids).values_list("pk", "name")),
    "client": lambda ids: dict(Application.objects.filter(pk__in=ids).values_list("pk", "name")),
    "source": lambda ids: dict(Source.objects.filter(pk__in=ids).values_list("pk", "name")),
    "team": lambda ids: dict(Team.objects.filter(pk__in=ids).values_list("pk", "name")),
    "other team": _elsewhere,
    "contract": lambda ids: dict(Contract.objects.filter(pk__in=ids).values_list("pk", "number")),
}
KINDS = frozenset(_NAMED)
"""What has a name that can be looked up."""


def names(wanted: Mapping[str, Collection[int]]) -> dict[tuple[str, int], str]:
    """Return the names of things by kind and number, in one read a kind; what is gone is not there."""
    return {
        (kind, number): name
        for kind, numbers in wanted.items()
        if numbers
        for number, name in _NAMED[kind](sorted(numbers)).items()
    }


def operators_among(accounts: Collection[int], team: int | None) -> set[int]:
    """Return which accounts are operators of the installation and no members of a team."""
    operators = User.objects.filter(pk__in=sorted(accounts), is_operator=True)
    found = set(operators.values_list("pk", flat=True))
    if team is None:
        return found
    return found - set(Membership.objects.filter(team_id=team, user_id__in=found).values_list("user_id", flat=True))


def team_of(slug: str) -> int | None:
    """Return the number of a team by its slug; None where there is none."""
    return Team.objects.filter(slug=slug).values_list("pk", flat=True).first()


def teams() -> list[tuple[int, str]]:
    """Return every team of the installation, by name."""
    return list(Team.objects.order_by("name", "pk").values_list("pk", "name"))
