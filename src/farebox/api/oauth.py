"""
Signing in for programs: tokens, their end, what they are, and what the server can do (usage-api 1.1).

The page on which a person agrees is `farebox.web.views.consent`. Refusals carry the members of RFC 6749 and those of
the published gateway, so that programs written for either find theirs.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST
from oauth2_provider.oauth2_backends import get_oauthlib_core
from oauth2_provider.settings import oauth2_settings

from farebox.api import errors
from farebox.api.tokenflex import errors as gateway
from farebox.domain.clock import SECOND
from farebox.domain.errors import Busy, Unavailable
from farebox.services.oauth import bearers, refusals
from farebox.wallclock import now

View = Callable[..., HttpResponse]
FORM = "application/x-www-form-urlencoded"
GRANTS = ("authorization_code", "refresh_token", "client_credentials")
NEEDS = {"authorization_code": "code", "refresh_token": "refresh_token"}

CODES = {
    "invalid_client": "AUTH-003",
    "invalid_scope": "AUTH-004",
    "invalid_grant": "AUTH-006",
    "invalid_request": "AUTH-008",
    "unsupported_grant_type": "AUTH-009",
    "unauthorized_client": "AUTH-011",
}
"""The gateway's number for each error of RFC 6749."""


def older(view: View) -> View:
    """Answer at an address of an older version only while the compatibility switch is on."""

    @csrf_exempt
    @wraps(view)
    def switched(request: HttpRequest) -> HttpResponse:
        if not settings.OAUTH_COMPATIBILITY:
            raise Http404
        return view(request)

    return switched


@csrf_exempt
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """Exchange a code, a refresh token or a program's own secret for tokens."""
    refused = _misformed(request) or _unknown_grant(request)
    if refused is not None:
        return refused
    return _answer(lambda: get_oauthlib_core().create_token_response(request)[1:])


@csrf_exempt
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    """End a token and all that came of the same consent (RFC 7009)."""
    refused = _misformed(request)
    if refused is not None:
        return refused
    return _answer(lambda: get_oauthlib_core().create_revocation_response(request)[1:])


@csrf_exempt
@require_POST
def introspect(request: HttpRequest) -> HttpResponse:
    """Tell a program about one of its own access tokens; of any other, that it is not in force (RFC 7662)."""
    refused = _misformed(request)
    if refused is not None:
        return refused
    asking = get_oauthlib_core().whose(request)
    if asking is None:
        return _refusal({"error": "invalid_client"}, HTTPStatus.UNAUTHORIZED)
    if not request.POST.get("token"):
        return _refusal({"error": "invalid_request", "error_description": "Missing token parameter."})
    found = bearers.bearer(request.POST["token"], now=now())
    if found is None or found.client != asking:
        return JsonResponse({"active": False})
    return JsonResponse(_described(found))


def _described(found: bearers.Bearer) -> dict[str, object]:
    return {
        "active": True,
        "scope": " ".join(sorted(found.scopes)),
        "client_id": found.client,
        "token_type": "Bearer",
        "exp": found.until // SECOND,
        "iat": found.since // SECOND,
        "sub": str(found.user.pk),
        "iss": settings.BASE_URL,
    }


@require_GET
def metadata(request: HttpRequest) -> HttpResponse:
    """Tell programs where everything is, and what is on (RFC 8414)."""
    base = f"{settings.BASE_URL}/authentication/v2"
    secrets = ["client_secret_basic", "client_secret_post"]
    implicit = settings.OAUTH_COMPATIBILITY
    told = {
        "issuer": settings.BASE_URL,
        "authorization_endpoint": f"{base}/authorize",
        "token_endpoint": f"{base}/token",
        "revocation_endpoint": f"{base}/revoke",
        "introspection_endpoint": f"{base}/introspect",
        "userinfo_endpoint": f"{settings.BASE_URL}/userinfo",
        "response_types_supported": ["code", "token"] if implicit else ["code"],
        "grant_types_supported": [*GRANTS, "implicit"] if implicit else list(GRANTS),
        "scopes_supported": sorted(oauth2_settings.SCOPES),
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": [*secrets, "none"],
        "revocation_endpoint_auth_methods_supported": [*secrets, "none"],
        "introspection_endpoint_auth_methods_supported": secrets,
        "authorization_response_iss_parameter_supported": True,
    }
    return JsonResponse(told, headers={"Access-Control-Allow-Origin": "*"})


def _misformed(request: HttpRequest) -> HttpResponse | None:
    if request.content_type != FORM:
        told = {"error": "invalid_request", "error_description": f"Send {FORM}."}
        return _refusal(told, code="AUTH-007")
    return None


def _unknown_grant(request: HttpRequest) -> HttpResponse | None:
    kind = request.POST.get("grant_type", "")
    if not kind:
        return _refusal({"error": "invalid_request", "error_description": "Missing grant_type parameter."})
    if kind not in GRANTS:
        return _refusal({"error": "unsupported_grant_type"})
    missing = NEEDS.get(kind)
    if missing and not request.POST.get(missing):
        return _refusal({"error": "invalid_request", "error_description": f"Missing {missing} parameter."})
    return None


def _answer(ask: Callable[[], tuple[dict[str, str], str, int]]) -> HttpResponse:
    """Return what the library answers, with the gateway's members where it refuses."""
    try:
        headers, body, status = ask()
    except (Busy, Unavailable) as error:
        return errors.refused(error)
    if status >= HTTPStatus.BAD_REQUEST:
        return _refusal(json.loads(body), HTTPStatus(status))
    response = HttpResponse(body, status=status, content_type="application/json")
    for name in ("Cache-Control", "Pragma"):
        response[name] = headers.get(name, "no-store" if name == "Cache-Control" else "no-cache")
    return response


def _refusal(told: dict[str, str], status: HTTPStatus = HTTPStatus.BAD_REQUEST, code: str = "") -> HttpResponse:
    number = code or CODES.get(told["error"], "AUTH-008")
    said = refusals.said(told)
    response = JsonResponse(said | gateway.told(number, said["error_description"]), status=status)
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Basic realm="farebox"'
    return response
