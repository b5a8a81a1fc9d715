"""What about a team wants attention besides its tokens: events that wait, silent sources, first steps, no contract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Count

from farebox.domain.clock import MINUTE, Instant
from farebox.domain.rights import Action
from farebox.records import db, seats
from farebox.records.models import (
    Assignment,
    Contract,
    DefaultProduct,
    Event,
    ExportRequest,
    GroupAssignment,
    LiveSession,
    PersonalToken,
    Source,
    User,
)
from farebox.records.models.events import EventState
from farebox.records.standing import standings

ENTERED_BY_HAND = ("farebox.adjustment", "farebox.consumption")
"""Kinds of events that no program sends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """A source that was last heard of longer ago than it promised; None where it never was."""

    name: str
    seen: Instant | None


class Waiting(NamedTuple):
    """Events that no rule could charge yet, by what they wait for: the code, and how many (domain M2)."""

    problem: str
    events: int


class Bare(NamedTuple):
    """A team that has no contract: its slug, and its name."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """
    What a team's administrators should look at.

    `waiting` has the commonest reason first. `is_used` says whether anything that a program sent was
    accepted, or somebody was let open a product, `is_assigned` whether anybody was given a product in any way.
    """

    waiting: tuple[Waiting, ...]
    silent: tuple[Silent, ...]
    is_used: bool
    is_assigned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Which first steps somebody has taken: a personal token, an export."""

    has_token: bool
    has_export: bool


def attention(team: int, *, at: Instant) -> Attention:
    """Return what wants attention in a team; as cheap as the page that everybody opens first has to be."""
    with db.reading():
        return Attention(
            waiting=tuple(_waiting(team)),
            silent=tuple(_silent(team, at)),
            is_used=_is_used(team),
            is_assigned=_is_assigned(team),
        )


def _is_used(team: int) -> bool:
    sent = Event.objects.filter(team_id=team, state=EventState.ACCEPTED).exclude(kind__in=ENTERED_BY_HAND)
    return sent.exists() or LiveSession.objects.filter(contract__team_id=team).exists()


def _is_assigned(team: int) -> bool:
    """Tell whether anybody was given a product: by name, with an invitation, by a group, the defaults or a seat."""
    return (
        Assignment.objects.filter(person__team_id=team).exists()
        or DefaultProduct.objects.filter(team_id=team).exists()
        or GroupAssignment.objects.filter(group__team_id=team, group__members__isnull=False).exists()
        or seats.rows_of(team).exists()
    )


def _waiting(team: int) -> list[Waiting]:
    rows = Event.objects.filter(team_id=team, state=EventState.QUARANTINED).values_list("problem")
    return [Waiting(*row) for row in rows.annotate(events=Count("pk")).order_by("-events", "problem")]


def _silent(team: int, at: Instant) -> list[Silent]:
    """Return the sources that said how often they send, and have been silent for longer (product N2)."""
    sources = Source.objects.filter(team_id=team, revoked_us__isnull=True, interval_minutes__isnull=False)
    return [
        Silent(name=one.name, seen=None if one.seen_us is None else Instant(one.seen_us))
        for one in sources.order_by("name", "pk")
        if one.interval_minutes and at - (one.seen_us or one.created_us) > one.interval_minutes * MINUTE
    ]


def bare_teams(user: User) -> list[Bare]:
    """Return the teams that somebody administers and that have no contract, so that there is nothing to report."""
    led = standings(user, Action.USAGE)
    known = set(Contract.objects.filter(team_id__in=[one.team_id for one in led]).values_list("team_id", flat=True))
    return [Bare(one.slug, one.team) for one in led if one.team_id not in known]


def steps(user: User, *, at: Instant) -> Steps:
    """Return which first steps somebody has taken already."""
    tokens = PersonalToken.objects.filter(user=user, revoked_us__isnull=True, expires_us__gt=at)
    return Steps(has_token=tokens.exists(), has_export=ExportRequest.objects.filter(owner=user).exists())
