"""The hash chain: what changes it, and what must not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from farebox.domain.chain import Chained, canonical, following, genesis

ENTRY = Chained(1, "FLEX", "OUTSIDE", 0, "FLEX", "PACK", 3, 100_000_000, "PURCHASED", 0, 0, 0, 10, 20)


KNOWN = "b249c2b32145b0c1192a7b263f4f28710c6655ea84a34924c8b5c3f4894e806a"
"""The hash after that entry in the ledger of team 1."""


def entries(count: int) -> list[Chained]:
    """Return entries in order that differ in their numbers."""
    return [ENTRY._replace(number=number) for number in range(1, count + 1)]


def test_the_canonical_form_is_what_is_written_down() -> None:
    """The bytes of an entry never change: chains of every release must be verifiable by every later one."""
    assert canonical(ENTRY) == b"1|FLEX|OUTSIDE|0|FLEX|PACK|3|100000000|PURCHASED|0|0|0|10|20\n"
    assert following(genesis(1), [ENTRY]).hex() == KNOWN


def test_every_team_starts_elsewhere() -> None:
    """The ledger of one team cannot stand in for another's."""
    assert genesis(1) != genesis(2)


@given(cut=st.integers(0, 12))
def test_links_may_be_cut_anywhere(cut: int) -> None:
    """The hash after an entry does not depend on where one link ends and the next begins."""
    whole = entries(12)

    assert following(following(genesis(1), whole[:cut]), whole[cut:]) == following(genesis(1), whole)


@given(field=st.sampled_from(Chained._fields), place=st.integers(0, 11))
def test_every_value_counts(field: str, place: int) -> None:
    """A change of any value of any entry changes the hash at the end."""
    whole = entries(12)
    value = getattr(whole[place], field)
    changed = list(whole)
    changed[place] = whole[place]._replace(**{field: value + 1 if isinstance(value, int) else "CREDIT"})

    assert following(genesis(1), changed) != following(genesis(1), whole)


@given(places=st.lists(st.integers(0, 11), min_size=2, max_size=2, unique=True))
def test_the_order_counts(places: list[int]) -> None:
    """Two entries that change places change the hash."""
    whole = entries(12)
    swapped = list(whole)
    swapped[places[0]], swapped[places[1]] = whole[places[1]], whole[places[0]]

    assert following(genesis(1), swapped) != following(genesis(1), whole)
