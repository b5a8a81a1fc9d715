"""Bands of tokens: every person is in exactly one, and bounds stand where domain R5 puts them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farebox.domain.amounts import MICRO, Tokens, tokens
from farebox.domain.bands import bands_of

AMOUNTS = st.lists(st.integers(-(10**9), 10**15).map(Tokens), min_size=1, max_size=30)


def counted(*amounts: str) -> list[tuple[int, int, int]]:
    """Return the bands of amounts in whole tokens."""
    return [(b.above // MICRO, b.through // MICRO, b.members) for b in bands_of(map(tokens, amounts))]


def test_a_lower_bound_is_exclusive() -> None:
    """100 is in the first band, 100.1 in the second, and someone who took nothing is in the first (domain R5)."""
    assert counted("0", "100", "100.1", "500") == [(0, 100, 2), (100, 500, 2)]


def test_the_bands_end_with_the_largest_amount() -> None:
    """Empty bands between are shown, none beyond (domain R5)."""
    assert counted("7", "1000.5") == [(0, 100, 1), (100, 500, 0), (500, 1000, 0), (1000, 5000, 1)]


@pytest.mark.parametrize("amounts", [("0",), ("10", "11", "50.5", "100")])
def test_the_first_band_splits_where_all_are_in_it(amounts: tuple[str, ...]) -> None:
    """Where everyone is at 100 or less, bounds at 10 and 50 tell them apart (domain R5)."""
    found = counted(*amounts)

    assert [band[:2] for band in found] == [(0, 10), (10, 50), (50, 100)]
    assert sum(band[2] for band in found) == len(amounts)


def test_nobody_has_no_bands() -> None:
    """Where there are no amounts there is nothing to show."""
    assert bands_of([]) == ()


@given(AMOUNTS)
def test_everyone_is_in_one_band(amounts: list[Tokens]) -> None:
    """Bands follow one another without a gap and count each amount once, where it belongs (domain R5)."""
    bands = bands_of(amounts)

    assert sum(band.members for band in bands) == len(amounts)
    assert [band.above for band in bands] == [0, *(band.through for band in bands[:-1])]
    for at, band in enumerate(bands):
        inside = [one for one in amounts if (at == 0 or one > band.above) and one <= band.through]
        assert band.members == len(inside)
