"""Personal tokens: what a person makes in Settings so that a script may read what they may read."""

from __future__ import annotations

import hashlib
import secrets

from farebox.domain.clock import DAY, MINUTE, Instant
from farebox.domain.errors import Conflict, NotFound, Problem, Rejected
from farebox.records import audit, db, idempotency
from farebox.records.models import PersonalToken, User
from farebox.records.standing import log_of

PREFIX = "fbp_"
DAYS_MAX = 365
TOKENS_MAX = 50
"""Tokens that one person may have in force."""


def make(
    user: User, *, name: str, days: int, now: Instant, scopes: str = "data:read", key: str = ""
) -> tuple[PersonalToken, str]:
    """
    Make a token for `user`; its secret is returned this once and kept nowhere.

    Raises `Conflict` for a `key` that made a token before: its secret cannot be told again (domain L8). Raises
    `Rejected` with every problem.
    """
    scope, request = f"token:{user.pk}", {"name": name.strip(), "days": days, "scopes": scopes}
    with db.atomic():
        if idempotency.replayed(scope, key, request) is not None:
            raise Conflict("this request made a token before; its secret was shown then")
        _check(user, name.strip(), days, now)
        secret = PREFIX + secrets.token_urlsafe(32)
        row = PersonalToken.objects.create(
            user=user,
            name=name.strip(),
            prefix=secret[:10],
            secret_hash=_hash(secret),
            scopes=scopes,
            created_us=now,
            expires_us=now + days * DAY,
        )
        idempotency.remember(scope, key, request, {"token": row.pk}, at=now)
        _note(user, "token.make", row.pk, now, days=days, writes=int("data:write" in scopes))
    return row, secret


def _check(user: User, name: str, days: int, now: Instant) -> None:
    problems = []
    if not 1 <= len(name) <= 100:
        problems.append(Problem("/name", "invalid_value", "a name has 1 to 100 characters"))
    if not 1 <= days <= DAYS_MAX:
        problems.append(Problem("/days", "invalid_value", f"a token lasts 1 to {DAYS_MAX} days"))
    if len(tokens_of(user, now=now)) >= TOKENS_MAX:
        problems.append(Problem("", "too_many", f"at most {TOKENS_MAX} tokens are in force; revoke one first"))
    if problems:
        raise Rejected(problems)


def tokens_of(user: User, *, now: Instant) -> list[PersonalToken]:
    """Return the tokens of `user` that are in force, the newest first."""
    in_force = PersonalToken.objects.filter(user=user, revoked_us__isnull=True, expires_us__gt=now)
    return list(in_force.order_by("-created_us", "-pk"))


def revoke(user: User, token: int, *, now: Instant) -> None:
    """End one of the user's own tokens at once. Raises `NotFound` for any other."""
    with db.atomic():
        if not PersonalToken.objects.filter(user=user, pk=token, revoked_us__isnull=True).update(revoked_us=now):
            raise NotFound("no such token")
        _note(user, "token.revoke", token, now)


def bearer(secret: str, *, now: Instant) -> tuple[User, frozenset[str]] | None:
    """Return the person and the scopes that a secret stands for, or None."""
    if not secret.startswith(PREFIX):
        return None
    row = (
        PersonalToken.objects.select_related("user")
        .filter(secret_hash=_hash(secret), revoked_us__isnull=True, expires_us__gt=now, user__is_active=True)
        .first()
    )
    if row is None:
        return None
    if row.used_us is None or now - row.used_us > MINUTE:
        with db.atomic():
            PersonalToken.objects.filter(pk=row.pk).update(used_us=now)
    return row.user, frozenset(row.scopes.split())


def _note(user: User, verb: str, token: int, now: Instant, **facts: int) -> None:
    change = audit.Change(log_of(user.pk), verb, f"token {token}", facts)
    audit.note([change], f"account {user.pk}", at=now)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
