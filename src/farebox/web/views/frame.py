"""What the frame around the pages posts to: language and theme; and the icon that browsers ask for."""

from __future__ import annotations

from importlib.resources import files

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from farebox.web.context import THEME_COOKIE, THEMES

_YEAR_SECONDS = 365 * 24 * 60 * 60


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Remember the language: with the person who is signed in, else in a cookie."""
    response = _back(request)
    chosen = request.POST.get("language", "")
    if chosen not in dict(settings.LANGUAGES):
        return HttpResponse(status=400)
    if request.user.is_authenticated:
        request.user.language = chosen
        request.user.save(update_fields=["language"])
    _remember(response, settings.LANGUAGE_COOKIE_NAME, chosen)
    return response


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember the theme in a cookie, or forget it where the system shall decide."""
    chosen = request.POST.get("theme", "")
    if chosen not in THEMES:
        return HttpResponse(status=400)
    response = _back(request)
    if chosen == "system":
        response.delete_cookie(THEME_COOKIE)
    else:
        _remember(response, THEME_COOKIE, chosen)
    return response


@require_GET
def favicon(request: HttpRequest) -> HttpResponse:
    """Answer the request that browsers send on their own, with a day of rest before the next."""
    icon = files("farebox.web").joinpath("static", "farebox", "favicon.ico").read_bytes()
    return HttpResponse(icon, content_type="image/x-icon", headers={"Cache-Control": "max-age=86400"})


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """Return to the page that asked, if it is one of ours."""
    place = request.POST.get("next", "")
    is_ours = place.startswith("/") and url_has_allowed_host_and_scheme(place, allowed_hosts=None)
    return HttpResponseRedirect(place if is_ours else "/")


def _remember(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name, value, max_age=_YEAR_SECONDS, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
