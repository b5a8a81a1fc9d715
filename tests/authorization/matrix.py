"""The authorization matrix as data: `matrix.toml`, and the routes that are registered."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver
from tests.authorization.principals import Who

FILE = Path(__file__).with_name("matrix.toml")
MATRIX: Mapping[str, Any] = tomllib.loads(FILE.read_text(encoding="utf-8"))
ROUTES: Mapping[str, Mapping[str, Any]] = MATRIX["routes"]
DECLARED = "ninja"
"""Whose operations stand in a file of their own (tests/api/usage_matrix.toml)."""


class Route(NamedTuple):
    """An address that is registered: its name, how it is written, and the view behind it."""

    name: str
    path: str
    view: Callable[..., Any]

    @property
    def action(self) -> str:
        """What its view is marked with, as the matrix names it; empty without a mark."""
        mark = getattr(self.view, "action", "")
        return str(getattr(mark, "name", mark))


def registered(urlconf: str | None = None) -> Iterator[Route]:
    """Yield every route of the program, or of a module of addresses; of declared APIs those that are no operation."""
    yield from _within(get_resolver(urlconf), "", "")


def _within(resolver: URLResolver, path: str, space: str) -> Iterator[Route]:
    for one in resolver.url_patterns:
        place = path + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _within(one, place, f"{one.namespace}:" if one.app_name == DECLARED else space)
        elif isinstance(one, URLPattern) and not (space and _is_operation(one)):
            yield Route(f"{space}{one.name or place}", place, one.callback)


def _is_operation(pattern: URLPattern) -> bool:
    return getattr(pattern.callback, "__module__", "").startswith("ninja.operation")


def address(path: str, thing: str) -> str:
    """Return an address, with the thing in the place that the route leaves for it."""
    return "/" + re.sub(r"<[^>]+>", lambda found: thing, path)


def expected(cells: str, who: Who) -> str:
    """Return the word of somebody in a line of the matrix."""
    return cells.split()[MATRIX["principals"].index(who)]
