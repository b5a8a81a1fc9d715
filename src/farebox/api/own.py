"""
The API that is Farebox's own, beside events and authorisations: declared endpoints under `/v1`.

The same people may call it with the same tokens as the compatible usage API; its refusals are problem documents.
"""

from __future__ import annotations

from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from ninja.errors import HttpError, ValidationError

from farebox.api import catalogue, enrichment, errors
from farebox.api.declared import ExactRenderer, StrictParser, misformed, unread
from farebox.api.documents import DescribedAPI
from farebox.api.tokenflex.asker import NotSignedIn, reads
from farebox.domain.errors import FareboxError

api = DescribedAPI(
    title="Farebox API",
    version="1",
    description="What can be asked, and charge-back values of people.",
    docs_url=None,
    auth=reads,
    parser=StrictParser(),
    renderer=ExactRenderer(),
    urls_namespace="own",
)
api.add_router("", catalogue.router)
api.add_router("", enrichment.router)


@api.exception_handler(NotSignedIn)
def _not_signed_in(request: HttpRequest, error: NotSignedIn) -> HttpResponse:
    if error.status is HTTPStatus.FORBIDDEN:
        return errors.problem(HTTPStatus.FORBIDDEN, "missing_scope", f"{error} Take a token that has it.")
    challenge = {"WWW-Authenticate": 'Bearer realm="farebox"'}
    return errors.problem(error.status, error.code, str(error), headers=challenge)


@api.exception_handler(FareboxError)
def _refused(request: HttpRequest, error: FareboxError) -> HttpResponse:
    return errors.refused(error)


@api.exception_handler(ValidationError)
def _misformed(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return errors.refused(misformed(error))


@api.exception_handler(HttpError)
@api.exception_handler(RequestDataTooBig)
def _unread(request: HttpRequest, error: HttpError | RequestDataTooBig) -> HttpResponse:
    return errors.refused(unread(error))
