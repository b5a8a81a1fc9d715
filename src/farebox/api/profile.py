"""Who is signed in, in the two shapes in which programs of the published services read it (usage-api 1.1)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from farebox.api.tokenflex import errors
from farebox.api.tokenflex.asker import borne

PICTURE_SIZES = (20, 40, 50, 58, 80, 120, 160, 176, 240, 360)


@require_GET
def me(request: HttpRequest) -> HttpResponse:
    """Answer `GET /userprofile/v1/users/@me`."""
    user = _asking(request)
    if isinstance(user, HttpResponse):
        return user
    first, last = _names(user)
    picture = settings.BASE_URL + static("farebox/mark.svg")
    told = {
        "userId": str(user.pk),
        "userName": user.get_username(),
        "emailId": user.get_username(),
        "firstName": first,
        "lastName": last,
        "language": _language(user),
        "profileImages": {f"sizeX{size}": picture for size in PICTURE_SIZES},
    }
    return JsonResponse(told)


@csrf_exempt  # a token says who asks, never a cookie
@require_http_methods(["GET", "POST"])
def userinfo(request: HttpRequest) -> HttpResponse:
    """Answer `GET` and `POST /userinfo` (OpenID Connect Core 5.3.1); some programs send their token bare."""
    user = _asking(request)
    if isinstance(user, HttpResponse):
        return user
    first, last = _names(user)
    told = {
        "sub": str(user.pk),
        "name": f"{first} {last}".strip(),
        "given_name": first,
        "family_name": last,
        "preferred_username": user.get_username(),
        "email": user.get_username(),
        "picture": settings.BASE_URL + static("farebox/mark.svg"),
        "locale": _language(user),
    }
    return JsonResponse(told)


def _asking(request: HttpRequest) -> AbstractBaseUser | HttpResponse:
    """Return the person whose token a request bears, whatever its scopes."""
    words = request.headers.get("Authorization", "").split()
    if not words or len(words) > 2 or (len(words) == 2 and words[0].lower() != "bearer"):
        return errors.not_signed_in("AUTH-012", "The Authorization header is missing or malformed.")
    found = borne(words[-1])
    return errors.not_signed_in("AUTH-006", "The token is not valid.") if found is None else found[0].user


def _names(user: AbstractBaseUser) -> tuple[str, str]:
    """Return first and last names; who has no name goes by the address."""
    name = str(getattr(user, "name", "")).split()
    return (name[0], " ".join(name[1:])) if name else (user.get_username().partition("@")[0], "")


def _language(user: AbstractBaseUser) -> str:
    return str(getattr(user, "language", "") or settings.LANGUAGE_CODE)
