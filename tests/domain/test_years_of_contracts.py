"""What a contract was given of several years, from the table of its years (domain N6)."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.clock import day
from farebox.domain.contracts import Entry, multi_year_given, year_by_year
from farebox.domain.packs import Pool
from farebox.domain.periods import whole_years

AMOUNTS = st.integers(-(10**12), 10**12).map(Tokens)
ENTRIES = st.lists(st.builds(Entry, st.integers(1, 6), st.sampled_from([Pool.CY, Pool.MY]), AMOUNTS, AMOUNTS))


@given(st.integers(0, 6), ENTRIES)
def test_what_was_given_is_what_every_entry_gave(count: int, entries: list[Entry]) -> None:
    """Whenever it came and whatever was used, the table tells the sum of what its years were given."""
    years = whole_years(day(date(2024, 2, 29)), count)

    given_in_all = multi_year_given(year_by_year(years, entries))

    assert given_in_all == sum(one.provisioned for one in entries if one.pool is Pool.MY and one.year <= count)


def test_a_contract_without_years_was_given_nothing() -> None:
    """An empty table tells nothing, and that is zero."""
    assert multi_year_given(()) == ZERO
