"""The clock of a team, by which its recurring exports run; usage dates are UTC whatever it is (domain T2)."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib.auth.base_user import AbstractBaseUser

from farebox.domain.clock import Instant
from farebox.domain.errors import Problem, Rejected
from farebox.domain.recurring import zones
from farebox.domain.rights import Action
from farebox.records import audit, db, recurring
from farebox.records.models import Team
from farebox.records.standing import standing, standings


class Clock(NamedTuple):
    """A team and its clock, as IANA names it."""

    team_id: int
    team: str
    zone: str


def clocks_of(user: AbstractBaseUser) -> list[Clock]:
    """Return the teams that `user` administers, each with its clock."""
    held = [one.team_id for one in standings(user, Action.SETTINGS)]
    teams = Team.objects.filter(pk__in=held).order_by("name", "pk")
    return [Clock(team.pk, team.name, team.time_zone) for team in teams]


def clock_of(user: AbstractBaseUser, team_id: int) -> Clock:
    """
    Return the clock of a team that `user` administers.

    Raises `Forbidden` for a member who does not, and `NotFound` for everybody else, whether or not it exists (T2).
    """
    held = standing(user, team_id, Action.SETTINGS)
    zone = Team.objects.values_list("time_zone", flat=True).get(pk=team_id)
    return Clock(team_id, held.team, zone)


def choose(user: AbstractBaseUser, team_id: int, zone: str, *, now: Instant) -> None:
    """
    Give a team another clock, by which its recurring exports go on.

    Raises what `clock_of` raises, and `Rejected` for a name that no clock has.
    """
    before = clock_of(user, team_id)
    if zone not in zones():
        raise Rejected([Problem("/zone", "unknown_zone", "there is no such time zone")])
    if zone == before.zone:
        return
    with db.atomic():
        Team.objects.filter(pk=team_id).update(time_zone=zone)
        recurring.by_another_clock(team_id, zone, now=now)
        change = audit.Change(team_id, "team.time_zone", f"team {team_id}", {"before": before.zone, "now": zone})
        audit.note([change], f"account {user.pk}", at=now)
