"""Charged item ids go both ways; ties depend on the event and on nothing else."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.makers import THOROUGH

from farebox.domain.errors import NotFound
from farebox.domain.ids import CHARGES_MAX, charge_of, charged_item_id, tie_of

charges = st.integers(0, CHARGES_MAX - 1)


@given(charges)
@THOROUGH
def test_an_id_stands_for_one_charge(charge: int) -> None:
    """Twelve digits and capitals, none of which is read wrongly, and back again."""
    item_id = charged_item_id(charge)

    assert re.fullmatch("[0-9A-HJKMNP-TV-Z]{12}", item_id)
    assert charge_of(item_id) == charge


def test_ids_are_what_they_were() -> None:
    """Ids were given out and must stay: the scramble may never change."""
    assert [charged_item_id(charge) for charge in (1, 2, 3)] == ["PJCX0BFXABCQ", "15GG2HZTMPSE", "BVECY08DVERM"]


@pytest.mark.parametrize(
    "item_id", ["", "PJCX0BFXABC", "PJCX0BFXABCQQ", "PJCX0BFXABCI", "pjcx0bfxabcq", "PJCX0BFXABC١"]
)
def test_what_is_no_id_is_not_found(item_id: str) -> None:
    """Wrong lengths, small letters and other signs look like any id that does not exist."""
    with pytest.raises(NotFound):
        charge_of(item_id)


@given(st.text(), st.text())
@THOROUGH
def test_a_tie_is_a_number_that_the_database_can_hold(source: str, event_id: str) -> None:
    """63 bits, the same each time."""
    tie = tie_of(source, event_id)

    assert 0 <= tie < 2**63
    assert tie == tie_of(source, event_id)


def test_a_tie_keeps_source_and_id_apart() -> None:
    """The border between the two counts; odd text does not fail."""
    assert tie_of("ab", "c") != tie_of("a", "bc")
    assert tie_of("\ud800", "\0") != tie_of("\ud800", "")
    assert tie_of("//demo/licences", "1") == tie_of("//demo/licences", "1") == 1021307264059176373
