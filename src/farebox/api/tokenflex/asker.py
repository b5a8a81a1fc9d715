"""
Who asks: the bearer of a token, or somebody signed in to the pages with the proof that our own page sent the request.

What a request may do is the least of three: the scopes of the token, the team that the token is bound to, and the
role that the person has at this moment (quality: authorization matrix). The last two are `contracts`' business.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import NamedTuple

from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from ninja.security import HttpBearer

from farebox.api import rate
from farebox.domain.errors import FareboxError
from farebox.services import report, tokens
from farebox.services.oauth import bearers
from farebox.services.report import Readable
from farebox.wallclock import now

READ, WRITE = "data:read", "data:write"


class Asker(NamedTuple):
    """Who asks, in which team's name if the token is bound to one, and by whose program."""

    user: AbstractBaseUser
    team: int | None = None
    client: str = ""

    def contract(self, number: str) -> Readable:
        """Return a contract that may be asked about. Raises `NotFound` for any other, existing or not (T2)."""
        return report.contract_of(self.user, number, team=self.team)

    def contracts(self) -> list[Readable]:
        """Return every contract that may be asked about."""
        return report.contracts_of(self.user, team=self.team)


class NotSignedIn(FareboxError):
    """A token that is missing (AUTH-012), invalid (AUTH-006), or too weak (AUTH-010)."""

    code = "not_signed_in"

    def __init__(self, number: str, message: str, status: HTTPStatus = HTTPStatus.UNAUTHORIZED) -> None:
        self.number = number
        self.status = status
        super().__init__(message)


class Bearing(HttpBearer):
    """Lets in who bears the scope that an endpoint needs."""

    def __init__(self, scope: str) -> None:
        self.scope = scope
        super().__init__()

    def __call__(self, request: HttpRequest) -> Asker:
        """Return who asks, and count it. Raises `NotSignedIn`, `QuotaExceeded`."""
        asker = asker_of(request, self.scope)
        rate.admit(asker.user.pk)
        return asker

    def authenticate(self, request: HttpRequest, token: str) -> Asker:
        """Return who asks. Raises `NotSignedIn`."""
        return asker_of(request, self.scope)


reads, writes = Bearing(READ), Bearing(WRITE)


def asker_of(request: HttpRequest, scope: str) -> Asker:
    """Return who asks and may do what `scope` names. Raises `NotSignedIn`."""
    header = request.headers.get("Authorization", "")
    if header:
        return _bearer(request, header, scope)
    if not isinstance(request.user, AbstractBaseUser):
        raise NotSignedIn("AUTH-012", "The Authorization header is missing.")
    if CsrfViewMiddleware(lambda _: HttpResponse()).process_view(request, _unprotected, (), {}) is not None:
        raise NotSignedIn("AUTH-012", "The request needs a CSRF token.")
    return Asker(request.user)


def _bearer(request: HttpRequest, header: str, scope: str) -> Asker:
    scheme, _, secret = header.partition(" ")
    found = borne(secret.strip()) if scheme.lower() == "bearer" else None
    if found is None:
        raise NotSignedIn("AUTH-006", "The token is not valid.")
    asker, scopes = found
    request.asked_by = (asker.user.pk, asker.team, asker.client)  # type: ignore[attr-defined]  # for the audit log
    if scope not in scopes:
        raise NotSignedIn("AUTH-010", f"The token lacks the scope {scope}.", HTTPStatus.FORBIDDEN)
    return asker


def borne(secret: str) -> tuple[Asker, frozenset[str]] | None:
    """Return whom a personal token or a program's access token stands for, and its scopes."""
    at = now()
    own = tokens.bearer(secret, now=at)
    if own is not None:
        return Asker(own[0]), own[1]
    found = bearers.bearer(secret, now=at)
    return None if found is None else (Asker(found.user, found.team, found.client), found.scopes)


def _unprotected(request: HttpRequest) -> HttpResponse:
    return HttpResponse()
