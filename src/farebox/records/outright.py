"""
Uses with a price of their own: jobs and what is entered by hand, which no other use makes cheaper or dearer.

The price is decided once, when the event arrives, and kept with the use; rating such a use again gives the same row
(domain S1, N6, T7).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from farebox.domain.amounts import Tokens
from farebox.domain.clock import day_of
from farebox.domain.usage import ChargeCategory, Reason, Row, UsageCategory
from farebox.records.models.usage import UseKind
from farebox.records.usage import UseRow

SESSION = str(UseKind.SESSION.value)


class Outright(NamedTuple):
    """The price of a use on its own: how its row is charged, what kind of use it is, an adjustment's pool."""

    category: str
    reason: str
    tokens_micro: int
    rate: int
    usage_category: str
    pool: str = ""


def outright_of(row: Row, usage_category: UsageCategory, pool: str = "") -> Outright:
    """Return what is kept of a row that was priced."""
    return Outright(row.category.value, row.reason.value, row.tokens, row.rate, usage_category.value, pool)


def price_of(use: UseRow) -> Outright:
    """Return the price that is kept with a use."""
    return Outright(*json.loads(use.extra or "{}")["price"])


def pool_in(told: Mapping[str, Any]) -> str:
    """Return the pool that an adjustment changes, as its use's extras tell; nothing for other uses."""
    return str(Outright(*told["price"]).pool) if "price" in told else ""


def row_of(use: UseRow) -> Row:
    """Make the one row of a use with a price of its own, on the UTC day of its start."""
    price = price_of(use)
    return Row(
        use.id, use.product, use.since, use.until, day_of(use.since), ChargeCategory(price.category),
        Tokens(price.tokens_micro), use.since, Reason(price.reason), None, price.rate,
    )  # fmt: skip
