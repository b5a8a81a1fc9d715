"""Programs: registered, listed, given another secret, revoked, and let act as one administrator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.conf import settings
from django.contrib.auth.hashers import make_password

from farebox.domain.clock import Instant
from farebox.domain.errors import Conflict, Forbidden, NotFound, Problem, Rejected
from farebox.domain.rights import ADMINISTRATORS, Action, Cell
from farebox.domain.teams import canonical
from farebox.records import audit, db, idempotency, redirects
from farebox.records.models import AccessToken, Application, Grant, Membership, RefreshToken, Team, User
from farebox.records.standing import standing, standings
from farebox.services.oauth import acting
from farebox.services.oauth.secrets import client_secret

NAME_MAX = 100
REDIRECTS_MAX = 20
Fault = redirects.Fault
READ, READ_WRITE = "data:read", "data:read data:write"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClient:
    """What a program is registered with; without a team it serves everybody of the installation."""

    name: str
    redirects: Sequence[str]
    team: int | None = None
    public: bool = False
    writes: bool = False
    pkce: bool = False
    implicit: bool = False


def register(
    new: NewClient, *, actor: str, now: Instant, by: User | None = None, key: str = ""
) -> tuple[Application, str]:
    """
    Register a program and return it with its secret, which is shown this once; a public one has none.

    Raises `Rejected` with every problem, `Conflict` for a `key` that registered one before: its secret cannot be
    told again (domain L8).
    """
    _check(new)
    scope, request = f"client:{by.pk if by else 0}", asdict(new)
    secret = client_secret()
    with db.atomic():
        if idempotency.replayed(scope, key, request) is not None:
            raise Conflict("this request registered a program before; its secret was shown then")
        row = Application.objects.create(
            name=new.name.strip(),
            user=by,
            team_id=new.team,
            redirect_uris=" ".join(dict.fromkeys(new.redirects)),
            client_type=Application.CLIENT_PUBLIC if new.public else Application.CLIENT_CONFIDENTIAL,
            authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
            client_secret=_hash(secret),
            scopes=READ_WRITE if new.writes else READ,
            pkce=new.pkce,
            implicit=new.implicit,
        )
        idempotency.remember(scope, key, request, {"client": row.pk}, at=now)
        _note(row, "client.register", actor, now, public=int(new.public), writes=int(new.writes))
    return row, "" if new.public else secret


def _check(new: NewClient) -> None:
    problems = []
    if not 1 <= len(new.name.strip()) <= NAME_MAX or not new.name.strip().isprintable():
        problems.append(Problem("/name", "invalid_value", f"a name has 1 to {NAME_MAX} printable characters"))
    if not 1 <= len(new.redirects) <= REDIRECTS_MAX:
        problems.append(Problem("/redirects", "invalid_value", f"name 1 to {REDIRECTS_MAX} addresses to return to"))
    for nth, address in enumerate(new.redirects):
        fault = redirects.fault(address, http_anywhere=settings.OAUTH_COMPATIBILITY)
        if fault is not None:
            problems.append(Problem(f"/redirects/{nth}", "invalid_value", fault))
    if problems:
        raise Rejected(problems)


def listed(*, teams: Sequence[int] | None = None) -> list[Application]:
    """Return programs, of some teams or all, by name; those in force first."""
    rows = Application.objects.select_related("team", "user", "acts_for")
    chosen = rows if teams is None else rows.filter(team_id__in=teams)
    return sorted(chosen, key=lambda row: (row.revoked_us is not None, row.name.lower(), row.pk))


def named(client_id: str) -> Application:
    """Return a program by its client id. Raises `NotFound`."""
    known = Application.objects.select_related("team", "user", "acts_for")
    row: Application | None = known.filter(client_id=client_id).first() if client_id.isprintable() else None
    if row is None:
        raise NotFound(f"no client {client_id!r}")
    return row


def rotate(client_id: str, *, actor: str, now: Instant) -> str:
    """
    Give a program another secret and return it, this once; the one before ends, tokens go on.

    Raises `NotFound`, or `Conflict` for a program that is public or revoked.
    """
    secret = client_secret()
    with db.atomic():
        row = _in_force(client_id)
        if row.is_public:
            raise Conflict("a public program has no secret")
        Application.objects.filter(pk=row.pk).update(client_secret=_hash(secret))
        _note(row, "client.rotate", actor, now)
    return secret


def revoke(client_id: str, *, actor: str, now: Instant) -> None:
    """End a program and all its tokens at once. Raises `NotFound`, or `Conflict` where it has ended already."""
    with db.atomic():
        row = _in_force(client_id)
        Application.objects.filter(pk=row.pk).update(revoked_us=now)
        _end_tokens(row)
        _note(row, "client.revoke", actor, now)


def act_for(client_id: str, address: str, *, actor: str, now: Instant) -> None:
    """
    Let a program act as one administrator of its team, instead of for people who sign in (usage-api 1.1).

    Tokens that people gave it end. Raises `NotFound`, `Rejected` with every problem, or `Conflict` while the team is
    closed to such programs: it would serve nobody.
    """
    with db.atomic():
        row = _in_force(client_id)
        email = canonical(address, pointer="/administrator")
        admin = acting.administrator(row.team_id, email)
        problems = []
        if row.is_public:
            problems.append(Problem("", "invalid_value", "a program that acts by itself needs a secret"))
        if row.team_id is None:
            problems.append(Problem("", "invalid_value", "only a team's program can act as its administrator"))
        elif admin is None:
            problems.append(Problem("/administrator", "not_found", "this is no administrator of the program's team"))
        if problems:
            raise Rejected(problems)
        if row.team is not None and not row.team.two_legged:
            raise Conflict(acting.Missing.ALLOWED)
        Application.objects.filter(pk=row.pk).update(two_legged=True, acts_for=admin)
        _end_tokens(row)
        _note(row, "client.act", actor, now, account=admin.pk if admin else None)


def stop_acting(client_id: str, *, actor: str, now: Instant) -> None:
    """Let a program act for people who sign in again, and for nobody else. Raises `NotFound`."""
    with db.atomic():
        row = _in_force(client_id)
        Application.objects.filter(pk=row.pk).update(two_legged=False, acts_for=None)
        _end_tokens(row)
        _note(row, "client.stop", actor, now)


def allow_acting(team: int, *, allowed: bool, actor: str, now: Instant) -> None:
    """Open or close a team to programs that act as its administrators; it is closed until the primary opens it."""
    with db.atomic():
        if not Team.objects.filter(pk=team).update(two_legged=allowed):
            raise NotFound("no such team")
        change = audit.Change(team, "clients.open" if allowed else "clients.close", f"team {team}", {})
        audit.note([change], actor, at=now)


def administered(user: User, *, changing: bool = False) -> list[Team]:
    """Return the teams whose programs a person may look at, or change, by name."""
    held = [one.team_id for one in standings(user, Action.CLIENTS) if one.cell is not Cell.LOOK or not changing]
    return list(Team.objects.filter(pk__in=held).order_by("name", "pk"))


def administrators(team: int) -> list[str]:
    """Return the addresses of those as whom a program of a team may act."""
    held = Membership.objects.filter(team_id=team, role__in=ADMINISTRATORS, user__is_active=True)
    return sorted(held.values_list("user__email", flat=True))


def require_primary(user: User, team: int | None) -> None:
    """
    Let the team's primary administrator pass (quality: authorization matrix).

    Raises `Forbidden` for another member of the team, `NotFound` for everybody else (T2).
    """
    if standing(user, team or 0, Action.CLIENTS).cell is Cell.LOOK:
        raise Forbidden("only the primary administrator changes the programs of a team")


def _in_force(client_id: str) -> Application:
    row = named(client_id)
    if row.revoked_us is not None:
        raise Conflict("the program is revoked")
    return row


def _end_tokens(row: Application) -> None:
    for model in (AccessToken, RefreshToken, Grant):
        model.objects.filter(application=row).delete()


def _hash(secret: str) -> str:
    return make_password(secret, hasher="app_secret")


def _note(row: Application, verb: str, actor: str, now: Instant, **facts: int | None) -> None:
    audit.note([audit.Change(row.team_id, verb, f"client {row.pk}", facts)], actor, at=now)
