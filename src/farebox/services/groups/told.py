"""What pages are told of groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from farebox.domain.clock import Instant
from farebox.records.chosen import Thing, Ticked


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """A group in the list of a team's groups: how many people, and the names of its products, or all with `every`."""

    id: int
    name: str
    people: int
    products: tuple[str, ...]
    every: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody in a group; who is no active member of the team yet opens nothing through it."""

    id: int
    name: str
    key: str
    is_active: bool
    since: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupAccess:
    """A group: its people by name, and its products; `rests` while defaults are on."""

    id: int
    name: str
    members: tuple[Member, ...]
    products: tuple[Ticked, ...]
    every: bool
    rests: bool

    @property
    def shown(self) -> tuple[str, ...]:
        """The codes that are ticked: the page sends them back with what was changed."""
        return tuple(one.product.code for one in self.products if one.ticked)


class Removal(NamedTuple):
    """What removing a group would take: how many are in it, how many lose something, and each product from how many."""

    people: int
    losing: int
    products: tuple[tuple[Thing, int], ...]
