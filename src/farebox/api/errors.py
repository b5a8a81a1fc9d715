"""
Errors to HTTP, in one module: each refusal of `farebox.domain.errors` has one status and lists every problem.

Everywhere but on the compatible usage API the body is a problem document (RFC 9457) with our `code` and `problems`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse

from farebox.domain.errors import (
    Busy,
    Conflict,
    FareboxError,
    Forbidden,
    InvalidAmount,
    InvalidTime,
    NaiveTime,
    NotFound,
    Problem,
    QueryRejected,
    Rejected,
    StorageFull,
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
    Conflict: HTTPStatus.CONFLICT,
    Busy: HTTPStatus.SERVICE_UNAVAILABLE,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    StorageFull: HTTPStatus.INSUFFICIENT_STORAGE,
}
"""The status of each refusal; a test proves that every error has one."""

RETRY_SECONDS: Mapping[type[FareboxError], int] = {Busy: 1, Unavailable: 5, StorageFull: 30}
"""After how long a refusal that passes may be tried again."""


RETRY_SECONDS = 1
"""When a request that others kept from finishing may be sent again."""

log = structlog.get_logger()


class RecordsUnreachable:
    """Answer 503 where the records cannot be read or written now: whoever asks may ask again (invariant I1)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer as the rest does."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the problem document for a database that is lost, full or too busy; nothing of it was answered 2xx."""
        if not isinstance(exception, OperationalError | InterfaceError):
            return None
        log.error("records unreachable", path=request.path, error=type(exception.__cause__ or exception).__name__)
        return refused(Busy("the records cannot be reached now; send it again"))


def refused(error: FareboxError) -> HttpResponse:
    """Return the problem document of a refusal."""
    problems = error.problems if isinstance(error, Rejected) else ()
    status = STATUS[type(error)]
    headers = {"Retry-After": str(RETRY_SECONDS)} if status is HTTPStatus.SERVICE_UNAVAILABLE else None
    return problem(status, error.code, str(error), problems, headers)


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
