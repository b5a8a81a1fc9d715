"""
What is one's own: the teams one belongs to, what one may open there, has open, used and was charged (product B8, B9).

Who asks fixes whose it is; nothing that is asked can name another person (quality: *own products, own usage*).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from farebox.domain.access import EVERY
from farebox.domain.amounts import Tokens
from farebox.domain.charging.precedence import paying
from farebox.domain.clock import Day, Instant
from farebox.domain.errors import NotFound
from farebox.domain.ids import charge_of, charged_item_id
from farebox.domain.seats import Held
from farebox.domain.usage import Funding
from farebox.query.plan import Asker, Question, make_plan
from farebox.query.present import Raw
from farebox.records import access, explaining, left_open, own, roles, seats
from farebox.records.catalogue import snapshot
from farebox.records.left_open import Running
from farebox.records.models import Membership, Person, Product
from farebox.records.tenancy import acting_for
from farebox.warehouse.current import warehouse

__all__ = [
    "Answered",
    "Mine",
    "Myself",
    "OwnCharge",
    "OwnOpen",
    "Running",
    "charges",
    "leader",
    "open_now",
    "openable",
    "selves",
    "used",
    "whose_charge",
]

QUERY_SECONDS = 60.0
CHARGES_MAX = 50
"""How many charges a page lists."""

OPEN_MAX = 50
"""How many of one's open sessions are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Myself:
    """
    Somebody in a team: the person there, with the names that were joined to it, and their pseudonyms.

    Without a person, the team knows no access and no use of theirs. `key` is what products name them by.
    """

    team_id: int
    slug: str
    team: str
    key: str
    people: tuple[int, ...] = ()
    pseudonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mine:
    """
    A product that one may open: through tokens, or over a seat or trial until an end, if it has one.

    `assigned` tells whether tokens may pay once no seat or trial does. `where` is empty where nobody said.
    """

    id: int
    code: str
    name: str
    where: str
    where_note: str
    funding: Funding
    until: Instant | None
    assigned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCharge:
    """A charge of one's own: when, what, how much, and what paid."""

    item_id: str
    product: str
    since: Instant
    until: Instant
    at: Instant
    reason: str
    tokens: Tokens
    funding: Funding


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnOpen:
    """A session of one's own that is open, and the name of its product."""

    product: str
    running: Running


class Answered(NamedTuple):
    """The rows of an answer, and the moment and ledger position that it shows."""

    rows: Sequence[Sequence[Raw]]
    position: int
    as_of: Instant


def selves(user: AbstractBaseUser | AnonymousUser) -> list[Myself]:
    """
    Return who somebody is in each team that they belong to, by name of the team.

    A person is one's own that is linked to the account, or that has its address in a team where the account has a
    role; a name joined to another person is that person (domain A3, M1). Who left a team without a role there is no
    part of it.
    """
    given = Membership.objects.filter(user_id=user.pk or 0, user__is_active=True).select_related("team")
    teams = {one.team_id: one.team for one in given}
    address = str(getattr(user, "email", ""))
    found: dict[int, Person] = {}
    for one in _people_of(user, address, list(teams)):
        who = one.joined or one
        if who.left_us is None:
            found.setdefault(one.team_id, who)
            teams[one.team_id] = one.team
    made = [
        _in(found[pk]) if pk in found else Myself(team_id=pk, slug=team.slug, team=team.name, key=address)
        for pk, team in teams.items()
    ]
    return sorted(made, key=lambda myself: (myself.team, myself.team_id))


def leader(who: Myself) -> str:
    """Return what the primary administrator of somebody's team is called; nothing without one, or where it is them."""
    found = roles.primary(who.team_id)
    return "" if found is None or found.email == who.key else found.name


def _people_of(user: AbstractBaseUser | AnonymousUser, address: str, teams: Sequence[int]) -> QuerySet[Person]:
    """Return the rows that may be somebody's own: those linked to the account first."""
    if not user.pk or not user.is_active:
        return Person.objects.none()
    rows = Person.objects.filter(Q(user_id=user.pk) | Q(key=address, team_id__in=teams, user=None))
    return rows.select_related("team", "joined__team").order_by("team_id", "user_id", "pk")


def _in(person: Person) -> Myself:
    names = [(person.pk, person.pseudonym), *person.aliases.order_by("pk").values_list("pk", "pseudonym")]
    return Myself(
        team_id=person.team_id,
        slug=person.team.slug,
        team=person.team.name,
        key=person.key,
        people=tuple(number for number, _ in names),
        pseudonyms=tuple(pseudonym for _, pseudonym in names),
    )


def openable(who: Myself, *, now: Instant) -> tuple[Mine, ...]:
    """Return what somebody may open in a team now, by name: what is in force, and what they hold seats or trials of."""
    if not who.people:
        return ()
    person = who.people[0]
    with acting_for(who.team_id):
        given, offered = access.in_force([person]).get(person, set()), access.offer(who.team_id, now=now)
        assigned = offered if EVERY in given else offered & given
        found = {product: paying(rows, now) for (_, product), rows in seats.held([person]).items()}
        held = {product: one for product, one in found.items() if one is not None}
        rows = Product.objects.filter(pk__in=sorted(assigned | held.keys())).order_by("name", "code")
        return tuple(_mine(row, held.get(row.pk), row.pk in assigned) for row in rows)


def _mine(row: Product, held: Held | None, assigned: bool) -> Mine:
    return Mine(
        id=row.pk,
        code=row.code,
        name=row.name,
        where=row.where,
        where_note=row.where_note,
        funding=Funding.TOKENS if held is None else held.kind,
        until=None if held is None else held.until,
        assigned=assigned,
    )


def open_now(who: Myself, *, now: Instant) -> tuple[OwnOpen, ...]:
    """Return the sessions that somebody has open in a team now, those opened first first (product B9)."""
    if not who.people:
        return ()
    with acting_for(who.team_id):
        catalogue = snapshot()
        contracts = [one.id for one in catalogue.contracts_of.get(who.team_id, ())]
        found = left_open.running(contracts, catalogue, people=who.people, now=now, limit=OPEN_MAX)
        names = dict(Product.objects.filter(pk__in=sorted({one.product for one in found})).values_list("pk", "name"))
        return tuple(OwnOpen(product=names[one.product], running=one) for one in found)


def used(who: Myself, questions: Sequence[Question]) -> list[Answered]:
    """
    Answer questions about somebody's own use in a team, all at one ledger position (domain R4).

    Whose use it is comes from `who`, and not from a question. Nothing is answered where there is no person or contract.
    """
    contracts = [one.id for one in snapshot().contracts_of.get(who.team_id, ())]
    if not who.pseudonyms or not contracts:
        return [Answered((), 0, Instant(0)) for _ in questions]
    asker = Asker(contract_id=contracts[0], names_hidden=True, also=tuple(contracts[1:]))
    whose = " OR ".join(f"hashedUserId = '{pseudonym}'" for pseudonym in who.pseudonyms)
    plans = [make_plan(_of(one, whose), asker, lenient=True) for one in questions]
    with warehouse().snapshot() as held:
        found = [held.ask(plan, timeout_seconds=QUERY_SECONDS) for plan in plans]
    return [Answered(one.rows, one.position, one.as_of) for one in found]


def _of(question: Question, whose: str) -> Question:
    where = f"({whose}) AND ({question.where})" if question.where else whose
    return Question(
        fields=question.fields, metrics=question.metrics, usage_categories=question.usage_categories, where=where
    )


def charges(who: Myself, *, since: Day, costly: bool, page: int) -> tuple[tuple[OwnCharge, ...], bool]:
    """Return a page of what somebody was charged from a usage date on, the latest first, and whether there is more."""
    with acting_for(who.team_id):
        contracts = [one.id for one in snapshot().contracts_of.get(who.team_id, ())]
        rows = own.charges(
            contracts, who.people, since=since, costly=costly, offset=(page - 1) * CHARGES_MAX, limit=CHARGES_MAX + 1
        )
    found = [
        OwnCharge(
            item_id=charged_item_id(row.id),
            product=row.product,
            since=row.since,
            until=row.until,
            at=row.at,
            reason=row.reason,
            tokens=row.tokens,
            funding=Funding(row.funding),
        )
        for row in rows[:CHARGES_MAX]
    ]
    return tuple(found), len(rows) > CHARGES_MAX


def whose_charge(user: AbstractBaseUser | AnonymousUser, item_id: str) -> Myself:
    """
    Return who somebody is in the team that charged them an item.

    Raises `NotFound` for what is no charged item, and for one of anybody else: the two look the same (quality T2).
    """
    facts = explaining.charge(charge_of(item_id))
    for who in selves(user):
        if facts is not None and facts.team == who.team_id and facts.person in who.people:
            return who
    raise NotFound("there is no charged item with this id, or it is not yours")
