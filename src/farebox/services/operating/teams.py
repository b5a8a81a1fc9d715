"""One team and one contract, as operators look after them: no usage, and of its people the primary administrator."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Day, Instant
from farebox.domain.errors import NotFound
from farebox.domain.invitations import LASTING, InvitationState
from farebox.domain.rights import Role
from farebox.records import db
from farebox.records.models import Application, Contract, Event, Invitation, Membership, Pack, Person, Source, Team
from farebox.records.models.contracts import Scheme
from farebox.records.models.events import EventState


class ContractLine(NamedTuple):
    """A contract of a team, with what is left in each of its pools."""

    id: int
    number: str
    name: str
    scheme: Scheme
    offer: str
    card: str
    start: Day
    end: Day | None
    closed_through: Day | None
    left: tuple[tuple[str, Tokens], ...]


class SourceLine(NamedTuple):
    """A source of events: its name, what its key opens, and when it was last heard of."""

    id: int
    name: str
    scopes: str
    seen: Instant | None


class TeamPage(NamedTuple):
    """A team; `primary` is an address, `invited` the address of who is asked to lead it."""

    id: int
    slug: str
    name: str
    names_hidden: bool
    time_zone: str
    primary: str
    invited: str
    people: int
    administrators: int
    contracts: tuple[ContractLine, ...]
    sources: tuple[SourceLine, ...]
    programs: tuple[str, ...]
    waiting: int


class ContractPage(NamedTuple):
    """A contract, and the team that bought under it."""

    team_id: int
    team_slug: str
    team: str
    line: ContractLine


def team_page(number: int, *, at: Instant) -> TeamPage:
    """Return a team. Raises `NotFound`."""
    with db.reading():
        team = Team.objects.filter(pk=number).first()
        if team is None:
            raise NotFound(f"no team {number}")
        led = Membership.objects.filter(team=team)
        people = Person.objects.filter(team=team, member_us__isnull=False, left_us__isnull=True, joined__isnull=True)
        return TeamPage(
            id=team.pk,
            slug=team.slug,
            name=team.name,
            names_hidden=team.names_hidden,
            time_zone=team.time_zone,
            primary=led.filter(role=Role.PRIMARY).values_list("user__email", flat=True).first() or "",
            invited=_invited(team, at),
            people=people.count(),
            administrators=led.exclude(role=Role.USER).count(),
            contracts=tuple(_lines(list(_of(team)), at)),
            sources=tuple(_sources(team)),
            programs=tuple(_programs(team)),
            waiting=Event.objects.filter(team=team, state=EventState.QUARANTINED).count(),
        )


def contract_page(contract: int, *, at: Instant) -> ContractPage:
    """Return a contract by its id. Raises `NotFound`."""
    with db.reading():
        row = Contract.objects.select_related("team", "offer", "card").filter(pk=contract).first()
        if row is None:
            raise NotFound(f"no contract {contract}")
        return ContractPage(row.team_id, row.team.slug, row.team.name, _lines([row], at)[0])


def team_choices(*, besides: int = 0) -> list[tuple[str, str]]:
    """Return the teams that one can choose, by short name and name."""
    return list(Team.objects.exclude(pk=besides).order_by("name", "pk").values_list("slug", "name"))


def _invited(team: Team, at: Instant) -> str:
    asked = Invitation.objects.filter(
        team=team, role=Role.PRIMARY, state=InvitationState.OPEN, sent_us__gt=at - LASTING
    )
    return asked.values_list("person__key", flat=True).first() or ""


def _of(team: Team) -> list[Contract]:
    return list(Contract.objects.select_related("offer", "card").filter(team=team).order_by("scheme", "pk"))


def _lines(rows: list[Contract], at: Instant) -> list[ContractLine]:
    left: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    packs = Pack.objects.filter(contract__in=[row.pk for row in rows], since_us__lte=at, until_us__gt=at)
    for contract, pool, micro in packs.values_list("contract", "pool", "left_micro"):
        left[contract][pool] += micro
    return [
        ContractLine(
            id=row.pk,
            number=row.number,
            name=row.name,
            scheme=Scheme(row.scheme),
            offer=row.offer.code,
            card=row.card.code,
            start=Day(row.start_day),
            end=None if row.end_day is None else Day(row.end_day),
            closed_through=None if row.closed_through is None else Day(row.closed_through),
            left=tuple((pool, Tokens(micro)) for pool, micro in sorted(left[row.pk].items())),
        )
        for row in rows
    ]


def _sources(team: Team) -> list[SourceLine]:
    rows = Source.objects.filter(team=team, revoked_us__isnull=True).order_by("name", "pk")
    return [_source(row) for row in rows]


def _source(row: Source) -> SourceLine:
    return SourceLine(row.pk, row.name, row.scopes, None if row.seen_us is None else Instant(row.seen_us))


def _programs(team: Team) -> list[str]:
    rows = Application.objects.filter(team=team, revoked_us__isnull=True).order_by("name", "pk")
    return list(rows.values_list("name", flat=True))
