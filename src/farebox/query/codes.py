"""
The small integers that stand for closed sets in the warehouse.

The tables are append-only: a code's place is its meaning in every stored fact, so members are added at the
end and never moved or removed. Code 0 means "none" and is shown as an empty text.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from farebox.domain.packs import Pool
from farebox.domain.usage import ChargeCategory, Funding, UsageCategory, UsageType

NONE = 0
"""The code, and the id, of a dimension that a fact does not have."""


class CodeTable:
    """A closed set with one small integer per member, counted from 1."""

    def __init__(self, members: Iterable[StrEnum]) -> None:
        self.members = tuple(members)
        self._codes = {member.value: place for place, member in enumerate(self.members, 1)}

    def code(self, value: str | None) -> int:
        """Return the code of a member, or 0 for none. Raises `KeyError` for anything else."""
        return NONE if value is None else self._codes[value]

    def text(self, code: int) -> str:
        """Return the member's text, or an empty one for code 0."""
        return self.members[code - 1].value if code else ""

    def codes(self) -> tuple[tuple[int, str], ...]:
        """Return every code with its text, in code order."""
        return tuple((code, text) for text, code in self._codes.items())

    def values(self) -> tuple[str, ...]:
        """Return the members' texts, in code order."""
        return tuple(self._codes)


USAGE_CATEGORIES = CodeTable(
    (
        UsageCategory.DESKTOP_PRODUCT,
        UsageCategory.CLOUD_PRODUCT,
        UsageCategory.CLOUD_SERVICE,
        UsageCategory.MANUAL_ADJUSTMENT,
        UsageCategory.MANUAL_CONSUMPTION,
    )
)
CHARGE_CATEGORIES = CodeTable(
    (ChargeCategory.CASUAL, ChargeCategory.INCREMENTAL, ChargeCategory.CHARGED, ChargeCategory.FREE)
)
USAGE_TYPES = CodeTable((UsageType.NORMAL, UsageType.BORROWED))
POOLS = CodeTable((Pool.FLEX, Pool.CY, Pool.MY, Pool.CREDIT))
FUNDINGS = CodeTable((Funding.TOKENS, Funding.SEAT, Funding.TRIAL))
