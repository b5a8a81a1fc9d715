"""What pages are told of people and what they may open: names, and never what anybody used (quality P1)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from farebox.domain.access import Way
from farebox.domain.clock import Instant
from farebox.domain.rights import Role
from farebox.domain.usage import Funding
from farebox.records.chosen import Thing


class State(StrEnum):
    """Where somebody stands in a team."""

    ACTIVE = "active"
    """A member."""
    PENDING = "pending"
    """Invited, and has not accepted yet."""
    LAPSED = "lapsed"
    """Invited, and did not accept in time: the invitation has to be sent again [S 003]."""
    UNCLAIMED = "unclaimed"
    """Known from usage alone (domain M1)."""
    LEFT = "left"


class Through(StrEnum):
    """Through what somebody holds products."""

    OWN = "own"
    GROUP = "group"
    DEFAULT = "default"
    SEAT = "seat"
    TRIAL = "trial"


class Paid(StrEnum):
    """Whether opening a product would use tokens, and if not, why."""

    TOKENS = "tokens"
    SEAT = "seat"
    """A named subscription is held: tokens are not used [S 003]."""
    TRIAL = "trial"
    """A trial runs: tokens are not used until it has ended [S 003]."""
    COSTS_NOTHING = "costs_nothing"
    """The rate is 0."""
    ENTERPRISE = "enterprise"
    """The enterprise contract of the team pays: tokens of its year."""
    NO_RATE = "no_rate"
    """No rate is in force: it cannot be opened."""
    CLOSED = "closed"
    """The person may not open it: not assigned, not in the offer, or no member."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """A person in the list of a team's people; `products` are the names of what may be opened, or all with `every`."""

    id: int
    name: str
    """The name, or where none is known the address or login."""
    key: str
    """The address or login; an address has an `@`."""
    state: State
    role: Role
    products: tuple[str, ...]
    every: bool
    through: tuple[Through, ...]
    since: Instant | None
    """Since when a member, or when the invitation was sent; none for the unclaimed."""
    has_account: bool = False

    @property
    def may_be_invited(self) -> bool:
        """Whether a first invitation would do something: it makes a member of who is none, and an account."""
        lacks = self.state in (State.UNCLAIMED, State.LEFT) or (self.state is State.ACTIVE and not self.has_account)
        return bool(self.email) and lacks

    @property
    def email(self) -> str:
        """The e-mail address; empty for a login."""
        return self.key if "@" in self.key else ""


Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list: which page of how many, and how many rows the whole list has."""

    rows: tuple[Row, ...]
    found: int
    number: int
    pages: int
    per_page: int

    @property
    def first(self) -> int:
        """The place of the first row in the whole list, counted from 1."""
        return (self.number - 1) * self.per_page + 1

    @property
    def last(self) -> int:
        """The place of the last row in the whole list."""
        return self.first + len(self.rows) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One way in which a product is held: `group` and its name where it is through a group."""

    way: Way
    since: Instant
    group: int = 0
    group_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitled:
    """A seat or a trial, and until when (none: without an end)."""

    id: int
    kind: Funding
    since: Instant
    until: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductAccess:
    """One product, as one person holds it or does not."""

    product: Thing
    offered: bool
    """Whether a contract of the team opens it now; what is not offered can only be unticked."""
    ticked: bool
    """Given to the person alone, by itself or with all; it rests while defaults are on."""
    in_force: bool
    """Whether the person may open it by tokens now."""
    ways: tuple[Hold, ...]
    entitled: Entitled | None
    paid: Paid


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupOf:
    """A group, as somebody is in it."""

    id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonAccess:
    """All that a page says of one person and what they may open."""

    row: PersonRow
    every: bool
    """All that the offer has at any time was given to the person alone; it rests while defaults are on."""
    rests: bool
    """Defaults are on: the person's own ticks and those of groups rest [S 003]."""
    products: tuple[ProductAccess, ...]
    groups: tuple[GroupOf, ...]

    @property
    def shown(self) -> tuple[str, ...]:
        """The codes that are ticked: the page sends them back with what was changed."""
        return tuple(one.product.code for one in self.products if one.ticked)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductRow:
    """A product of the offer, and by how many people it is held, in all and in which ways; one may hold it in many."""

    product: Thing
    people: int
    own: int
    group: int
    default: int
    seats: int
    trials: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ByProduct:
    """Who opens what, by product: the scheme itself first, as those who may open anything by tokens [S 003]."""

    scheme: str
    """FLEX or ENTERPRISE; empty without a contract."""
    people: int
    invited: int
    """Of these people, those who have not accepted yet."""
    rests: bool
    products: tuple[ProductRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A person who holds a product, and how; with seats and trials."""

    id: int
    name: str
    key: str
    state: State
    ways: tuple[Hold, ...]
    entitled: Entitled | None
