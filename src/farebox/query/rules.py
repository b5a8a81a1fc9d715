"""
Which declarations go together: the category rules of queries and exports (usage-api 3, Q3, and 6.2).

Each rule returns the problems it finds; `plan` collects them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum, auto
from typing import NamedTuple

from farebox.domain.errors import Problem
from farebox.domain.usage import UsageCategory
from farebox.query.declarations import CLOUD_PRODUCT, CLOUD_SERVICE, DESKTOP, MANUAL, Declared

Categories = frozenset[UsageCategory]

UNMIXED: tuple[Categories, ...] = (DESKTOP, CLOUD_PRODUCT, CLOUD_SERVICE, MANUAL)
"""The groups that session-level fields may not cross; the two manual categories are one group."""

NOT_BESIDE_DESKTOP_SESSIONS = frozenset({"tokenPool", "uniqueProducts", "uniqueUsers", "useCount", "quantity"})
"""What an export of desktop sessions refuses, although desktop usage has it (usage-api 6.2)."""


class Surface(StrEnum):
    """Where a question is asked: session-level fields are for exports."""

    QUERY = auto()
    EXPORT = auto()


class Mention(NamedTuple):
    """A declaration, and where in the question it is named."""

    pointer: str
    declared: Declared


def category_problems(mentions: Iterable[Mention], categories: Categories, surface: Surface) -> Iterator[Problem]:
    """Yield what is wrong between the mentioned declarations and the `usageCategory` attribute."""
    mentions = tuple(mentions)
    sessions = any(mention.declared.export_only for mention in mentions)
    for mention in mentions:
        if mention.declared.export_only:
            yield from _session_level(mention, categories, surface)
        elif categories and not categories & mention.declared.categories:
            yield _foreign(mention)
        elif sessions and categories == DESKTOP and mention.declared.name in NOT_BESIDE_DESKTOP_SESSIONS:
            message = f"{mention.declared.name} cannot be asked for together with session-level desktop fields"
            yield Problem(mention.pointer, "not_at_session_level", message)


def _session_level(mention: Mention, categories: Categories, surface: Surface) -> Iterator[Problem]:
    """Yield what stands against a field or metric that exists only at session or transaction level (Q3)."""
    pointer, declared = mention
    if surface is Surface.QUERY and not declared.categories & MANUAL:
        yield Problem(pointer, "export_only", f"{declared.name} is kept per session; ask for it in an export")
    elif not categories:
        names = ", ".join(sorted(declared.categories & MANUAL if surface is Surface.QUERY else declared.categories))
        message = f"{declared.name} needs the attribute usageCategory, with one kind of: {names}"
        yield Problem(pointer, "category_required", message)
    elif surface is Surface.QUERY and not categories <= MANUAL:
        message = f"{declared.name} can be queried only for manual categories; ask for it in an export"
        yield Problem(pointer, "export_only", message)
    elif not any(categories <= group for group in UNMIXED):
        yield Problem(pointer, "categories_mixed", f"{declared.name} cannot be asked for across kinds of usage")
    elif not categories <= declared.categories:
        yield _foreign(mention)


def _foreign(mention: Mention) -> Problem:
    names = ", ".join(sorted(mention.declared.categories))
    return Problem(mention.pointer, "wrong_category", f"{mention.declared.name} exists only for {names}")
