"""Whom an access token stands for: the least of its scopes, its team and what the person may now, in one read."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import Exists, F, OuterRef, Q

from farebox.domain.clock import Instant, instant, moment
from farebox.records.models import AccessToken, Membership, User
from farebox.services.oauth.secrets import ACCESS_PREFIX, checksum


class Bearer(NamedTuple):
    """Whom a token stands for, what it opens, in which team, by which program, and until when."""

    user: User
    scopes: frozenset[str]
    team: int | None
    client: str
    since: Instant
    until: Instant


_MEMBER = Membership.objects.filter(user_id=OuterRef("user_id"), team_id=OuterRef("team_id"))
_SIGNED_IN = Q(application__two_legged=False)
_ACTING = Q(application__two_legged=True, team__two_legged=True, application__acts_for=F("user"))


def bearer(secret: str, *, now: Instant) -> Bearer | None:
    """
    Return whom an access token stands for, or None.

    It is nobody's once it has ended, its program is revoked, its person may not sign in or has left the team, or the
    team no longer lets programs act by themselves (T3).
    """
    if not secret.startswith(ACCESS_PREFIX):
        return None
    found = (
        AccessToken.objects.select_related("user", "application")
        .filter(_SIGNED_IN | _ACTING, Exists(_MEMBER), token_checksum=checksum(secret), expires__gt=moment(now))
        .filter(user__is_active=True, application__revoked_us__isnull=True)
        .first()
    )
    return None if found is None else _bearer(found)


def _bearer(row: AccessToken) -> Bearer:
    return Bearer(
        user=row.user,
        scopes=frozenset(row.scope.split()),
        team=row.team_id,
        client=row.application.client_id,
        since=instant(row.created),
        until=instant(row.expires),
    )
