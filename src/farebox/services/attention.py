"""What about a team wants attention besides its tokens: events that wait, silent sources, first steps, no contract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Count

from farebox.domain.clock import MINUTE, Instant
from farebox.records import db
from farebox.records.models import Event, ExportRequest, Membership, PersonalToken, Source, User
from farebox.records.models.events import EventState
from farebox.records.reading import REPORTING

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

    `waiting` has the commonest reason first. `is_used` says whether any program ever sent anything.
    """

    waiting: tuple[Waiting, ...]
    silent: tuple[Silent, ...]
    is_used: bool


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
            is_used=Event.objects.filter(team_id=team).exclude(kind__in=ENTERED_BY_HAND).exists(),
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
    led = Membership.objects.filter(user=user, user__is_active=True, role__in=REPORTING, team__contracts__isnull=True)
    return [Bare(*row) for row in led.order_by("team__name").values_list("team__slug", "team__name")]


def steps(user: User, *, at: Instant) -> Steps:
    """Return which first steps somebody has taken already."""
    tokens = PersonalToken.objects.filter(user=user, revoked_us__isnull=True, expires_us__gt=at)
    return Steps(has_token=tokens.exists(), has_export=ExportRequest.objects.filter(owner=user).exists())
