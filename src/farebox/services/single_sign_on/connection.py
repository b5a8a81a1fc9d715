"""A team's connection to its identity provider: made, changed, taken away, and made the only way in."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from allauth.socialaccount.models import SocialAccount

from farebox.domain.clock import Instant
from farebox.domain.errors import Conflict, NotFound, Problem, Rejected
from farebox.domain.rights import Action
from farebox.records import audit, db, locked, sign_ins, standing
from farebox.records.models import SsoConnection, SsoDomain, User
from farebox.services.single_sign_on.domains import unprove
from farebox.services.single_sign_on.fetch import Unsafe, check
from farebox.services.single_sign_on.provider import discovered

NAME_LENGTH_MAX = 60
CLIENT_LENGTH_MAX = 200
SECRET_LENGTH_MAX = 400
ISSUER_LENGTH_MAX = 400


@dataclass(frozen=True, slots=True)
class Draft:
    """What an administrator enters; without a secret the one that there is stays."""

    name: str
    issuer: str
    client_id: str
    secret: str = field(repr=False)
    joins: bool


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection as its page shows it; the secret is not among it."""

    key: str
    name: str
    issuer: str
    client_id: str
    joins: bool
    enforced: bool
    tested_us: int | None


def connection_of(user: User, team_id: int) -> Connection | None:
    """Return the connection of a team, if it has one, for those who may change it."""
    standing.standing(user, team_id, Action.SINGLE_SIGN_ON)
    row = SsoConnection.objects.filter(team_id=team_id).first()
    if row is None:
        return None
    return Connection(row.key, row.name, row.issuer, row.client_id, row.joins, row.enforced, row.tested_us)


def connect(user: User, team_id: int, draft: Draft, *, now: Instant) -> int:
    """
    Connect a team to an identity provider, or change that; return how many domains have another text to prove now.

    The provider is asked what it says of itself first. Another issuer, program or secret has to be tried again before
    it can be enforced. Raises `Rejected` with every problem, and `ProviderError` for a provider that does not answer.
    """
    standing.standing(user, team_id, Action.SINGLE_SIGN_ON)
    before = SsoConnection.objects.filter(team_id=team_id).first()
    _check(draft, before)
    discovered(draft.issuer)
    with db.atomic():
        before = SsoConnection.objects.select_for_update().filter(team_id=team_id).first()
        is_other = before is None or (before.issuer, before.client_id) != (draft.issuer, draft.client_id)
        if before is not None and before.enforced and (is_other or draft.secret):
            raise Conflict("single sign-on is enforced; relax that before the provider is changed")
        _write(before, team_id, draft, is_other=is_other, now=now)
        facts = {"other_provider": int(is_other), "other_secret": int(bool(draft.secret)), "joins": int(draft.joins)}
        _note(user, team_id, "sso.connected" if before is None else "sso.changed", facts, now)
        return unprove(user, team_id, now=now) if is_other else 0


def _write(before: SsoConnection | None, team_id: int, draft: Draft, *, is_other: bool, now: Instant) -> None:
    row = before or SsoConnection(team_id=team_id, created_us=now)
    if is_other:
        if before is not None:
            SocialAccount.objects.filter(provider=before.key).delete()
        row.key = secrets.token_urlsafe(12)
    row.name, row.issuer, row.client_id, row.joins = draft.name, draft.issuer, draft.client_id, draft.joins
    if draft.secret:
        row.secret = locked.lock(draft.secret, locked.SINGLE_SIGN_ON)
    if is_other or draft.secret:
        row.tested_us = None
    row.save()


def _check(draft: Draft, before: SsoConnection | None) -> None:
    problems = []
    lengths = (("name", draft.name, NAME_LENGTH_MAX), ("client_id", draft.client_id, CLIENT_LENGTH_MAX))
    for name, value, most in lengths:
        if not 1 <= len(value) <= most or not value.isprintable():
            problems.append(Problem(f"/{name}", "invalid_value", f"this has 1 to {most} printable characters"))
    try:
        check(draft.issuer)
        if "?" in draft.issuer:
            raise Unsafe("an issuer has no query")
    except Unsafe as error:
        problems.append(Problem("/issuer", "invalid_value", str(error)))
    if len(draft.secret) > SECRET_LENGTH_MAX or not draft.secret.isprintable():
        problems.append(Problem("/secret", "invalid_value", f"a secret has at most {SECRET_LENGTH_MAX} characters"))
    if not draft.secret and (before is None or before.issuer != draft.issuer):
        problems.append(Problem("/secret", "missing", "another provider has another secret"))
    if problems:
        raise Rejected(problems)


def disconnect(user: User, team_id: int, *, now: Instant) -> None:
    """Take a team's connection away; its links end with it. Raises `Conflict` while it is enforced."""
    standing.standing(user, team_id, Action.SINGLE_SIGN_ON)
    with db.atomic():
        row = SsoConnection.objects.filter(team_id=team_id).first()
        if row is None:
            raise NotFound("no single sign-on in this team")
        if not SsoConnection.objects.filter(pk=row.pk, enforced=False).delete()[0]:
            raise Conflict("single sign-on is enforced; relax that first")
        SocialAccount.objects.filter(provider=row.key).delete()
        _note(user, team_id, "sso.removed", {}, now)


def enforce(user: User, team_id: int, *, keep: str, now: Instant) -> int:
    """
    Make single sign-on the only way in for people of the team's proven domains; return how many sessions that ended.

    Whoever was signed in with a password signs in again; the session to `keep` goes on. Raises `Conflict` before an
    administrator has come in through the provider, or without a proven domain: nobody is to lock themselves out.
    """
    standing.standing(user, team_id, Action.SINGLE_SIGN_ON)
    with db.atomic():
        domains = SsoDomain.objects.filter(team_id=team_id, proven_us__isnull=False).values_list("domain", flat=True)
        ready = SsoConnection.objects.filter(team_id=team_id, tested_us__isnull=False)
        if not domains or not ready.update(enforced=True):
            raise Conflict("prove a domain, and sign in through the provider once, before it is enforced")
        ended = sign_ins.end_all_at(domains, keep=keep)
        _note(user, team_id, "sso.enforced", {"sessions": ended}, now)
    return ended


def relax(team_id: int, user: User | None, *, now: Instant) -> None:
    """
    Let passwords count again; without a user it is the operator's way out, by command, for a provider that is gone.

    Raises `NotFound` where nothing is enforced.
    """
    if user is not None:
        standing.standing(user, team_id, Action.SINGLE_SIGN_ON)
    with db.atomic():
        if not SsoConnection.objects.filter(team_id=team_id, enforced=True).update(enforced=False):
            raise NotFound("single sign-on is not enforced in this team")
        _note(user, team_id, "sso.relaxed", {}, now)


def _note(user: User | None, team_id: int, verb: str, facts: audit.Facts, now: Instant) -> None:
    actor = f"account {user.pk}" if user is not None else audit.COMMAND
    audit.note([audit.Change(team_id, verb, f"team {team_id}", facts)], actor, at=now)
