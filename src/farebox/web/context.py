"""What the frame around every page needs: languages, themes, the places to go, and where one is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

THEME_COOKIE = "farebox-theme"
THEMES = {"light": _("Light"), "dark": _("Dark"), "system": _("As the system")}


@dataclass(frozen=True, slots=True)
class Place:
    """A link of the navigation."""

    name: str
    address: str
    is_here: bool


class Layout(TypedDict):
    """The variables of the base template."""

    language: str
    languages: list[tuple[str, str]]
    theme: str
    themes: dict[str, str]
    places: list[Place]
    here: str
    is_demo: bool


def layout(request: HttpRequest) -> Layout:
    """Return the variables of the base template."""
    places = _places(request)
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return Layout(
        language=get_language() or settings.LANGUAGE_CODE,
        languages=list(settings.LANGUAGES),
        theme=theme if theme in ("light", "dark") else "system",
        themes={name: str(label) for name, label in THEMES.items()},
        places=places,
        here=_here(request, places),
        is_demo=settings.DEMO,
    )


def _here(request: HttpRequest, places: list[Place]) -> str:
    """Return the address that the menus lead back to; what answers a POST is not had by its own address."""
    if request.method == "GET":
        return request.get_full_path()
    return next((place.address for place in places if place.is_here), request.path)


def _places(request: HttpRequest) -> list[Place]:
    if not request.user.is_authenticated:
        return []
    names = (
        ("home", _("Home")),
        ("token-usage", _("Token usage")),
        ("balances", _("Balances")),
        ("export", _("Export")),
        ("settings", _("Settings")),
    )
    return [Place(str(name), reverse(view), _is_below(request.path, reverse(view))) for view, name in names]


def _is_below(path: str, place: str) -> bool:
    """Tell whether a page belongs to a place; every path begins with that of the first page."""
    return path == place or (place != "/" and path.startswith(place))
