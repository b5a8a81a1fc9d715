"""A program in which people sign in, as tests play it: the browser at the page of consent, and the calls behind it."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.http import HttpResponse
from django.test import Client
from tests.world import World

from farebox.domain.rights import Role
from farebox.records.models import Membership, Team, User
from farebox.services.oauth import clients
from farebox.wallclock import now

RETURNS = "https://app.example.com/callback"
AUTHORIZE, TOKEN = "/authentication/v2/authorize", "/authentication/v2/token"
VERIFIER = "a-verifier-of-forty-three-characters-or-more-1234"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
BOTH = "data:read data:write"


def person(address: str, roles: dict[Team, Role], name: str = "Ann Example") -> User:
    """Make an account with roles in teams."""
    user = User.objects.create(email=address, name=name, created_us=now())
    Membership.objects.bulk_create(Membership(team=team, user=user, role=role) for team, role in roles.items())
    return user


@dataclass
class Program:
    """A registered program, and somebody who lets it in."""

    world: World
    user: User
    redirects: tuple[str, ...] = (RETURNS,)
    more: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Register it, and sign the person in."""
        new = clients.NewClient(name="Report", redirects=self.redirects, **{"writes": True, **self.more})
        self.row, self.secret = clients.register(new, actor="test", now=now())
        self.id: str = self.row.client_id
        self.browser = Client()
        self.browser.force_login(self.user)
        self.api = Client()

    def address(self, path: str = AUTHORIZE, **asked: str) -> str:
        """Return the address at which the person is asked."""
        usual = {"client_id": self.id, "redirect_uri": self.redirects[0], "response_type": "code", "scope": BOTH}
        return f"{path}?{urlencode({name: value for name, value in (usual | asked).items() if value})}"

    def ask(self, path: str = AUTHORIZE, **asked: str) -> HttpResponse:
        """Open the page of consent."""
        return self.browser.get(self.address(path, **asked))  # type: ignore[return-value]

    def answered(
        self, answer: str = "allow", team: Team | None = None, path: str = AUTHORIZE, **asked: str
    ) -> HttpResponse:
        """Answer on the page of consent."""
        chosen = {"answer": answer} | ({"team": str(team.pk)} if team else {})
        return self.browser.post(self.address(path, **asked), chosen)  # type: ignore[return-value]

    def code(self, team: Team | None = None, **asked: str) -> str:
        """Let the program in, and return the code that it gets."""
        return returned(self.answered(team=team or self.world.flex, **asked))["code"]

    def tokens(self, team: Team | None = None, **asked: str) -> dict[str, Any]:
        """Let the program in, and exchange the code."""
        given = self.exchange(self.code(team, **asked))
        assert given.status_code == 200, given.content
        read: dict[str, Any] = json.loads(given.content)
        return read

    def exchange(self, code: str, **more: str) -> HttpResponse:
        """Exchange a code for tokens, with the secret in the body."""
        return self.send(grant_type="authorization_code", code=code, redirect_uri=self.redirects[0], **more)

    def refresh(self, token: str, **more: str) -> HttpResponse:
        """Exchange a refresh token."""
        return self.send(grant_type="refresh_token", refresh_token=token, **more)

    def send(self, path: str = TOKEN, **form: str) -> HttpResponse:
        """Post a form with the program's secret in it; an empty value leaves a parameter out."""
        proven = {"client_id": self.id, "client_secret": self.secret} | form
        kept = {name: value for name, value in proven.items() if value}
        return self.post(path, kept)

    def post(self, path: str, form: dict[str, str], **headers: str) -> HttpResponse:
        """Post a form as it is."""
        kind = "application/x-www-form-urlencoded"
        return self.api.post(path, urlencode(form), content_type=kind, headers=headers)  # type: ignore[return-value]

    def contracts(self, token: str) -> HttpResponse:
        """Ask for the contracts, with an access token."""
        address = "/tokenflex/v1/contract"
        return self.api.get(address, headers={"Authorization": f"Bearer {token}"})  # type: ignore[return-value]

    def numbers(self, token: str) -> list[str]:
        """Return the numbers of the contracts that a token opens."""
        found = self.contracts(token)
        assert found.status_code == 200, found.content
        return [one["contractNumber"] for one in json.loads(found.content)]


def returned(response: HttpResponse) -> dict[str, str]:
    """Return what an address that people are sent back to tells the program, in its query or its fragment."""
    assert response.status_code == 302, response.content
    return address_of(response["Location"])


def address_of(text: str) -> dict[str, str]:
    """Return the parameters of an address, of its fragment if it has one."""
    parts = urlsplit(text)
    return {name: values[0] for name, values in parse_qs(parts.fragment or parts.query).items()}


def basic(client: str, secret: str) -> str:
    """Return the header of a program that proves itself with HTTP Basic."""
    return "Basic " + base64.b64encode(f"{client}:{secret}".encode()).decode()


def body(response: HttpResponse) -> dict[str, Any]:
    """Read a JSON body."""
    read: dict[str, Any] = json.loads(response.content)
    return read
