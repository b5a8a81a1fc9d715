"""
Which products a person may open: the set in force.

While a team's defaults are on, everyone assigned has exactly that set; individual ticks rest and return when the
defaults are cleared. Without defaults, it is what the person and the person's groups were given. "All products"
includes products that join the offer later; defaults do not.  (domain A2)

Whether tokens suffice is not decided here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Assignment(NamedTuple):
    """Products given to a person or a group: those named, or all that the offer has at any time."""

    products: frozenset[int] = frozenset()
    every: bool = False


def products_in_force(
    offer: frozenset[int],
    person: Assignment,
    groups: Iterable[Assignment] = (),
    *,
    defaults: frozenset[int] | None = None,
) -> frozenset[int]:
    """
    Return the products of the `offer`, as it is at one instant, that an assigned person may open (domain A2).

    `defaults` is the team's default set, None or empty where defaults are off.
    """
    if defaults:
        return defaults & offer
    given = (person, *groups)
    if any(assignment.every for assignment in given):
        return offer
    return offer.intersection(frozenset[int]().union(*(assignment.products for assignment in given)))
