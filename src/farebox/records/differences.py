"""What the books must change when uses come or go: charges that end, rows to book, windows that go and come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from farebox.domain.clock import Instant
from farebox.domain.usage import Funding, Row
from farebox.records.usage import Booked, Chain


class NewRow(NamedTuple):
    """A row to book, with the key that its charge carries."""

    contract: int
    person: int
    funding: Funding
    family: int | None
    row: Row
    tie: int
    usage_category: str = ""
    """What kind of use it is, where it is not the product's own."""
    pool: str = ""
    """The pool that an adjustment changes."""


class Key(NamedTuple):
    """Whose rows are compared: under which contract, of which person, and of which family in an enterprise day."""

    contract: int
    person: int
    family: int | None = None


@dataclass(slots=True)
class Differences:
    """
    What the books must change: charges that end, rows to book, windows that go and come.

    `late` are new uses dated in closed books; `kept` are uses that end while their charges there stay (domain L5a).
    """

    ended: list[tuple[int, Booked]] = field(default_factory=list)
    added: list[NewRow] = field(default_factory=list)
    windows_ended: list[tuple[Chain, Instant]] = field(default_factory=list)
    windows_started: list[tuple[Chain, Instant]] = field(default_factory=list)
    late: set[int] = field(default_factory=set)
    kept: list[int] = field(default_factory=list)

    def compare(self, key: Key, before: Iterable[Booked], rows: Iterable[Row], ties: Mapping[int, int]) -> None:
        """Take note of what differs between the charges that stand and the rows that the rules give."""
        standing = {(charge.row.use, charge.row.since): charge for charge in before}
        for row in rows:
            charge = standing.pop((row.use, row.since), None) if standing else None
            if charge is not None:
                if charge.row == row:
                    continue
                self.ended.append((key.contract, charge))
            self.added.append(NewRow(key.contract, key.person, _TOKENS, key.family, row, ties[row.use]))
        for charge in standing.values():
            self.ended.append((key.contract, charge))

    def move_windows(self, key: Chain, before: Sequence[Instant], after: Sequence[Instant]) -> None:
        """Take note of the windows that no longer stand, and of those that are new."""
        self.windows_ended += [(key, start) for start in before if start not in after]
        self.windows_started += [(key, start) for start in after if start not in before]


_TOKENS = Funding.TOKENS
