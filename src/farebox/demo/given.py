"""What the demonstration gives to who starts it: passwords, keys and tokens, made anew at every start."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from farebox.demo.cast import ADMIN, ENTERPRISE_TEAM, FLEX_TEAM, OPERATOR, ORDINARY
from farebox.domain.clock import Instant
from farebox.domain.errors import Conflict
from farebox.services import accounts, catalogue, sources
from farebox.services import tokens as personal
from farebox.services.oauth import clients

GIVEN_OUT = "given out by farebox demo"
KEY = "Workstations (demo)"
"""The name of the key; a later start gives it a number, as a team has a name once."""
PROGRAM = "Demo program"
PROGRAM_RETURNS = tuple(
    f"http://{host}:{port}/{path}"
    for host in ("localhost", "127.0.0.1")
    for port in (3000, 8080)
    for path in ("callback", "api/auth/callback", "")
)
"""Where programs under development usually listen; a program of one's own is registered on the page Programs."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """An address, and the password that it has until the next start."""

    email: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What the one who starts the demonstration needs to know; the secrets are made anew at every start."""

    admin: SignIn
    ordinary: SignIn
    """A person who uses products, and administers nothing."""
    operator: SignIn
    source_key: str
    token: str
    client_id: str
    client_secret: str
    flex_contract: str
    enterprise_contract: str


def give_out(*, now: Instant) -> Demo:
    """Revoke what earlier starts gave out, and nothing else; make it anew."""
    password = secrets.token_urlsafe(12)
    user = accounts.set_password(ADMIN, password, now=now)
    for old in personal.tokens_of(user, now=now):
        if old.name == GIVEN_OUT:
            personal.revoke(user, old.pk, now=now)
    _, token = personal.make(user, name=GIVEN_OUT, days=30, now=now, scopes="data:read data:write")
    client_id, client_secret = _program(now)
    return Demo(
        admin=SignIn(ADMIN, password),
        ordinary=_signs_in(ORDINARY, now),
        operator=_signs_in(OPERATOR, now),
        source_key=_key(now),
        token=token,
        client_id=client_id,
        client_secret=client_secret,
        flex_contract=_contract(FLEX_TEAM),
        enterprise_contract=_contract(ENTERPRISE_TEAM),
    )


def _key(now: Instant) -> str:
    """Return a fresh key for programs, in the place of the one that the start before gave out."""
    had = [one for one in sources.listed() if one.team is not None and one.team.slug == FLEX_TEAM]
    given = [one for one in had if _is_given_out(one.name)]
    for old in given:
        if old.revoked_us is None:
            sources.revoke(old.name, team=FLEX_TEAM, now=now)
    taken, number = {one.name for one in had}, len(given) + 1
    name = KEY
    while name in taken:
        name, number = f"{KEY} {number}", number + 1
    return sources.add(name, team=FLEX_TEAM, now=now)


def _is_given_out(name: str) -> bool:
    """Tell a key that a start gave out from one that somebody made; earlier versions called it otherwise."""
    numbered = name.removeprefix(f"{KEY} ")
    return name == KEY or (numbered != name and numbered.isdecimal()) or name.startswith(GIVEN_OUT)


def _contract(team: str) -> str:
    return catalogue.contract_numbers(catalogue.team_named(team))[0]


def is_enlarged() -> bool:
    """
    Tell whether the folder has people and access to see; one that was built before there were any has not.

    The operator's account is made last of all, the administrator's when the year is whole. Raises `Conflict` where
    building was cut short.
    """
    has_admin, has_ordinary, has_operator = map(accounts.exists, (ADMIN, ORDINARY, OPERATOR))
    if has_admin and has_operator:
        return True
    if has_admin and not has_ordinary:
        return False
    raise Conflict("building the demonstration was cut short; delete this data folder and start again")


def _signs_in(address: str, now: Instant) -> SignIn:
    password = secrets.token_urlsafe(12)
    accounts.set_password(address, password, now=now)
    return SignIn(address, password)


def _program(now: Instant) -> tuple[str, str]:
    """Return the client id and a fresh secret of the program that people may let in; it is registered once."""
    for program in clients.listed():
        if program.name == PROGRAM and program.revoked_us is None:
            return program.client_id, clients.rotate(program.client_id, actor="demo", now=now)
    new = clients.NewClient(name=PROGRAM, redirects=PROGRAM_RETURNS, writes=True, implicit=True)
    program, secret = clients.register(new, actor="demo", now=now)
    return program.client_id, secret
