"""
The API that is Farebox's own, beside events and authorisations: declared endpoints under `/v1`.

The same people may call it with the same tokens as the compatible usage API; its refusals are problem documents.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError

from farebox.api import errors
from farebox.api.declared import ExactRenderer, StrictParser, misformed
from farebox.api.tokenflex.asker import NotSignedIn, reads
from farebox.domain.errors import FareboxError

api = NinjaAPI(
    title="Farebox API",
    version="1",
    description="What can be asked, and charge-back values of people.",
    docs_url=None,
    auth=reads,
    parser=StrictParser(),
    renderer=ExactRenderer(),
    urls_namespace="own",
)


@api.exception_handler(NotSignedIn)
def _not_signed_in(request: HttpRequest, error: NotSignedIn) -> HttpResponse:
    challenge = {"WWW-Authenticate": 'Bearer realm="farebox"'}
    return errors.problem(error.status, error.code, str(error), headers=challenge)


@api.exception_handler(FareboxError)
def _refused(request: HttpRequest, error: FareboxError) -> HttpResponse:
    return errors.refused(error)


@api.exception_handler(ValidationError)
def _misformed(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return errors.refused(misformed(error))
