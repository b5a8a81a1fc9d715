"""
Families: all tokens that came of one consent. They end together, and a chain of refreshes ends after a fixed time.

A code or refresh token that comes a second time was stolen by one of the two who sent it; nobody can tell which, so
the whole family ends (RFC 9700, sections 4.5 and 4.14).
"""

from __future__ import annotations

import uuid
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

from farebox.domain.clock import DAY, Instant, instant, moment
from farebox.records import db
from farebox.records.models import AccessToken, Grant, Membership, RefreshToken, User


class Bound(NamedTuple):
    """Whom and which team new tokens stand for, what the person granted, and the family that they join."""

    user: User
    team: int | None
    scope: str
    family: uuid.UUID
    began_us: int


def end(family: uuid.UUID | None) -> None:
    """End every token of a family at once."""
    with db.atomic():
        RefreshToken.revoke_family(family)


def spend(used: Grant | RefreshToken) -> bool:
    """Use up a code or refresh token inside the caller's transaction; tell whether nobody else had."""
    if isinstance(used, Grant):
        now = instant(timezone.now())
        return bool(Grant.objects.filter(pk=used.pk, spent_us__isnull=True).update(spent_us=now))
    unused = RefreshToken.objects.filter(pk=used.pk, revoked__isnull=True)
    return bool(unused.update(revoked=timezone.now()))


def is_over(token: RefreshToken, *, now: Instant) -> bool:
    """Tell whether a refresh token waited too long, or its chain has reached its end."""
    idle_us, chain_us = settings.OAUTH_IDLE_DAYS * DAY, settings.OAUTH_CHAIN_DAYS * DAY
    return now >= instant(token.created) + idle_us or now >= token.began_us + chain_us


def may_hold(user: User, team: int | None) -> bool:
    """Tell whether a person may hold tokens for a team now: an account in force that belongs to it."""
    if team is None or not user.is_active:
        return False
    return Membership.objects.filter(user_id=user.pk, team_id=team).exists()


def forget(*, now: Instant) -> int:
    """Delete the codes and tokens of families that are long over; return how many rows went."""
    began = Instant(now - settings.OAUTH_CHAIN_DAYS * DAY)
    with db.atomic():
        counts = (
            AccessToken.objects.filter(expires__lt=moment(Instant(now - DAY))).delete()[0],
            RefreshToken.objects.filter(began_us__lt=began).delete()[0],
            Grant.objects.filter(created__lt=moment(began)).delete()[0],
        )
    return sum(counts)
