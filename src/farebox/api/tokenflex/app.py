"""
The compatible usage API as one object: its endpoints, who may call them, and how every refusal is answered.

Every endpoint is declared once, in the modules that `endpoints` lists; addresses, checks and the OpenAPI document
follow from the declarations.
"""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from ninja.errors import HttpError, ValidationError

from farebox.api.declared import ExactRenderer, StrictParser, misformed, unread
from farebox.api.documents import DescribedAPI
from farebox.api.tokenflex import errors
from farebox.api.tokenflex.asker import Asker, NotSignedIn, reads
from farebox.domain.errors import FareboxError


class AskedRequest(HttpRequest):
    """A request as endpoints get it: `auth` is who asks."""

    auth: Asker


api = DescribedAPI(
    title="Farebox usage data API",
    version="1",
    description="Usage of contracts paid for with tokens: metadata, queries, exports and schedules.",
    docs_url=None,
    auth=reads,
    parser=StrictParser(),
    renderer=ExactRenderer(),
    urls_namespace="tokenflex",
)


@api.exception_handler(NotSignedIn)
def _not_signed_in(request: HttpRequest, error: NotSignedIn) -> HttpResponse:
    return errors.not_signed_in(error.number, str(error), error.status)


@api.exception_handler(FareboxError)
def _refused(request: HttpRequest, error: FareboxError) -> HttpResponse:
    return errors.refusal(error)


@api.exception_handler(TimeoutError)
def _timed_out(request: HttpRequest, error: TimeoutError) -> HttpResponse:
    return errors.timed_out()


@api.exception_handler(ValidationError)
def _misformed(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return errors.bad_request(misformed(error))


@api.exception_handler(HttpError)
@api.exception_handler(RequestDataTooBig)
def _unread(request: HttpRequest, error: HttpError | RequestDataTooBig) -> HttpResponse:
    return errors.refusal(unread(error))
