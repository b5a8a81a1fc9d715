"""
Which products a person may open: the set in force, and how ticks change it.

While a team's defaults are on, everyone assigned has exactly that set; individual ticks rest and return when the
defaults are cleared. Without defaults, it is what the person and the person's groups were given. "All products"
includes products that join the offer later; defaults do not.  (domain A2)

Whether tokens suffice is not decided here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from farebox.domain.clock import Instant
from farebox.domain.errors import Problem, Rejected

EVERY = 0
"""The number that stands for all that the offer has at any time, where products are numbers."""


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


class Way(StrEnum):
    """How somebody comes to hold a product."""

    OWN = "own"
    """It was given to the person."""
    GROUP = "group"
    """It was given to a group that the person is in."""
    DEFAULT = "default"
    """It is one of the team's default products."""


class Hold(NamedTuple):
    """One way in which somebody holds a product (`EVERY`: all of the offer), since when, and through which group."""

    product: int
    way: Way
    since: Instant
    group: int = 0


@dataclass(slots=True)
class Held:
    """
    All that one person was given: products by since when, of the person's own, of groups, and of the defaults.

    `member_since` is none of who is no active member: unclaimed, invited, or gone. What such a person was given rests.
    """

    member_since: Instant | None = None
    own: dict[int, Instant] = field(default_factory=dict)
    groups: dict[tuple[int, int], Instant] = field(default_factory=dict)
    """By group and product; from when the person was in the group and the group had the product."""
    defaults: dict[int, Instant] = field(default_factory=dict)

    @property
    def ticks(self) -> Assignment:
        """What was given to the person alone."""
        return Assignment(frozenset(self.own) - {EVERY}, EVERY in self.own)

    @property
    def rests(self) -> bool:
        """Whether defaults are on, so that what else was given rests (domain A2)."""
        return bool(self.defaults)

    def holds(self) -> list[Hold]:
        """Return each way in which something is held now; nothing of who is no active member (domain A1)."""
        if self.member_since is None:
            return []
        if self.defaults:
            since = self.member_since
            return [Hold(product, Way.DEFAULT, max(at, since)) for product, at in self.defaults.items()]
        own = [Hold(product, Way.OWN, at) for product, at in self.own.items()]
        return own + [Hold(product, Way.GROUP, at, group) for (group, product), at in self.groups.items()]

    def in_force(self) -> dict[int, Instant]:
        """Return the products that the person may open now, each since when; `EVERY` for all of the offer."""
        found: dict[int, Instant] = {}
        for hold in self.holds():
            found[hold.product] = min(hold.since, found.get(hold.product, hold.since))
        return found

    def may_open(self, product: int) -> bool:
        """Tell whether a product of the offer is in the set in force."""
        return any(hold.product in (product, EVERY) for hold in self.holds())

    def ways(self, product: int) -> list[Hold]:
        """Return the ways in which one product is held now."""
        return [hold for hold in self.holds() if hold.product in (product, EVERY)]

    def had(self, product: int, at: Instant) -> bool:
        """
        Tell whether the product was in force at an instant, as far as what is given now tells (domain M5).

        Defaults rule from the instant of the first of them; before, what else was given did.
        """
        if self.member_since is None:
            return False
        if self.defaults and at >= min(self.defaults.values()):
            since = self.defaults.get(product)
            return since is not None and max(since, self.member_since) <= at
        given = [self.own.get(product), self.own.get(EVERY)]
        given += [since for (_, what), since in self.groups.items() if what in (product, EVERY)]
        return any(since is not None and since <= at for since in given)


def saved(held: Assignment, shown: Assignment, wanted: Assignment, offer: frozenset[int]) -> Assignment:
    """
    Return what is assigned after a list of ticks was shown, changed and saved.

    Only what was changed on the list changes, so that two who save at once lose nothing of each other's. If all
    products are selected, new ones are accessible as well [S 003]; whoever unticks one of them has the others alone.
    """
    if wanted.every:
        return Assignment(held.products, every=True)
    listed = _spelled_out(shown, offer)
    taken, added = listed - wanted.products, wanted.products - listed
    if held.every and not shown.every and not taken:
        return Assignment(held.products | added, every=True)  # somebody else gave all of it meanwhile
    return completed((_spelled_out(held, offer) | added) - taken, offer)


def given(held: Assignment, more: Assignment, offer: frozenset[int]) -> Assignment:
    """Return what is assigned once more is given; with the last product of the offer it is all of them [S 003]."""
    if held.every or more.every:
        return Assignment(held.products | more.products, every=True)
    return completed(held.products | more.products, offer)


def taken_back(held: Assignment, product: int, offer: frozenset[int]) -> Assignment:
    """Return what is assigned once a product is taken back: of all of the offer, the others; `EVERY`: nothing."""
    if product == EVERY:
        return Assignment()
    return Assignment(_spelled_out(held, offer) - {product})


def completed(products: frozenset[int], offer: frozenset[int]) -> Assignment:
    """Return products as assigned: if all of the offer are selected, later ones are accessible too [S 003]."""
    return Assignment(products, every=bool(offer) and offer <= products)


def _spelled_out(held: Assignment, offer: frozenset[int]) -> frozenset[int]:
    return held.products | offer if held.every else held.products


def opened(held: Held, offer: frozenset[int]) -> frozenset[int]:
    """Return the products of the offer that somebody may open; nothing of who is no active member (domain A1)."""
    if held.member_since is None:
        return frozenset()
    groups = frozenset(product for _, product in held.groups)
    through = Assignment(groups - {EVERY}, EVERY in groups)
    return products_in_force(offer, held.ticks, [through], defaults=frozenset(held.defaults))


class Turn(NamedTuple):
    """How many people come to hold a product, and how many no longer will."""

    gain: int = 0
    lose: int = 0


def turns(before: Iterable[frozenset[int]], after: Iterable[frozenset[int]]) -> Mapping[int, Turn]:
    """Return what changes for how many people, by product, between two sets in force of the same people in order."""
    found: dict[int, Turn] = {}
    for had, has in zip(before, after, strict=True):
        for product in has - had:
            found[product] = found.get(product, Turn())._replace(gain=found.get(product, Turn()).gain + 1)
        for product in had - has:
            found[product] = found.get(product, Turn())._replace(lose=found.get(product, Turn()).lose + 1)
    return found


GROUP_NAME_MAX = 100


def group_name(text: str) -> str:
    """Return the name of a group without blanks around it. Raises `Rejected` for what cannot be shown as one."""
    name = unicodedata.normalize("NFC", text).strip()
    if not 1 <= len(name) <= GROUP_NAME_MAX or not name.isprintable():
        message = f"a name has 1 to {GROUP_NAME_MAX} printable characters"
        raise Rejected([Problem("/name", "invalid_value", message)])
    return name
