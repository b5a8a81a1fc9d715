"""
Errors to HTTP, in one module: each refusal of `farebox.domain.errors` has one status and lists every problem.

Everywhere but on the compatible usage API the body is a problem document (RFC 9457) with our `code` and `problems`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from django.http import HttpResponse, JsonResponse

from farebox.domain.errors import (
    Apart,
    Busy,
    Conflict,
    FareboxError,
    Forbidden,
    InvalidAmount,
    InvalidTime,
    KeyReused,
    NaiveTime,
    NotFound,
    Problem,
    QueryRejected,
    QuotaExceeded,
    Rejected,
    StorageFull,
    Taken,
    Unavailable,
)

STATUS: Mapping[type[FareboxError], HTTPStatus] = {
    FareboxError: HTTPStatus.BAD_REQUEST,
    InvalidAmount: HTTPStatus.BAD_REQUEST,
    InvalidTime: HTTPStatus.BAD_REQUEST,
    NaiveTime: HTTPStatus.BAD_REQUEST,
    Rejected: HTTPStatus.BAD_REQUEST,
    QueryRejected: HTTPStatus.BAD_REQUEST,
    NotFound: HTTPStatus.NOT_FOUND,
    Forbidden: HTTPStatus.FORBIDDEN,
    Apart: HTTPStatus.FORBIDDEN,
    Conflict: HTTPStatus.CONFLICT,
    KeyReused: HTTPStatus.CONFLICT,
    Taken: HTTPStatus.CONFLICT,
    QuotaExceeded: HTTPStatus.TOO_MANY_REQUESTS,
    Busy: HTTPStatus.SERVICE_UNAVAILABLE,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    StorageFull: HTTPStatus.INSUFFICIENT_STORAGE,
}
"""The status of each refusal; a test proves that every error has one."""

RETRY_SECONDS: Mapping[type[FareboxError], int] = {Busy: 1, Unavailable: 5, StorageFull: 30}
"""After how long a refusal that passes may be tried again."""


def refused(error: FareboxError) -> HttpResponse:
    """Return the problem document of a refusal."""
    problems = error.problems if isinstance(error, Rejected) else ()
    later = error.retry_seconds if isinstance(error, QuotaExceeded) else RETRY_SECONDS.get(type(error))
    headers = {"Retry-After": str(later)} if later else None
    return problem(STATUS[type(error)], error.code, str(error), problems, headers)


def problem(
    status: HTTPStatus,
    code: str,
    detail: str,
    problems: Sequence[Problem] = (),
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return a problem document (RFC 9457): stable `code`, a sentence, and every problem with its pointer."""
    body: dict[str, object] = {"title": status.phrase, "status": status.value, "code": code, "detail": detail}
    if problems:
        body["problems"] = [p._asdict() for p in problems]
    return JsonResponse(body, status=status, content_type="application/problem+json", headers=headers)


def unauthorised(detail: str, *, realm: str) -> HttpResponse:
    """Return the answer to a request whose key is missing or wrong; it does not say which."""
    challenge = {"WWW-Authenticate": f'Bearer realm="{realm}"'}
    return problem(HTTPStatus.UNAUTHORIZED, "unauthorised", detail, headers=challenge)
