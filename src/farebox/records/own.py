"""What one person was charged, read for that person alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from farebox.domain.amounts import Tokens
from farebox.domain.clock import DAY, Day, Instant, midnight
from farebox.records import db

Cell = int | str | None


class ChargedRow(NamedTuple):
    """A row of a charge that counts, in the order of the columns."""

    id: int
    product: str
    since: Instant
    until: Instant
    at: Instant
    category: str
    reason: str
    tokens: Tokens
    funding: str


def charges(
    contracts: Sequence[int], people: Sequence[int], *, since: Day, costly: bool, offset: int, limit: int
) -> list[ChargedRow]:
    """
    Return what some people were charged from a usage date on, the latest first; with `costly`, what cost tokens alone.

    What was amended late still counts where its books are closed (domain L5a).
    """
    if not contracts or not people:
        return []
    contract_marks, person_marks = db.marks(contracts), db.marks(people)
    arm = (
        "SELECT c.id, COALESCE(p.name, ''), c.since_us, c.until_us, c.at_us, c.category, c.reason, c.tokens_micro, "
        "c.funding FROM records_use u JOIN records_charge c ON c.use_id = u.id AND c.ended_us IS NULL "
        "LEFT JOIN records_product p ON p.id = c.product_id "
        f"WHERE u.contract_id IN ({contract_marks}) AND u.person_id IN ({person_marks}) AND u.until_us >= %s "
        f"AND c.usage_day >= %s {'AND c.tokens_micro <> 0' if costly else ''} AND "
    )
    bound: tuple[Cell, ...] = (*contracts, *people, midnight(since) - DAY, since)
    rows = db.rows(
        f"{arm} u.ended_us IS NULL UNION ALL {arm} u.ended_us IS NOT NULL AND u.late ORDER BY 3 DESC, 1 DESC "
        "LIMIT %s OFFSET %s",
        (*bound, *bound, limit, offset),
    )
    return [ChargedRow._make(row) for row in rows]
