"""How tests read the usage API: an administrator with a personal token, who gets addresses and reads JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.test import Client
from tests.api.sending import Answer
from tests.world import message, stamp

from farebox.domain.rights import Role
from farebox.records.models import Team, User
from farebox.services import catalogue, tokens
from farebox.wallclock import now


@dataclass(frozen=True)
class Reader:
    """Somebody with a personal token."""

    client: Client
    user: User
    token: str

    def get(self, path: str, asked: Mapping[str, str] | None = None, *, token: str | None = None) -> Answer:
        """Get an address below the API's root and read what comes back."""
        got = self.raw(path, asked, token=token)
        return Answer(got.status_code, dict(got.headers), json.loads(got.content))

    def raw(self, path: str, asked: Mapping[str, str] | None = None, *, token: str | None = None) -> Any:
        """Get an address and return the response as it is."""
        given = self.token if token is None else token
        headers = {"Authorization": f"Bearer {given}"} if given else {}
        return self.client.get(path if path.startswith("/") else f"/tokenflex/v1/{path}", asked or {}, headers=headers)

    def body(self, path: str, asked: Mapping[str, str] | None = None) -> Any:
        """Get an address that answers, and return its body."""
        answer = self.get(path, asked)
        assert answer.status == 200, answer.body
        return answer.body

    def problems(self, path: str, asked: Mapping[str, str] | None = None) -> list[str]:
        """Get an address that refuses, and return its problems as "pointer code"."""
        answer = self.get(path, asked)
        assert answer.status == 400, answer.body
        assert answer.body["Message"] == "BadRequestError: Invalid request"
        return [f"{problem['pointer']} {problem['code']}" for problem in answer.body["problems"]]

    def rows(self, number: str, question: Mapping[str, object]) -> list[list[Any]]:
        """Ask a question and return all its rows."""
        got = self.client.post(
            f"/tokenflex/v1/usage/{number}/query?limit=10000",
            json.dumps(question),
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.token}"},
        )
        assert got.status_code == 200, got.content
        rows: list[list[Any]] = got.json()["result"]["rows"]
        return rows


def reader_of(client: Client, *teams: Team, role: Role = Role.PRIMARY, email: str = "boss@example.com") -> Reader:
    """Return a new member of some teams."""
    roles = dict.fromkeys(teams, role)
    user = catalogue.add_account(email, "correct horse battery", "Boss", roles=roles, now=now())
    return Reader(client, user, tokens.make(user, name="script", days=30, now=now())[1])


def a_job(name: str, submitted: str, who: str, **data: object) -> bytes:
    """Write a translation that was done for somebody."""
    body = {"product": "TRANSLATE", "status": "success", "submitted": stamp(submitted), "class": "complex", **data}
    return message("farebox.job", name, body, time=submitted, subject=who)
