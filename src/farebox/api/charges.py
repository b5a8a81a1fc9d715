"""`GET /v1/charges/{chargedItemID}/explanation`: why a charge is what it is (docs/explain.md)."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from farebox.api import errors
from farebox.domain.errors import FareboxError
from farebox.services import tokens
from farebox.services.explain import explain
from farebox.wallclock import now

SCOPE = "data:read"
"""The scope that a personal token needs."""


@csrf_exempt  # it changes nothing
def explanation(request: HttpRequest, item_id: str) -> HttpResponse:
    """Explain a charged item to an administrator of its team, by session or personal token."""
    if request.method != "GET":
        allow = {"Allow": "GET"}
        return errors.problem(
            HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed", "ask for an explanation with GET", headers=allow
        )
    reader = _reader(request)
    if reader is None:
        return errors.unauthorised("send a personal token with the scope data:read as a bearer token", realm="charges")
    try:
        found = explain(item_id, reader=reader)
    except FareboxError as error:
        return errors.refused(error)
    return HttpResponse(msgspec.json.encode(found), content_type="application/json", headers=_PRIVATE)


_PRIVATE = {"Cache-Control": "private, no-store"}


def _reader(request: HttpRequest) -> AbstractBaseUser | None:
    """Return who asks: by token, or else by session."""
    header = request.headers.get("Authorization", "")
    if header:
        scheme, _, secret = header.partition(" ")
        found = tokens.bearer(secret.strip(), now=now()) if scheme.lower() == "bearer" else None
        return found[0] if found is not None and SCOPE in found[1] else None
    return request.user if isinstance(request.user, AbstractBaseUser) else None
