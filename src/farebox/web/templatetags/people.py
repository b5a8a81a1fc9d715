"""The tabs of the pages on which a team is set up."""

from __future__ import annotations

from typing import Any, NamedTuple

from django import template
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from farebox.services import assign
from farebox.wallclock import now

register = template.Library()

TABS: tuple[tuple[str, str | Promise], ...] = (
    ("users-by-user", _("By user")),
    ("users-by-product", _("By product")),
    ("users-groups", _("Groups")),
    ("users-default-assignments", _("Default assignments")),
    ("users-import", _("Import")),
    ("users-seats", _("Seats and trials")),
    ("users-roles", _("Roles")),
    ("users-left-open", _("Left open")),
)


_BELOW = {"/users/invite": "/users/by-user"}
"""Addresses that answer with another page where a form is refused."""


class Tab(NamedTuple):
    """One of the pages: its name, where it is, and whether the reader is there or below."""

    name: str
    address: str
    is_here: bool


@register.simple_tag(takes_context=True)
def people_tabs(context: dict[str, Any]) -> list[Tab]:
    """Return the tabs, each for the team of this page."""
    path, query = _BELOW.get(context["request"].path, context["request"].path), context["acting"].query
    found = [(str(name), reverse(view)) for view, name in TABS]
    return [Tab(name, place + query, path == place or path.startswith(f"{place}/")) for name, place in found]


@register.simple_tag(takes_context=True)
def manage_access(context: dict[str, Any], code: str) -> str:
    """Return where the people of a report's product are managed; empty where it is of several teams, or not offered."""
    teams = list(context["choice"].by_team)
    if len(teams) != 1:
        return ""
    offered = {one.code for one in assign.offer(context["request"].user, teams[0], now=now())}
    return f"{reverse('users-product', args=[code])}?team={teams[0]}" if code in offered else ""
