"""
What people may open: seats and trials, what is assigned in any way, and what was taken back, of which the audit tells.

What somebody holds now beats what they held; a seat or a trial beats tokens (domain F9). Through a group or by default
is assigned as well; what rests while defaults are on is not (domain A2).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from farebox.domain.access import EVERY
from farebox.domain.access import Held as Given
from farebox.domain.charging.precedence import paying
from farebox.domain.clock import Instant
from farebox.domain.usage import Funding
from farebox.records import access, seats
from farebox.records.models import Audit, Group
from farebox.records.models.contracts import Scheme
from farebox.records.reading import Readable

_PERSON = "person "
"""How the audit calls people; groups are given products under the same verbs."""

Pair = tuple[int, int]
"""A person and a product; product 0 is all that the offer has at any time (domain A2)."""


class Access(StrEnum):
    """How somebody gets at a product, in the words of the published files."""

    SUBSCRIPTION = "Subscription"
    TRIAL = "Trial"
    FLEX = "Flex"
    ENTERPRISE = "Token Flex"


class Held(NamedTuple):
    """
    How a person gets or got at a product, whether still so, from when until when, and through which groups.

    `assigned` is none where names are hidden: then it is not told of anybody (quality P1).
    """

    access: Access
    assigned: bool | None
    since: Instant | None = None
    until: Instant | None = None
    groups: str = ""


def by_tokens(scheme: str) -> Access:
    """Return how tokens of a contract are called."""
    return Access.FLEX if scheme == Scheme.FLEX else Access.ENTERPRISE


def by_funding(funding: Funding, scheme: str) -> Access:
    """Return how a use that was paid for so is called."""
    match funding:
        case Funding.SEAT:
            return Access.SUBSCRIPTION
        case Funding.TRIAL:
            return Access.TRIAL
        case Funding.TOKENS:
            return by_tokens(scheme)


class Holdings:
    """What the people of some teams hold and held."""

    def __init__(self, contracts: Sequence[Readable], *, now: Instant) -> None:
        self._tokens = {one.team_id: by_tokens(one.scheme) for one in reversed(contracts)}
        teams = sorted(self._tokens)
        self._seats, self._past_seats = _seats(teams, now)
        self._assigned = _assigned(teams)
        self._assigning = {team for team in teams if access.assigns(team)}
        self._past = _taken_back(teams)

    def of(self, person: int, product: int, team: int, *, left: bool) -> Held | None:
        """
        Return how a person gets or got at a product; None where nothing tells.

        Where a team assigns nothing to anybody, everybody who is there may open everything (domain M5).
        """
        seat = self._seats.get((person, product))
        if seat is not None:
            return seat
        given = self._assigned.get((person, product)) or self._assigned.get((person, EVERY))
        if given is not None:
            return Held(self._tokens[team], True, given.since, groups=given.groups)
        past = self._past_seats.get((person, product))
        if past is not None:
            return past
        span = self._past.get((person, product)) or self._past.get((person, EVERY))
        if span is not None:
            return Held(self._tokens[team], False, *span)
        return Held(self._tokens[team], True) if team not in self._assigning and not left else None

    def now(self) -> Iterator[tuple[Pair, Held]]:
        """Yield what is held now: seats and trials, then what is assigned beside them."""
        yield from self._seats.items()
        for pair, (team, since, groups) in self._assigned.items():
            if pair not in self._seats:
                yield pair, Held(self._tokens[team], True, since, groups=groups)


def _seats(teams: Sequence[int], now: Instant) -> tuple[dict[Pair, Held], dict[Pair, Held]]:
    """Return the seats and trials in force, and those that ended, the latest of each; what begins later is neither."""
    standing: dict[Pair, Held] = {}
    ended: dict[Pair, Held] = {}
    for pair, held in seats.held_in(teams).items():
        now_held = paying(held, now)
        if now_held is not None:
            standing[pair] = Held(by_funding(now_held.kind, Scheme.FLEX), True, now_held.since)
        over = [one for one in held if one.has_ended(now)]
        if over:
            ended[pair] = Held(by_funding(over[-1].kind, Scheme.FLEX), False, over[-1].since, over[-1].until)
    return standing, ended


class _Given(NamedTuple):
    team: int
    since: Instant
    groups: str


def _assigned(teams: Sequence[int]) -> dict[Pair, _Given]:
    """Return what is in force for whom, since when, and through which groups, by person and product."""
    found: dict[Pair, _Given] = {}
    for team in teams:
        names = dict(Group.objects.filter(team_id=team).values_list("pk", "name"))
        for person, held in sorted(access.held_in([team]).items()):
            in_force, through = held.in_force(), _groups(held, names)
            for product in sorted(in_force):
                found[person, product] = _Given(team, in_force[product], through.get(product, ""))
    return found


def _groups(held: Given, names: Mapping[int, str]) -> dict[int, str]:
    """Return the names of the groups through which products are held."""
    through: dict[int, list[str]] = {}
    for hold in held.holds():
        if hold.group:
            through.setdefault(hold.product, []).append(names[hold.group])
    return {product: "; ".join(sorted(groups)) for product, groups in through.items()}


def _taken_back(teams: Sequence[int]) -> Mapping[Pair, tuple[Instant | None, Instant]]:
    """Return what was assigned and taken back, from when until when, as far as it was written down."""
    since: dict[Pair, Instant] = {}
    ended: dict[Pair, tuple[Instant | None, Instant]] = {}
    rows = Audit.objects.filter(
        team_id__in=teams, verb__in=("assigned", "unassigned", "left"), object__startswith=_PERSON
    )
    for verb, of, at, facts in rows.order_by("at_us", "pk").values_list("verb", "object", "at_us", "facts"):
        person = int(of.removeprefix(_PERSON))
        pair = person, facts.get("product") or EVERY
        if verb == "assigned":
            since[pair] = Instant(at)
        elif verb == "unassigned":
            ended[pair] = since.pop(pair, None), Instant(at)
        else:
            for other in [one for one in since if one[0] == person]:
                ended[other] = since.pop(other), Instant(at)
    return ended
