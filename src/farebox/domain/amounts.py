"""
Token amounts: exact, held as whole millionths of a token, in 64 bits.

Refuses floats, digits of other scripts, exponents, and anything finer than a millionth. Money never
meets tokens here: a price is a column of a pack.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NewType

from farebox.domain.errors import InvalidAmount

Tokens = NewType("Tokens", int)
"""An amount of tokens, in whole millionths (`tokens_micro` in the database)."""

MICRO = 1_000_000
"""Millionths in one token."""

TOKENS_MAX = Tokens(2**63 - 1)
"""The largest amount that a balance, a pack or a sum may reach."""

ZERO = Tokens(0)

_AMOUNT = re.compile(r"(-?)([0-9]{1,19})(?:\.([0-9]{1,6})0*)?", re.ASCII)


def tokens(text: str | int) -> Tokens:
    """
    Read an amount of tokens from a decimal text ("7", "-0.5") or a whole number of tokens.

    Raises `InvalidAmount` for anything else: floats, exponents, blanks, commas, other digits, a part
    finer than a millionth, or more than 64 bits hold.
    """
    if isinstance(text, int) and not -TOKENS_MAX <= text <= TOKENS_MAX:
        raise InvalidAmount("this number is more tokens than can be held")
    match = _AMOUNT.fullmatch(str(text)) if isinstance(text, str | int) and not isinstance(text, bool) else None
    if match is None:
        shown = f"{text!r:.40}"
        raise InvalidAmount(f"{shown} is not a token amount; write it like 12 or 0.5, with at most six decimals")
    sign, whole, part = match.groups()
    micro = int(whole) * MICRO + int((part or "").ljust(6, "0"))
    if micro > TOKENS_MAX:
        raise InvalidAmount(f"{text!r} is more tokens than can be held")
    return Tokens(-micro if sign else micro)


def as_decimal(amount: Tokens) -> Decimal:
    """Return `amount` in tokens, exactly, without trailing zeros."""
    return Decimal(as_text(amount))


def as_text(amount: Tokens) -> str:
    """Write `amount` as the shortest exact decimal text: 7, 0.5, -12.25."""
    whole, part = divmod(abs(amount), MICRO)
    text = f"{whole}.{part:06d}".rstrip("0").rstrip(".") if part else str(whole)
    return f"-{text}" if amount < 0 else text
