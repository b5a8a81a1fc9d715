"""The installation at a glance: its teams, what wants looking after, and how far it is set up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet, Sum

from farebox.domain.amounts import Tokens
from farebox.domain.clock import MINUTE, Instant
from farebox.domain.invitations import LASTING, InvitationState
from farebox.domain.mails import MailState
from farebox.domain.packs import Pool
from farebox.domain.rights import Role
from farebox.records import db
from farebox.records.models import (
    Contract,
    Event,
    Invitation,
    Mail,
    Membership,
    Offer,
    OfferProduct,
    Pack,
    Person,
    Product,
    Rate,
    Source,
    Team,
)
from farebox.records.models.events import EventState

PER_PAGE = 50


class TeamLine(NamedTuple):
    """
    A team as the list shows it; `primary` is an address, empty where nobody leads it.

    `left` is what uses draw on, as the team's own pages say it; tokens of several years stand apart (domain N6).
    """

    number: int
    slug: str
    name: str
    left: Tokens
    several_years: Tokens
    contracts: int
    people: int
    primary: str
    is_invited: bool
    waiting: int


class Amiss(NamedTuple):
    """What wants looking after, by how many; teams are named by the list."""

    waiting: int
    failed_mails: int
    silent: tuple[str, ...]
    leaderless: int
    bare: int


class Steps(NamedTuple):
    """Which steps from an empty installation to people at work are taken, in their order."""

    offer: bool
    product: bool
    rate: bool
    team: bool
    contract: bool
    pack: bool
    key: bool
    primary: bool


class Leads(NamedTuple):
    """Where the next steps are taken: an offer that opens nothing yet though there are products, a team without a
    contract, a contract without a pack, a team without a key, one without a lead; none once all steps are taken."""

    closed: int
    bare: int
    empty: int
    keyless: int
    leaderless: int


class Overview(NamedTuple):
    """A page of the teams that a search finds, and the state of the whole."""

    teams: tuple[TeamLine, ...]
    found: int
    page: int
    pages: int
    amiss: Amiss
    steps: Steps
    leads: Leads


def overview(*, search: str = "", page: int = 1, at: Instant) -> Overview:
    """Return the page of teams whose name or short name has the text, by name, and the state of the installation."""
    with db.reading():
        teams = Team.objects.filter(Q(name__icontains=search) | Q(slug__icontains=search)).order_by("name", "pk")
        found = teams.count()
        pages = max(1, -(-found // PER_PAGE))
        page = min(max(page, 1), pages)
        steps = _steps(at)
        return Overview(
            _lines(teams[(page - 1) * PER_PAGE : page * PER_PAGE], at),
            found,
            page,
            pages,
            _amiss(at),
            steps,
            Leads(0, 0, 0, 0, 0) if all(steps) else _leads(at),
        )


def _lines(teams: QuerySet[Team], at: Instant) -> tuple[TeamLine, ...]:
    rows = list(teams)
    numbers = [team.pk for team in rows]
    several_years = _left(_alive(at).filter(contract__team__in=numbers, pool=Pool.MY))
    left = _left(_alive(at).filter(contract__team__in=numbers).exclude(pool=Pool.MY))
    contracts = _counts(Contract.objects.filter(team__in=numbers))
    people = _counts(Person.objects.filter(team__in=numbers, **_ACTIVE))
    waiting = _counts(Event.objects.filter(team__in=numbers, state=EventState.QUARANTINED))
    primary = dict(Membership.objects.filter(team__in=numbers, role=Role.PRIMARY).values_list("team", "user__email"))
    invited = dict(_invited(at).filter(team__in=numbers).values_list("team", "person__key"))
    return tuple(
        TeamLine(
            number=team.pk,
            slug=team.slug,
            name=team.name,
            left=Tokens(left.get(team.pk) or 0),
            several_years=Tokens(several_years.get(team.pk) or 0),
            contracts=contracts.get(team.pk, 0),
            people=people.get(team.pk, 0),
            primary=primary.get(team.pk) or invited.get(team.pk, ""),
            is_invited=team.pk not in primary and team.pk in invited,
            waiting=waiting.get(team.pk, 0),
        )
        for team in rows
    )


_ACTIVE = {"member_us__isnull": False, "left_us__isnull": True, "joined__isnull": True}


def _alive(at: Instant) -> QuerySet[Pack]:
    return Pack.objects.filter(since_us__lte=at, until_us__gt=at).order_by()


def _left(packs: QuerySet[Pack]) -> Mapping[int, int]:
    return dict(packs.values_list("contract__team").annotate(Sum("left_micro")))


def _invited(at: Instant) -> QuerySet[Invitation]:
    """Return the invitations of primary administrators that can still be accepted."""
    return Invitation.objects.filter(role=Role.PRIMARY, state=InvitationState.OPEN, sent_us__gt=at - LASTING)


def _counts(rows: QuerySet) -> Mapping[int, int]:  # type: ignore[type-arg]
    return dict(rows.order_by().values_list("team").annotate(Count("pk")))


def _amiss(at: Instant) -> Amiss:
    return Amiss(
        waiting=Event.objects.filter(state=EventState.QUARANTINED).count(),
        failed_mails=Mail.objects.filter(state=MailState.FAILED).count(),
        silent=tuple(_silent(at)),
        leaderless=_leaderless(at).count(),
        bare=Team.objects.filter(contracts__isnull=True).count(),
    )


def _leaderless(at: Instant) -> QuerySet[Team]:
    led = Membership.objects.filter(role=Role.PRIMARY).values("team")
    return Team.objects.exclude(pk__in=led).exclude(pk__in=_invited(at).values("team"))


def _silent(at: Instant) -> list[str]:
    """Return the names of the sources that have been silent for longer than they said (product N2)."""
    sources = Source.objects.filter(revoked_us__isnull=True, interval_minutes__isnull=False).order_by("name", "pk")
    return [
        one.name
        for one in sources
        if one.interval_minutes and at - (one.seen_us or one.created_us) > one.interval_minutes * MINUTE
    ]


def _leads(at: Instant) -> Leads:
    keyed = Source.objects.filter(revoked_us__isnull=True, team__isnull=False).values("team")
    opens = not Product.objects.exists() or OfferProduct.objects.exists()
    return Leads(
        closed=0 if opens else _first(Offer.objects.all()),
        bare=_first(Team.objects.filter(contracts__isnull=True)),
        empty=_first(Contract.objects.filter(packs__isnull=True)),
        keyless=_first(Team.objects.exclude(pk__in=keyed)),
        leaderless=_first(_leaderless(at)),
    )


def _first(rows: QuerySet) -> int:  # type: ignore[type-arg]
    return rows.order_by("pk").values_list("pk", flat=True).first() or 0


def _steps(at: Instant) -> Steps:
    return Steps(
        offer=Offer.objects.exists(),
        product=OfferProduct.objects.exists(),
        rate=Rate.objects.exists(),
        team=Team.objects.exists(),
        contract=Contract.objects.exists(),
        pack=Pack.objects.exists(),
        key=Source.objects.filter(revoked_us__isnull=True).exists(),
        primary=Membership.objects.filter(role=Role.PRIMARY).exists() or _invited(at).exists(),
    )
