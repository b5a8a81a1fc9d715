"""What the frame around every page needs: languages, themes, the places to go, and where one is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypedDict
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from farebox.domain.rights import Action, Cell, Role, cell
from farebox.services import attention, standing
from farebox.services.attention import Bare

THEME_COOKIE = "farebox-theme"
KEPT_MAX = 40
"""The longest number of a contract."""
THEMES = {"light": _("Light"), "dark": _("Dark"), "system": _("As the system")}


@dataclass(frozen=True, slots=True)
class Place:
    """A link of the navigation."""

    name: str
    address: str
    is_here: bool
    keeps: bool = True
    """Whether the page is about the contract that its address names."""


class Layout(TypedDict):
    """The variables of the base template."""

    language: str
    languages: list[tuple[str, str]]
    theme: str
    themes: dict[str, str]
    places: list[Place]
    kept: str
    here: str
    bare_teams: Callable[[], list[Bare]]
    is_demo: bool
    has_outbox: bool


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
        kept=_kept(request),
        here=_here(request, places),
        is_demo=settings.DEMO,
        has_outbox=settings.DEMO and any(place.address == reverse("users-by-user") for place in places),
        bare_teams=partial(_bare_teams, request),
    )


def _bare_teams(request: HttpRequest) -> list[Bare]:
    """Return the teams of the reader that have no contract yet; only a page that says so asks."""
    return attention.bare_teams(request.user) if request.user.is_authenticated else []


def _kept(request: HttpRequest) -> str:
    """Return the query string with which the places stay with the contract chosen; each of them checks it anew."""
    chosen = request.GET.get("contract", "")
    return "?" + urlencode({"contract": chosen}) if chosen.isprintable() and 0 < len(chosen) <= KEPT_MAX else ""


def _here(request: HttpRequest, places: list[Place]) -> str:
    """Return the address that the menus lead back to; what answers a POST is not had by its own address."""
    if request.method == "GET":
        return request.get_full_path()
    return next((place.address for place in places if place.is_here), request.path)


_REPORTS = (
    ("home", _("Home")),
    ("token-usage", _("Token usage")),
    ("balances", _("Balances")),
    ("export", _("Export")),
)
"""The places about contracts: for who may see a team's use; others have their own page first."""


def _places(request: HttpRequest) -> list[Place]:
    if not request.user.is_authenticated:
        return []
    roles = {one.role for one in standing.standings(request.user, Action.OWN_USE)}
    places = [
        Place(str(name), reverse(view), _is_below(request.path, reverse(view)))
        for view, name in _REPORTS
        if _may(roles, Action.USAGE)
    ]
    return places + [
        Place(str(name), reverse(view), _is_below(request.path, f"/{view.split('-')[0]}"), keeps=False)
        for view, name in _others(request, roles)
    ]


def _others(request: HttpRequest, roles: set[Role]) -> list[tuple[str, str | Promise]]:
    """Return the places that are about no contract: people of one's teams, oneself, the settings, the installation."""
    found: list[tuple[str, str | Promise]] = []
    if _may(roles, Action.PEOPLE):
        found.append(("users-by-user", _("People")))
    found += [("me", _("My use")), ("settings", _("Settings"))]
    if getattr(request.user, "is_operator", False):
        found.append(("operator", _("Operator")))
    return found


def _may(roles: set[Role], action: Action) -> bool:
    return any(cell(role, action) is not Cell.NO for role in roles)


def _is_below(path: str, place: str) -> bool:
    """Tell whether a page belongs to a place; every path begins with that of the first page."""
    return path == place or (place != "/" and path.startswith(place))
