"""Token amounts go both ways exactly, and what is no amount is refused (quality, "Numbers")."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.makers import THOROUGH

from farebox.domain.amounts import MICRO, TOKENS_MAX, Tokens, as_decimal, as_text, tokens
from farebox.domain.errors import InvalidAmount

amounts = st.integers(-TOKENS_MAX, TOKENS_MAX).map(Tokens)


@given(amounts)
@THOROUGH
def test_an_amount_survives_being_written(amount: Tokens) -> None:
    """Text and decimal hold the very same amount."""
    assert tokens(as_text(amount)) == amount
    assert as_decimal(amount) * MICRO == amount
    assert tokens(f"{as_decimal(amount):f}") == amount


@given(st.integers(-(10**12), 10**12))
@THOROUGH
def test_whole_tokens_are_read_from_numbers(whole: int) -> None:
    """A whole number is so many tokens."""
    assert tokens(whole) == tokens(str(whole)) == whole * MICRO


@pytest.mark.parametrize(
    ("text", "micro"),
    [
        ("0", 0),
        ("-0", 0),
        ("7", 7_000_000),
        ("0.1", 100_000),
        ("-12.25", -12_250_000),
        ("0.0000010000", 1),
        ("007", 7_000_000),
        ("9223372036854.775807", TOKENS_MAX),
        ("-9223372036854.775807", -TOKENS_MAX),
    ],
)
def test_amounts_are_exact(text: str, micro: int) -> None:
    """Millionths are the unit, and the largest amount fills 64 bits."""
    assert tokens(text) == micro


def test_tenths_add_up() -> None:
    """A tenth and two tenths are three tenths."""
    assert tokens("0.1") + tokens("0.2") == tokens("0.3")
    assert as_text(tokens("0.30")) == "0.3"
    assert as_decimal(tokens("-0.5")) == Decimal("-0.5")


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "-", ".", "1.", ".5", "+1", "--1", " 1", "1 ", "1\n", "1,5", "1_000", "1e3", "1e-7", "0.0000001",
        "NaN", "Infinity", "1e999", "0x10", "½", "٣", "١٢", "１２", "−1", "1.5.0", str(2**63), "9223372036854.775808",

        pytest.param("9" * 10_000, id="10,000 digits"), "0" * 20, 2**63,
        pytest.param(10**5000, id="a number of 5,001 digits"), True, 0.1, 1.0, Decimal(1), None, b"1",
    ],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text: object) -> None:
    """Floats, exponents, other digits, blanks, commas, and more than can be held: always the same refusal."""
    with pytest.raises(InvalidAmount):
        tokens(text)  # type: ignore[arg-type]
