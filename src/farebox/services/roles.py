"""
Who administers a team: administrators made and removed, and a primary administrator appointed where one was lost.

Nobody gives or takes a right that they lack, nobody raises themselves, and the primary role changes hands only by a
handover that the receiver accepts, or by an operator (quality T4).
"""

from __future__ import annotations

from typing import NamedTuple

from django.contrib.auth.base_user import AbstractBaseUser

from farebox.domain.clock import Instant
from farebox.domain.errors import Conflict, Forbidden, Problem, Rejected
from farebox.domain.rights import Action, Role, may_change, may_give
from farebox.domain.teams import canonical
from farebox.records import audit, db, handovers, roles, token_offers
from farebox.records.roles import Member
from farebox.records.standing import standing


class Listed(NamedTuple):
    """A member, and the roles that the reader may give them, the one they have included; none: it stays."""

    member: Member
    offered: tuple[Role, ...]


def listed(user: AbstractBaseUser, team: int) -> list[Listed]:
    """Return the members of a team that have accounts, with what the reader may make of each."""
    held = standing(user, team, Action.ADMINISTRATORS)
    return [Listed(one, _offered(held.role, one)) for one in roles.members(team)]


def _offered(giver: Role, member: Member) -> tuple[Role, ...]:
    return tuple(role for role in may_give(giver) if may_change(giver, member.role, role))


def choose(user: AbstractBaseUser, team: int, membership: int, role: Role, *, now: Instant) -> Member:
    """
    Give a member of a team another role, and return the member as they were; who loses rights is signed out.

    Whoever calls it has proven who they are a moment ago. Raises `Forbidden` for a role that the giver may not give or
    take, `NotFound` for who is no member, `Conflict` where another changed the role at the same moment.
    """
    held = standing(user, team, Action.ADMINISTRATORS)
    member = roles.member(team, membership=membership)
    if member.role is role:
        return member
    if not may_change(held.role, member.role, role):
        raise Forbidden("nobody gives or takes a right that they do not have")
    _put(team, member, role, roles.account_of(user), now)
    return member


def choose_for(slug: str, address: str, role: Role | None, *, actor: str, now: Instant) -> Member:
    """
    Do the same at the command line of the installation; no role takes the membership away.

    Raises `Rejected` for the primary administrator, whose role is handed over.
    """
    team = roles.team_named(slug).pk
    member = roles.member(team, email=canonical(address, pointer="/address"))
    if Role.PRIMARY in (member.role, role):
        message = "the primary role is handed over, never given or taken"
        raise Rejected([Problem("/role", "primary_stays", message)])
    if role is None:
        _remove(team, member, actor, now)
    elif role is not member.role:
        _put(team, member, role, actor, now)
    return member


def appoint_primary(team: int, address: str, *, actor: str, now: Instant) -> Member:
    """
    Make a member the primary administrator of a team that lost its own; who was it becomes a user.

    For operators of the installation, who prove the case outside the program. Raises `NotFound` for who is no member,
    `Conflict` for who is it already or may not sign in.
    """
    member = roles.member(team, email=canonical(address, pointer="/address"))
    if member.role is Role.PRIMARY:
        raise Conflict("this is the primary administrator already")
    if not member.is_active:
        raise Conflict("this account may not sign in")
    with db.atomic():
        before = roles.primary(team)
        handovers.end_open(team, now=now)
        if before is not None:
            _insist(roles.put(team, before.user_id, Role.PRIMARY, Role.USER))
        _insist(roles.put(team, member.user_id, member.role, Role.PRIMARY))
        token_offers.end_open(team, now=now)
        facts: audit.Facts = {"before": before.user_id if before else 0, "was": member.role.value}
        change = audit.Change(team, "primary.appoint", f"account {member.user_id}", facts)
        audit.note([change], actor, at=now)
    return member


def _put(team: int, member: Member, role: Role, actor: str, now: Instant) -> None:
    with db.atomic():
        _insist(roles.put(team, member.user_id, member.role, role))
        facts = {"before": member.role.value, "now": role.value}
        audit.note([audit.Change(team, "role.set", f"account {member.user_id}", facts)], actor, at=now)


def _remove(team: int, member: Member, actor: str, now: Instant) -> None:
    with db.atomic():
        _insist(roles.remove(team, member.user_id, member.role))
        facts = {"before": member.role.value}
        audit.note([audit.Change(team, "role.remove", f"account {member.user_id}", facts)], actor, at=now)


def _insist(done: bool) -> None:
    if not done:
        raise Conflict("somebody else changed the role at the same moment; look again")
