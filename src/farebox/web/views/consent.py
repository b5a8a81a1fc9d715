"""
The page on which a person lets a program ask on their behalf, for one of their teams (usage-api 1.1).

It asks every time: a program that wants to go on by itself refreshes. The programs that are sent back to get an answer
in the address, and its form may lead nowhere but there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from oauth2_provider.exceptions import FatalClientError, OAuthToolkitError
from oauth2_provider.http import OAuth2ResponseRedirect
from oauth2_provider.oauth2_backends import get_oauthlib_core

from farebox.services.oauth import clients, consents, refusals
from farebox.wallclock import now
from farebox.web.fresh import is_fresh, prove_again
from farebox.web.middleware import CONTENT_SECURITY_POLICY

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
"""What the S256 challenge of PKCE looks like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a program asks for: checked against its registration."""

    program: Any
    scopes: list[str]
    credentials: dict[str, Any]
    teams: list[Any]

    @property
    def returns_to(self) -> str:
        """The address that the person is sent back to."""
        return str(self.credentials["redirect_uri"])

    @property
    def origin(self) -> str:
        """The site of that address."""
        parts = urlsplit(self.returns_to)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def form_target(self) -> str:
        """That site as a content policy can name it: it has no way to write an address of IPv6."""
        return f"{urlsplit(self.returns_to).scheme}:" if "[" in self.origin else self.origin


@require_http_methods(["GET", "POST"])
@login_required
def authorize(request: HttpRequest) -> HttpResponse:
    """Ask a person, and send them back to the program with the answer."""
    try:
        scopes, credentials = get_oauthlib_core().validate_authorization_request(request)
    except FatalClientError:
        return _no_program(request)
    except OAuthToolkitError as error:
        return _back(error.oauthlib_error.redirect_uri, error.oauthlib_error)
    program = clients.named(credentials["client_id"])
    asked = Asked(
        program=program, scopes=scopes, credentials=credentials, teams=consents.teams_for(_person(request), program)
    )
    refused = _refused(request, asked)
    if refused is not None:
        return refused
    return _decided(request, asked) if request.method == "POST" else _ask(request, asked)


def older(request: HttpRequest) -> HttpResponse:
    """Ask at the address of the older version, while the compatibility switch is on."""
    if not settings.OAUTH_COMPATIBILITY:
        raise Http404
    return authorize(request)


def _person(request: HttpRequest) -> Any:
    return request.user


def _refused(request: HttpRequest, asked: Asked) -> HttpResponse | None:
    """Return the answer to a request that a person need not, or cannot, be asked about."""
    prompts = request.GET.get("prompt", "").split()
    challenge = asked.credentials.get("code_challenge")
    if challenge is not None:
        is_good = asked.credentials.get("code_challenge_method") == "S256" and _CHALLENGE.fullmatch(challenge)
        if not is_good:
            return _error(asked, "invalid_request", "code_challenge_method is S256.")
    if "none" in prompts:
        return _error(asked, "consent_required", "The person is asked every time.")
    if not asked.teams and asked.program.team_id is not None:
        return _no_program(request)
    if not asked.teams:
        return render(request, "consent_none.html", status=HTTPStatus.FORBIDDEN)
    if "login" in prompts and not is_fresh(request):
        return prove_again(request, request.get_full_path())
    return None


def _ask(request: HttpRequest, asked: Asked, *, problem: str = "", status: int = HTTPStatus.OK) -> HttpResponse:
    shown = {
        "asked": asked,
        "program": asked.program,
        "writes": "data:write" in asked.scopes,
        "reads": "data:read" in asked.scopes,
        "problem": problem,
    }
    response = render(request, "consent.html", shown, status=status)
    policy = CONTENT_SECURITY_POLICY.replace("form-action 'self'", f"form-action 'self' {asked.form_target}")
    response["Content-Security-Policy"] = policy
    return response


def _decided(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Carry out what the person decided."""
    if request.POST.get("answer") != "allow":
        return _error(asked, "access_denied", "The person said no.")
    chosen = [team for team in asked.teams if str(team.pk) == request.POST.get("team", "")]
    if len(asked.teams) > 1 and not chosen:
        return _ask(request, asked, problem=_("Choose a team."), status=HTTPStatus.BAD_REQUEST)
    team = chosen[0] if chosen else asked.teams[0]
    bound = consents.grant(_person(request), asked.program, team, asked.scopes, now=now())
    credentials = asked.credentials | {"bound": bound}
    try:
        address, *_rest = get_oauthlib_core().create_authorization_response(
            request, scopes=asked.scopes, credentials=credentials, allow=True
        )
    except OAuthToolkitError as error:
        return _back(asked.returns_to, error.oauthlib_error)
    return _redirect(address)


def _error(asked: Asked, code: str, description: str) -> HttpResponse:
    told = {"error": code, "error_description": description, "state": asked.credentials.get("state")}
    in_fragment = asked.credentials["response_type"] == "token"
    return _send(asked.returns_to, {name: value for name, value in told.items() if value}, in_fragment=in_fragment)


def _back(address: str, error: Any) -> HttpResponse:
    return _send(address, refusals.said(dict(error.twotuples)), in_fragment=error.response_type == "token")


def _send(address: str, told: dict[str, str], *, in_fragment: bool) -> HttpResponse:
    """Send a person back with an error, and with who says so (RFC 9207)."""
    text = urlencode(told | {"iss": settings.BASE_URL})
    mark = "#" if in_fragment else "&" if "?" in address else "?"
    return _redirect(f"{address}{mark}{text}")


def _redirect(address: str) -> HttpResponse:
    leaving: HttpResponse = OAuth2ResponseRedirect(address, ["http", "https"])
    return leaving


def _no_program(request: HttpRequest) -> HttpResponse:
    """Say that nobody can be sent back, because nobody knows to whom (RFC 6749, 4.1.2.1)."""
    return render(request, "consent_unknown.html", status=HTTPStatus.BAD_REQUEST)
