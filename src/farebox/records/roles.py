"""Roles of members: read, and changed under the guard of what they were; who loses rights is signed out (B1)."""

from __future__ import annotations

from typing import NamedTuple

from farebox.domain.errors import NotFound
from farebox.domain.rights import Role, covers
from farebox.records import sign_ins
from farebox.records.models import Membership, Team, User
from farebox.records.standing import Account

_MOST_FIRST = (Role.PRIMARY, Role.SSO, Role.SECONDARY, Role.USER)


class Member(NamedTuple):
    """Somebody with an account and a role in a team."""

    id: int
    user_id: int
    name: str
    email: str
    role: Role
    is_active: bool

    @property
    def called(self) -> str:
        """The name, or the address of who has none."""
        return self.name or self.email


def members(team: int) -> list[Member]:
    """Return the members of a team that have accounts, who may the most first, then by name."""
    rows = Membership.objects.filter(team_id=team).select_related("user")
    found = [_member(row) for row in rows]
    return sorted(found, key=lambda one: (_MOST_FIRST.index(one.role), one.called.casefold(), one.id))


def member(team: int, *, membership: int | None = None, user: int | None = None, email: str | None = None) -> Member:
    """Return one member of a team. Raises `NotFound` for any other, existing or not (quality T2)."""
    rows = Membership.objects.filter(team_id=team).select_related("user")
    wanted = {"pk": membership, "user_id": user, "user__email": email}
    row = rows.filter(**{name: value for name, value in wanted.items() if value is not None}).first()
    if row is None:
        raise NotFound("no such member of the team")
    return _member(row)


def primary(team: int) -> Member | None:
    """Return the primary administrator of a team, if it has one."""
    row = Membership.objects.filter(team_id=team, role=Role.PRIMARY).select_related("user").first()
    return None if row is None else _member(row)


def put(team: int, user: int, before: Role, now: Role) -> bool:
    """Give a member another role, if the role is still the one before; False where it is not. In a transaction."""
    moved = Membership.objects.filter(team_id=team, user_id=user, role=before).update(role=now)
    if moved and not covers(now, before):
        sign_ins.end_all(user)
    return bool(moved)


def remove(team: int, user: int, before: Role) -> bool:
    """Take somebody's membership, if the role is still the one before; False where it is not. In a transaction."""
    gone, _ = Membership.objects.filter(team_id=team, user_id=user, role=before).exclude(role=Role.PRIMARY).delete()
    if gone:
        sign_ins.end_all(user)
    return bool(gone)


def team_named(slug: str) -> Team:
    """Return a team by its slug. Raises `NotFound`."""
    team = Team.objects.filter(slug=slug).first()
    if team is None:
        raise NotFound(f"no team {slug!r}")
    return team


def language_of(user: int, otherwise: str) -> str:
    """Return the language that an account has chosen, or another."""
    chosen = User.objects.filter(pk=user).values_list("language", flat=True).first()
    return chosen or otherwise


def account_of(user: Account) -> str:
    """Return the actor that somebody signed in is."""
    return f"account {user.pk}"


def _member(row: Membership) -> Member:
    user = row.user
    return Member(row.pk, user.pk, user.name, user.email, Role(row.role), user.is_active)
