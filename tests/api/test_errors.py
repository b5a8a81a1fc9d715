"""Refusals to HTTP: each has a status, and every answer carries what makes it safe to show."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from django.test import Client
from tests.api.sending import Sender, an_event

from farebox.api import errors
from farebox.domain import errors as domain
from farebox.domain.errors import FareboxError, Problem, Rejected


def below(kind: type[FareboxError]) -> Iterator[type[FareboxError]]:
    """Yield an error of the domain and all below it."""
    yield kind
    for child in kind.__subclasses__():
        if child.__module__ == domain.__name__:
            yield from below(child)


def test_every_error_has_a_status() -> None:
    """No refusal of the domain is left without a status, and no status without a refusal."""
    assert set(below(FareboxError)) == set(errors.STATUS)
    assert all(400 <= status < 600 for status in errors.STATUS.values())


@pytest.mark.parametrize("kind", [kind for kind in errors.STATUS if not issubclass(kind, Rejected)])
def test_a_refusal_is_a_problem_document(kind: type[FareboxError]) -> None:
    """Status, stable code and sentence; no list where there is nothing to list (RFC 9457)."""
    answer = errors.refused(kind("because"))

    assert answer.status_code == errors.STATUS[kind]
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = json.loads(answer.content)
    assert (body["status"], body["code"], body["detail"]) == (answer.status_code, kind.code, "because")
    assert "problems" not in body


def test_a_rejection_lists_every_problem() -> None:
    """The problems of the refusal are those of the answer, in the same order."""
    problems = [Problem("/b", "one", "first"), Problem("/a", "two", "second")]

    body = json.loads(errors.refused(Rejected(problems)).content)

    assert body["problems"] == [
        {"pointer": "/b", "code": "one", "message": "first"},
        {"pointer": "/a", "code": "two", "message": "second"},
    ]


def test_answers_may_not_be_kept_sniffed_or_framed(sender: Sender) -> None:
    """Good answers and refusals carry the same headers."""
    for answer in (sender.post(an_event()), sender.post({}), sender.post(b"", key="x")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path", ["/v1/events/", "/V1/events", "/v1//events", "/v1/./events", "/v1/events;x=1", "/%76%31/events/x"]
)
def test_other_spellings_of_the_address_lead_nowhere(client: Client, db: None, path: str) -> None:
    """There is one address; a header that names another, or another method, changes nothing."""
    headers = {"X-Original-URL": "/v1/events", "X-HTTP-Method-Override": "POST"}

    assert client.post(path, "{}", content_type="application/json", headers=headers).status_code == 404
    assert client.get("/v1/events", headers=headers).status_code == 405
