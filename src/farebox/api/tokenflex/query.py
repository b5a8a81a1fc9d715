"""`POST /tokenflex/v1/usage/{contract}/query`: a question in fields, metrics and a where clause, answered inline."""

from __future__ import annotations

import hashlib
from http import HTTPStatus

import msgspec
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.views.decorators.csrf import csrf_exempt

from farebox.api.bodies import Unreadable, read_body
from farebox.api.tokenflex import errors
from farebox.domain.clock import as_iso
from farebox.domain.errors import FareboxError, Problem, QueryRejected, Rejected
from farebox.query.plan import Question, make_plan
from farebox.services import report, tokens
from farebox.services.ingest.strict import read_strictly
from farebox.wallclock import now

ROWS_MAX = 10_000
"""Rows that one answer carries inline; more come with `offset`."""

MEMBERS = ("fields", "metrics", "usageCategory", "where")
"""The members of a query's body, by the names of the published API."""
STRANGERS_MAX = 50
"""How many members that mean nothing are listed."""

_ANSWER = msgspec.json.Encoder(decimal_format="number")


@csrf_exempt  # a bearer token needs no such proof; a session gives it below
def query(request: HttpRequest, number: str) -> HttpResponse:
    """Answer a usage query of a signed-in administrator or their personal token."""
    user = _asker(request)
    if isinstance(user, HttpResponse):
        return user
    if request.method != "POST":
        return errors.wrong_method("POST")
    try:
        contract = report.contract_of(user, number)
        offset, limit, problems = _page(request)
        question = _question(request, problems)
        if problems:
            raise Rejected([*problems, *_further(question, contract, problems)])
        found = report.answer(question, contract, offset=offset, limit=limit)
    except TimeoutError:
        return errors.timed_out()
    except FareboxError as error:
        return errors.bad_request(error)
    return _answer(number, question, found, offset, limit)


def _asker(request: HttpRequest) -> AbstractBaseUser | HttpResponse:
    """Return who asks: by token, or by session with the proof that the request comes from our own page."""
    header = request.headers.get("Authorization", "")
    if header:
        scheme, _, secret = header.partition(" ")
        found = tokens.bearer(secret.strip(), now=now()) if scheme.lower() == "bearer" else None
        if found is None:
            return errors.not_signed_in("AUTH-006", "The token is not valid.")
        if "data:read" not in found[1]:
            return errors.not_signed_in("AUTH-010", "The token lacks the scope data:read.", HTTPStatus.FORBIDDEN)
        return found[0]
    if isinstance(request.user, AbstractBaseUser):
        refused = CsrfViewMiddleware(lambda _: HttpResponse()).process_view(request, _unprotected, (), {})
        return request.user if refused is None else errors.not_signed_in("AUTH-012", "The request needs a CSRF token.")
    return errors.not_signed_in("AUTH-012", "The Authorization header is missing.")


def _unprotected(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def _question(request: HttpRequest, problems: list[Problem]) -> Question:
    """Return what is asked, as far as it can be read, and note what cannot."""
    if request.content_type != "application/json":
        problems.append(Problem("", "unknown_media_type", "send application/json"))
    try:
        body, faults = read_strictly(read_body(request))
    except Unreadable as error:
        raise Rejected([*problems, Problem("", error.code, str(error))]) from error
    problems += faults
    if not isinstance(body, dict):
        raise Rejected(problems or [Problem("", "not_an_object", "a query is a JSON object")])
    for name in [name for name in body if name not in MEMBERS][:STRANGERS_MAX]:
        message = f"no member {name[:60]!r}; known are {', '.join(MEMBERS)}"
        problems.append(Problem(f"/{name[:60]}", "unknown_field", message))
    fields, metrics, categories = (_names(body, name, problems) for name in MEMBERS[:3])
    where = body.get("where", "")
    if not isinstance(where, str):
        problems.append(Problem("/where", "invalid_value", "where is a text"))
    text = where if isinstance(where, str) else ""
    return Question(fields=fields, metrics=metrics, usage_categories=categories, where=text)


def _names(body: dict[str, object], name: str, problems: list[Problem]) -> tuple[str, ...]:
    """Return the names that a member lists; what is no text stands as an empty one."""
    listed = body.get(name, [])
    if not isinstance(listed, list):
        problems.append(Problem(f"/{name}", "invalid_value", f"{name} is a list of names"))
        return ()
    wrong = [nth for nth, one in enumerate(listed) if not isinstance(one, str)]
    problems += [Problem(f"/{name}/{nth}", "invalid_value", "a name is a text") for nth in wrong[:STRANGERS_MAX]]
    return tuple(one if isinstance(one, str) else "" for one in listed)


def _further(question: Question, contract: report.Readable, problems: list[Problem]) -> list[Problem]:
    """Return what the question itself has wrong, beside what its form has."""
    blamed = {problem.pointer for problem in problems}
    try:
        make_plan(question, contract.asker, lenient=True)
    except QueryRejected as error:
        return [problem for problem in error.problems if problem.pointer not in blamed and problem.pointer]
    return []


def _page(request: HttpRequest) -> tuple[int, int, list[Problem]]:
    problems: list[Problem] = []
    offset = _whole(request, "offset", 0, problems)
    limit = _whole(request, "limit", ROWS_MAX, problems)
    if limit > ROWS_MAX:
        problems.append(Problem("/limit", "out_of_range", f"at most {ROWS_MAX} rows"))
    return offset, limit, problems


def _whole(request: HttpRequest, name: str, default: int, problems: list[Problem]) -> int:
    text = request.GET.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        problems.append(Problem(f"/{name}", "invalid_value", f"{name} is a whole number from 0"))
        return default
    return int(text)


def _answer(number: str, question: Question, found: report.Table, offset: int, limit: int) -> HttpResponse:
    digest = hashlib.sha224(repr((number, question, found.position)).encode()).hexdigest()
    body = {
        "status": "DONE",
        "id": digest,
        "detail_uri": f"/tokenflex/v1/usage/{number}/query/{digest}",
        "dataAsOf": as_iso(found.as_of) if found.position else None,
        "result": {
            "columns": found.columns,
            "rows": found.rows,
            "total": found.total,
            "offset": offset,
            "limit": limit,
        },
    }
    return HttpResponse(_ANSWER.encode(body), content_type="application/json")
