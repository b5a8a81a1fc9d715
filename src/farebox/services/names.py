"""The switch of a team that shows or hides names: who may turn it, who did last, what others are told (product K1)."""

from __future__ import annotations

from dataclasses import dataclass

from farebox.domain.clock import DAY, Instant
from farebox.domain.errors import NotFound, Problem, Rejected
from farebox.domain.rights import Action, Role, roles_for
from farebox.domain.teams import canonical
from farebox.records import db, privacy
from farebox.records.models import Membership, Team, User
from farebox.records.standing import standing, standings

NOTICE_DAYS = 30
"""For how long administrators are told that names were shown again."""

REASON_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """When a switch was turned last and who did it; `by_command` where an operator did it in that person's name."""

    at: Instant
    by: str
    by_command: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """The switch of one team, as one of its administrators sees it."""

    team_id: int
    team: str
    hidden: bool
    is_primary: bool
    turned: Turned | None


def switches(user: User) -> list[Switch]:
    """Return the switches of the teams that somebody administers, by the name of the team."""
    held = {one.team_id: one.role for one in standings(user, Action.HIDE_NAMES)}
    teams = Team.objects.filter(pk__in=held).order_by("name", "pk")
    return [_switch(team, held[team.pk]) for team in teams]


def switch_of(user: User, team: int) -> Switch:
    """
    Return the switch of one team.

    Raises `Forbidden` for a member who administers nothing there, `NotFound` for everybody else (quality T2).
    """
    held = standing(user, team, Action.HIDE_NAMES)
    return _switch(Team.objects.get(pk=team), held.role)


def turn(user: User, team: int, *, hidden: bool, now: Instant) -> bool:
    """
    Hide or show the names of a team, for whatever is asked from then on; False where that was so already.

    Whoever calls it to show names has proven who they are a moment ago (quality: authorization matrix).
    """
    switch_of(user, team)
    return _turn(team, user.pk, f"account {user.pk}", "", hidden=hidden, now=now)


def turn_for(slug: str, address: str, *, hidden: bool, reason: str = "", actor: str, now: Instant) -> bool:
    """
    Do the same at the command line, in the name of one of the team's administrators.

    Raises `NotFound` for the team, `Rejected` for a person who is none of its administrators.
    """
    team = Team.objects.filter(slug=slug).first()
    if team is None:
        raise NotFound(f"no team {slug!r}")
    administrators = Membership.objects.filter(team=team, role__in=roles_for(Action.HIDE_NAMES), user__is_active=True)
    account = administrators.filter(user__email=canonical(address, pointer="/by")).values_list("user_id", flat=True)
    problems = [] if account else [Problem("/by", "not_found", "this is no administrator of the team")]
    if len(reason) > REASON_MAX:
        problems.append(Problem("/reason", "too_long", f"a reason has at most {REASON_MAX} characters"))
    if problems:
        raise Rejected(problems)
    return _turn(team.pk, account[0], actor, reason, hidden=hidden, now=now)


def _turn(team: int, account: int, actor: str, reason: str, *, hidden: bool, now: Instant) -> bool:
    """Turn the switch; whatever read it before that was recorded is begun anew after it (quality P1)."""
    with db.atomic():
        turned = privacy.turn(team, hidden=hidden, account=account, actor=actor, reason=reason, now=now)
    if turned and hidden:
        with db.atomic():
            privacy.begin_anew(team)
    return turned


def notices(user: User, *, now: Instant) -> list[Switch]:
    """Return the teams of somebody whose names were shown again not long ago: every administrator is told."""
    return [one for one in switches(user) if _is_news(one, now)]


def _is_news(switch: Switch, now: Instant) -> bool:
    return not switch.hidden and switch.turned is not None and now - switch.turned.at < NOTICE_DAYS * DAY


def _switch(team: Team, role: Role) -> Switch:
    turned = privacy.last_turned(team.pk)
    return Switch(
        team_id=team.pk,
        team=team.name,
        hidden=team.names_hidden,
        is_primary=role is Role.PRIMARY,
        turned=None if turned is None else _turned(turned),
    )


def _turned(turned: privacy.Turned) -> Turned:
    user = User.objects.filter(pk=turned.account).first()
    return Turned(at=turned.at, by=user.get_full_name() if user else "", by_command=turned.by_command)
