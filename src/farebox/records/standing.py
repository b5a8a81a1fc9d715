"""What somebody may do in a team now: the role held there, and the matrix (quality T3: asked at each request)."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

from farebox.domain.errors import Forbidden, NotFound
from farebox.domain.rights import Action, Cell, Role, cell, roles_for
from farebox.records.models import Membership

MANY = 1_000
"""More teams than anybody is a member of."""

Account = AbstractBaseUser | AnonymousUser


class Standing(NamedTuple):
    """A team in which somebody has a role, and what that role may do of the action in question."""

    team_id: int
    slug: str
    team: str
    role: Role
    cell: Cell


def standings(user: Account, action: Action) -> list[Standing]:
    """Return the teams in which somebody may do an action in some way, by name."""
    held = Membership.objects.filter(user_id=user.pk or 0, user__is_active=True, role__in=roles_for(action))
    rows = held.order_by("team__name", "team_id").values_list("team_id", "team__slug", "team__name", "role")
    return [Standing(pk, slug, name, Role(role), cell(Role(role), action)) for pk, slug, name, role in rows]


def standing(user: Account, team_id: int, action: Action) -> Standing:
    """
    Return somebody's standing in one team for an action.

    Raises `Forbidden` for a member whose role may not, `NotFound` for everybody else, whether or not there is such a
    team (quality T2).
    """
    for one in standings(user, action):
        if one.team_id == team_id:
            return one
    if Membership.objects.filter(user_id=user.pk or 0, user__is_active=True, team_id=team_id).exists():
        raise Forbidden("the role held in this team does not allow this")
    raise NotFound("no such team, or not yours")


def is_member_anywhere(user: Account) -> bool:
    """Tell whether somebody has a role in any team."""
    return Membership.objects.filter(user_id=user.pk or 0, user__is_active=True).exists()


def log_of(account: int, asked: int | None = None) -> int | None:
    """
    Return the team in whose log stands what somebody did that is not about a team; None: the installation's.

    That is the team asked about if it is one of theirs, else their only one. Whether another exists makes no
    difference (quality T2).
    """
    own = list(Membership.objects.filter(user_id=account).values_list("team_id", flat=True)[:MANY])
    if asked in own:
        return asked
    return own[0] if len(own) == 1 else None
