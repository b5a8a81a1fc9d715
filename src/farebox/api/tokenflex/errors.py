"""The bodies of errors on the compatible API: capitalised keys of its own, and the gateway's for sign-in."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from django.conf import settings
from django.http import HttpResponse

from farebox.domain.errors import FareboxError, NotFound, Rejected

INVALID_CONTRACT = "Invalid contract or access level"


def bad_request(error: FareboxError) -> HttpResponse:
    """Return 400 with every problem, or 403 for a contract that is not there or not the asker's (T2)."""
    if isinstance(error, NotFound):
        return _body(HTTPStatus.FORBIDDEN, "ForbiddenError", INVALID_CONTRACT, [])
    problems = error.problems if isinstance(error, Rejected) else ()
    listed = [problem._asdict() for problem in problems]
    return _body(HTTPStatus.BAD_REQUEST, "BadRequestError", "Invalid request", listed)


def timed_out() -> HttpResponse:
    """Return 400 for a question that ran for longer than a question may."""
    return _body(HTTPStatus.BAD_REQUEST, "BadRequestError", "The query ran for too long; ask for less", [])


def wrong_method(allowed: str) -> HttpResponse:
    """Return 405 and say which method is meant."""
    answer = _body(HTTPStatus.METHOD_NOT_ALLOWED, "MethodNotAllowedError", f"Use {allowed}", [])
    answer["Allow"] = allowed
    return answer


def not_signed_in(code: str, message: str, status: HTTPStatus = HTTPStatus.UNAUTHORIZED) -> HttpResponse:
    """Return the gateway's body for a token that is missing (AUTH-012), invalid (AUTH-006) or too weak (AUTH-010)."""
    body = {
        "developerMessage": message,
        "userMessage": "",
        "errorCode": code,
        "more info": f"{settings.BASE_URL}/settings",
    }
    headers = {"WWW-Authenticate": 'Bearer realm="tokenflex"'}
    return HttpResponse(msgspec.json.encode(body), status=status, content_type="application/json", headers=headers)


def _body(status: HTTPStatus, code: str, message: str, problems: list[dict[str, str]]) -> HttpResponse:
    body = {"Code": code, "Message": f"{code}: {message}"} | ({"problems": problems} if problems else {})
    return HttpResponse(msgspec.json.encode(body), status=status, content_type="application/json")
