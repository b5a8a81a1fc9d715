"""The bodies of errors on the compatible API: capitalised keys of its own, and the gateway's for sign-in."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from django.conf import settings
from django.http import HttpResponse

from farebox.api.errors import refused
from farebox.domain.errors import Busy, FareboxError, NotFound, QuotaExceeded, Rejected, Unavailable

INVALID_CONTRACT = "Invalid contract or access level"


def bad_request(error: FareboxError) -> HttpResponse:
    """Return 400 with every problem, or 403 for a contract that is not there or not the asker's (T2)."""
    if isinstance(error, NotFound):
        return _body(HTTPStatus.FORBIDDEN, "ForbiddenError", INVALID_CONTRACT, [])
    problems = error.problems if isinstance(error, Rejected) else ()
    listed = [problem._asdict() for problem in problems]
    return _body(HTTPStatus.BAD_REQUEST, "BadRequestError", "Invalid request", listed)


def refusal(error: FareboxError) -> HttpResponse:
    """Return what a refusal is answered with: trouble of ours as a problem document, a quota as the gateway's body."""
    match error:
        case Busy() | Unavailable():
            return refused(error)
        case QuotaExceeded():
            return over_quota(error.retry_seconds)
        case _:
            return bad_request(error)


def over_quota(retry_seconds: int) -> HttpResponse:
    """Return 429 in the gateway's words, and after how many seconds to ask again (usage-api 1.2)."""
    return HttpResponse(
        msgspec.json.encode({"developerMessage": "Quota limit exceeded."}),
        status=HTTPStatus.TOO_MANY_REQUESTS,
        content_type="application/json",
        headers={"Retry-After": str(retry_seconds)},
    )


def timed_out() -> HttpResponse:
    """Return 400 for a question that ran for longer than a question may."""
    return _body(HTTPStatus.BAD_REQUEST, "BadRequestError", "The query ran for too long; ask for less", [])


def not_found() -> HttpResponse:
    """Return 404 for an address below the API that leads nowhere."""
    return _body(HTTPStatus.NOT_FOUND, "NotFoundError", "There is no such address", [])


def wrong_method(allowed: str) -> HttpResponse:
    """Return 405 and say which method is meant."""
    answer = _body(HTTPStatus.METHOD_NOT_ALLOWED, "MethodNotAllowedError", f"Use {allowed}", [])
    answer["Allow"] = allowed
    return answer


def not_signed_in(code: str, message: str, status: HTTPStatus = HTTPStatus.UNAUTHORIZED) -> HttpResponse:
    """Return the gateway's body for a token that is missing (AUTH-012), invalid (AUTH-006) or too weak (AUTH-010)."""
    body = told(code, message)
    headers = {"WWW-Authenticate": 'Bearer realm="tokenflex"'}
    return HttpResponse(msgspec.json.encode(body), status=status, content_type="application/json", headers=headers)


def told(code: str, message: str) -> dict[str, str]:
    """Return the gateway's members; one of their names has a space in it (usage-api 1.2)."""
    more = f"{settings.BASE_URL}/settings"
    return {"developerMessage": message, "userMessage": "", "errorCode": code, "more info": more}


def _body(status: HTTPStatus, code: str, message: str, problems: list[dict[str, str]]) -> HttpResponse:
    body = {"Code": code, "Message": f"{code}: {message}"} | ({"problems": problems} if problems else {})
    return HttpResponse(msgspec.json.encode(body), status=status, content_type="application/json")
