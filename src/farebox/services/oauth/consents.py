"""What people let programs do: which team may be chosen, what was granted, and taking it back."""

from __future__ import annotations

import uuid
from typing import NamedTuple

from farebox.domain.clock import Instant, instant, moment
from farebox.domain.errors import NotFound
from farebox.domain.rights import Role
from farebox.records import audit, db
from farebox.records.models import AccessToken, Application, Membership, RefreshToken, Team, User
from farebox.services.oauth import families
from farebox.services.oauth.families import Bound

_MOST_FIRST = (Role.PRIMARY, Role.SECONDARY, Role.SSO, Role.USER)


class Consent(NamedTuple):
    """One program that may ask on a person's behalf, and since when."""

    family: str
    program: str
    team: str
    writes: bool
    since_us: Instant


def teams_for(user: User, program: Application) -> list[Team]:
    """
    Return the teams that a person can let a program ask about, those first in which they may see the most.

    Who has no administrator's role in a team may choose it all the same: the program then finds no contract, until
    that role changes.
    """
    held = Membership.objects.filter(user=user).select_related("team")
    own = held if program.team_id is None else held.filter(team_id=program.team_id)
    ranked = sorted(own, key=lambda one: (_MOST_FIRST.index(Role(one.role)), one.team.name, one.team_id))
    return [one.team for one in ranked]


def grant(user: User, program: Application, team: Team, scopes: list[str], *, now: Instant) -> Bound:
    """Write down that a person let a program ask about a team, and return what its tokens will be bound to."""
    with db.atomic():
        facts = {"account": user.pk, "writes": int("data:write" in scopes)}
        change = audit.Change(team.pk, "client.consent", f"client {program.pk}", facts)
        audit.note([change], f"account {user.pk}", at=now)
    return Bound(user, team.pk, " ".join(scopes), uuid.uuid4(), now)


def consents_of(user: User, *, now: Instant) -> list[Consent]:
    """Return what a person has granted and could still be used, the newest first."""
    chains = RefreshToken.objects.filter(user=user, revoked__isnull=True).select_related("application", "team")
    found = {
        row.token_family: _consent(row.token_family, row, Instant(row.began_us))
        for row in chains
        if not families.is_over(row, now=now)
    }
    live = AccessToken.objects.filter(user=user, expires__gt=moment(now), application__two_legged=False)
    for row in live.select_related("application", "team"):
        found.setdefault(row.family, _consent(row.family, row, instant(row.created)))
    return sorted(found.values(), key=lambda one: (-one.since_us, one.family))


def _consent(family: uuid.UUID, row: AccessToken | RefreshToken, since: Instant) -> Consent:
    return Consent(str(family), row.application.name, row.team.name, "data:write" in row.scope, since)


def withdraw(user: User, family: str, *, now: Instant) -> None:
    """End what a person granted, at once. Raises `NotFound` for anybody else's."""
    try:
        known = uuid.UUID(family)
    except ValueError as error:
        raise NotFound("no such consent") from error
    row = (
        RefreshToken.objects.filter(user=user, token_family=known).first()
        or AccessToken.objects.filter(user=user, family=known).first()
    )
    if row is None:
        raise NotFound("no such consent")
    with db.atomic():
        families.end(known)
        change = audit.Change(row.team_id, "client.withdraw", f"client {row.application_id}", {})
        audit.note([change], f"account {user.pk}", at=now)
