"""What reports make of tokens: the mean of a month, and how much more or less they are than before."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from farebox.domain.amounts import Tokens


def mean_of(tokens: Tokens, months: int) -> Tokens:
    """Return the mean of a month, cut to the millionth, which changes no decimal that is shown (domain T5)."""
    return Tokens(tokens // months)


def mean_at_most(tokens: Tokens, months: int) -> Tokens:
    """Return the mean of a month, raised to the millionth: above a bound where the exact mean is (domain R5, T5)."""
    return Tokens(-(-tokens // months))


def change_of(now: Tokens, before: Tokens) -> int | None:
    """Return how much more or less it is than before, in thousandths; none where there was nothing before."""
    if before <= 0:
        return None
    return int((Decimal(now - before) * 1000 / Decimal(before)).quantize(Decimal(1), ROUND_HALF_UP))
