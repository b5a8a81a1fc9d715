"""What is answered when a request fails for no fault of its own: a disk that is full or fails, or a bug of ours."""

from __future__ import annotations

import sys
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from farebox.api import errors
from farebox.domain.errors import Busy, FareboxError, Unavailable
from farebox.services.ready import refusal_of

UNEXPECTED = "something went wrong here that should not; it has been logged"


def failed(request: HttpRequest) -> HttpResponse:
    """Answer for an error that no view expected: 503 or 507 for records in trouble, else 500, without a detail."""
    error = sys.exc_info()[1]
    refusal = error if isinstance(error, Busy | Unavailable) else refusal_of(error)
    if request.accepts("text/html") and "text/html" in request.headers.get("Accept", ""):
        return _as_text(refusal)
    if refusal is not None:
        return errors.refused(refusal)
    return errors.problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", UNEXPECTED)


def _as_text(refusal: FareboxError | None) -> HttpResponse:
    """Say it to a person, without a template: those read the records."""
    status = errors.STATUS[type(refusal)] if refusal is not None else HTTPStatus.INTERNAL_SERVER_ERROR
    return HttpResponse(f"{refusal or UNEXPECTED}\n", status=status, content_type="text/plain; charset=utf-8")
