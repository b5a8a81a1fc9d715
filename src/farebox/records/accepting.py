"""
Becoming a member of a team, whichever way one proved who one is: by the link of an invitation, or by single sign-on.

Call it in a transaction that holds the row of the team, so that roles are given one after another.
"""

from __future__ import annotations

from farebox.domain.clock import Instant
from farebox.domain.rights import Action, Role, may_change
from farebox.records import audit, outbox
from farebox.records.models import Invitation, Membership, Person, User
from farebox.records.standing import standings


def role_of(row: Invitation) -> Role:
    """Return the role that was offered, or that of a user where who offered it may not give it any more (T4)."""
    role = Role(row.role)
    if role in (Role.USER, Role.PRIMARY) or row.by is None:
        return role
    held = [one.role for one in standings(row.by, Action.ADMINISTRATORS) if one.team_id == row.team_id]
    return role if held and may_change(held[0], Role.USER, role) else Role.USER


def is_led(team: int) -> bool:
    """Tell whether a team has its primary administrator."""
    return Membership.objects.filter(team_id=team, role=Role.PRIMARY).exists()


def join(person: Person, account: User, role: Role, *, name: str, now: Instant) -> bool:
    """
    Make the account of a person a member of their team, and tell whether it had no role there.

    A role that somebody holds by now is not lowered. Who was away is a member from now, so that the gap stays known.
    """
    held, is_new = Membership.objects.get_or_create(team_id=person.team_id, user=account, defaults={"role": role})
    if held.role == Role.USER:
        Membership.objects.filter(pk=held.pk).update(role=role)
    is_active = person.member_us is not None and person.left_us is None
    since = person.member_us if is_active else now
    called = {"name": name} if name else {}
    Person.objects.filter(pk=person.pk).update(user=account, member_us=since, left_us=None, **called)
    outbox.announce_names()
    return is_new


def note(row: Invitation, person: Person, account: User, role: Role, *, now: Instant) -> None:
    """Write down that an invitation was accepted (quality T5)."""
    facts: audit.Facts = {"person": person.pk, "role": role.value}
    change = audit.Change(row.team_id, "invitation accepted", f"invitation {row.pk}", facts)
    audit.note([change], f"account {account.pk}", at=now)
