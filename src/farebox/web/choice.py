"""Which contracts the reader may choose, and which of them a page is about: one, or all of them (domain C2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from farebox.domain.errors import NotFound
from farebox.services.report import Readable
from farebox.web.question import ALL


@dataclass(frozen=True, slots=True)
class Choice:
    """The contracts that somebody may read, and those of them that the page is about."""

    offered: tuple[Readable, ...]
    chosen: tuple[Readable, ...]

    @property
    def is_all(self) -> bool:
        """Whether the page is about several contracts together."""
        return len(self.chosen) > 1

    @property
    def value(self) -> str:
        """What stands for the choice in an address."""
        return ALL if self.is_all else self.chosen[0].number

    @property
    def one(self) -> Readable:
        """The contract that the page is about; the first where it is about several."""
        return self.chosen[0]

    @property
    def names_hidden(self) -> bool:
        """Whether names are hidden: one team that hides them hides them all (product K1, domain case 12)."""
        return any(contract.names_hidden for contract in self.chosen)

    @property
    def by_team(self) -> dict[int, list[Readable]]:
        """The chosen contracts of each team."""
        found: dict[int, list[Readable]] = {}
        for contract in self.chosen:
            found.setdefault(contract.team_id, []).append(contract)
        return found


def choose(offered: Sequence[Readable], wanted: str) -> Choice:
    """
    Return the choice of a contract by its number, or of all; without a word the first Flex contract, else the first.

    Raises `NotFound` for a contract that is not offered, whether or not it exists (quality T2).
    """
    if wanted == ALL and offered:
        return Choice(tuple(offered), tuple(offered))
    by_default = sorted(offered, key=lambda one: one.scheme != "FLEX")
    found = next((one for one in by_default if wanted in ("", one.number)), None)
    if found is None:
        raise NotFound("no such contract, or not yours to read")
    return Choice(tuple(offered), (found,))
