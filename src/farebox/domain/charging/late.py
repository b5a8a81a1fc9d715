"""
Uses dated in closed books: what they add to the total of their key is charged, and dated at receipt.

A key is what is charged as one: the chain of a person and product under Flex; a person, family and date under an
enterprise contract. Its rows in closed books stay as they were counted. What its total over all its uses exceeds what
was charged by is owed; the late uses carry it, so that no closed total ever changes and nothing is charged twice.
(domain L5a)
"""

from __future__ import annotations

from collections.abc import Sequence

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.clock import Day, Instant, day_of
from farebox.domain.usage import ChargeCategory, Reason, Row


def owed(total: int, charged: int) -> Tokens:
    """Return what is still to be charged for a key; a total below what was charged owes nothing (domain L5a)."""
    return Tokens(max(0, total - charged))


def shares(due: Tokens, carried: Sequence[Tokens]) -> tuple[Tokens, ...]:
    """
    Divide what is owed among late uses, in the order in which they were received.

    Each keeps what it carries already, as far as that is still owed; the last carries what is left.
    """
    found: list[Tokens] = []
    for nth, before in enumerate(carried):
        share = due if nth == len(carried) - 1 else min(before, due)
        found.append(Tokens(share))
        due = Tokens(due - share)
    return tuple(found)


def receipt_day(now: Instant, through: Day) -> Day:
    """Return the date of a charge for a late use: the UTC date of its receipt, never one in closed books."""
    return Day(max(day_of(now), through + 1))


def late_row(use: int, product: int, since: Instant, until: Instant, *, at: Instant, day: Day) -> Row:
    """Make the row for the part of a use that lies in closed books, before its share is known."""
    return Row(use, product, since, until, day, ChargeCategory.FREE, ZERO, at, Reason.LATE, None, 0)


def with_share(row: Row, tokens: Tokens) -> Row:
    """Return a late row that carries `tokens` of what is owed."""
    category = ChargeCategory.CHARGED if tokens else ChargeCategory.FREE
    return row._replace(tokens=tokens, category=category)
