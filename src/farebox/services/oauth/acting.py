"""Which step is missing before a program may act as one administrator, without anybody signing in (2-legged)."""

from __future__ import annotations

from enum import StrEnum

from farebox.domain.rights import ADMINISTRATORS
from farebox.records.models import Application, Membership, User


class Missing(StrEnum):
    """A step that is missing, as programs and operators are told."""

    TEAM = "Only a program of a team can act by itself."
    ALLOWED = (
        "The team has not allowed programs to act by themselves; its primary administrator does that under Programs."
    )
    BOUND = "Nobody is bound to the program: name the administrator as whom it acts."
    ROLE = "The person bound to the program is no administrator of its team any more."


def missing(client: Application) -> Missing | None:
    """Return the first step that a program lacks to act now: its team's switch, its own, and that person's role."""
    if client.team is None:
        return Missing.TEAM
    if not client.team.two_legged:
        return Missing.ALLOWED
    if not client.two_legged or client.acts_for is None:
        return Missing.BOUND
    return None if administrator(client.team_id, client.acts_for.email) else Missing.ROLE


def halted(client: Application) -> Missing | None:
    """Return what keeps a program that was let act from doing so; nothing for one in which people sign in."""
    return missing(client) if client.two_legged else None


def administrator(team: int | None, email: str) -> User | None:
    """Return the person as whom a program of a team may act, if the address is one of its administrators'."""
    if team is None:
        return None
    held = Membership.objects.filter(team_id=team, role__in=ADMINISTRATORS, user__is_active=True, user__email=email)
    found = held.select_related("user").first()
    return None if found is None else found.user
