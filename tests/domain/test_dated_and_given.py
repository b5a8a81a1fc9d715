"""What holds at an instant: rates, settings, seats and trials, products in force, contract years (T7, F9, A2, N6)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.makers import PRODUCT, THOROUGH, at, rate, use

from farebox.domain.access import Assignment, products_in_force
from farebox.domain.amounts import Tokens
from farebox.domain.charging.precedence import entitled_row, funding_at
from farebox.domain.clock import Day, Instant
from farebox.domain.contracts import Entry, year_by_year
from farebox.domain.errors import Rejected
from farebox.domain.packs import Pool
from farebox.domain.periods import contract_years
from farebox.domain.rates import Rate, Setting, price_at, rate_in_force, setting_in_force
from farebox.domain.seats import Held
from farebox.domain.usage import ChargeCategory, Funding, Reason

A, B, C = 1, 2, 3


@given(st.lists(st.integers(0, 50), unique=True).map(sorted), st.integers(-1, 51))
@THOROUGH
def test_the_rate_in_force_is_the_last_that_has_started(starts: list[int], now: int) -> None:
    """From its own instant on, until the next starts (T7)."""
    history = [Rate(number, Instant(since), Tokens(number)) for number, since in enumerate(starts, start=1)]

    found = rate_in_force(history, Instant(now))

    assert found == max((one for one in history if one.since <= now), default=None, key=lambda one: one.since)


def test_a_charge_without_a_rate_is_refused() -> None:
    """The refusal names its code, so that the use can be quarantined (T7)."""
    assert price_at([rate(7, at(8))], at(8)) == rate(7, at(8))
    with pytest.raises(Rejected) as refused:
        price_at([rate(7, at(8))], Instant(at(8) - 1))

    assert refused.value.problems[0].code == "no_rate"


def test_a_setting_holds_from_its_date() -> None:
    """Before the first date the default holds."""
    grace_minutes = [Setting(at(8), 10), Setting(at(9), 3)]

    values = [setting_in_force(grace_minutes, Instant(now), 5) for now in (at(8) - 1, at(8), at(9) - 1, at(9))]

    assert values == [5, 10, 10, 3]


def test_a_seat_beats_a_trial_and_a_trial_beats_tokens() -> None:
    """Judged at one instant; spans are half-open (F9)."""
    held = [Held(1, Funding.TRIAL, at(8), at(12)), Held(2, Funding.SEAT, at(10), at(11))]

    paid = [funding_at(held, Instant(now)) for now in (at(8) - 1, at(8), at(10), at(11), at(12))]

    assert paid == [Funding.TOKENS, Funding.TRIAL, Funding.SEAT, Funding.TRIAL, Funding.TOKENS]
    assert funding_at([], at(8)) is Funding.TOKENS


@pytest.mark.parametrize(("funding", "reason"), [(Funding.SEAT, Reason.SEAT), (Funding.TRIAL, Reason.TRIAL)])
def test_a_use_over_a_seat_is_one_free_row(funding: Funding, reason: Reason) -> None:
    """It lies in no window, on the day of its start, however long (F9, T2)."""
    row = entitled_row(use(1, at(8), at(60)), PRODUCT, funding)

    assert (row.category, row.tokens, row.reason, row.window, row.at) == (ChargeCategory.FREE, 0, reason, None, at(8))
    assert (row.since, row.until) == (at(8), at(60))


def test_defaults_do_not_take_in_later_products() -> None:
    """A product that joins the offer is closed to people on defaults, open to those with all products (case 14)."""
    defaults, later_offer = frozenset({A, B}), frozenset({A, B, C})
    everything = Assignment(every=True)

    assert products_in_force(later_offer, everything, defaults=defaults) == {A, B}
    assert products_in_force(later_offer, everything) == {A, B, C}


def test_individual_products_rest_while_defaults_are_on() -> None:
    """They return when the defaults are cleared (A2)."""
    ticked = Assignment(frozenset({C}))
    offer = frozenset({A, B, C})

    in_turn = [products_in_force(offer, ticked, defaults=default) for default in (None, frozenset({A}), frozenset())]

    assert in_turn == [{C}, {A}, {C}]


def test_a_person_has_what_the_groups_have() -> None:
    """The union of all, as far as the offer goes (A2)."""
    groups = [Assignment(frozenset({B})), Assignment(frozenset({C, 99}))]

    assert products_in_force(frozenset({A, B, C}), Assignment(frozenset({A})), groups) == {A, B, C}
    assert products_in_force(frozenset({A, B}), Assignment(), [Assignment(every=True)]) == {A, B}
    assert products_in_force(frozenset({A, B}), Assignment()) == frozenset()


def test_the_published_contract_is_reproduced() -> None:
    """Four years of a contract with a yearly and a multi-year pool, exactly as published (N6)."""
    years = contract_years(Day(0), Day(3 * 365 + 200))
    entries = [
        Entry(1, Pool.MY, Tokens(25000), Tokens(3217)),
        Entry(1, Pool.CY, Tokens(344000), Tokens(146226)),
        Entry(2, Pool.CY, Tokens(344000), Tokens(100000)),
        Entry(2, Pool.CY, Tokens(0), Tokens(49799)),
        Entry(3, Pool.CY, Tokens(344000), Tokens(142073)),
    ]

    table = year_by_year(years, entries)

    assert [(one.number, *one[2:]) for one in table] == [
        (1, 344000, 146226, 197774, 25000, 3217),
        (2, 344000, 149799, 194201, 21783, 0),
        (3, 344000, 142073, 201927, 21783, 0),
        (4, 0, 0, 0, 21783, 0),
    ]


def test_over_consumption_leaves_less_than_nothing() -> None:
    """Paying it from the multi-year pool is one adjustment down and one up (N7)."""
    years = contract_years(Day(0), Day(365))
    used = [Entry(1, Pool.CY, Tokens(100), Tokens(130)), Entry(1, Pool.MY, Tokens(50), Tokens(0))]
    adjustment = [Entry(1, Pool.MY, Tokens(0), Tokens(30)), Entry(1, Pool.CY, Tokens(0), Tokens(-30))]

    assert year_by_year(years, used)[0].remaining == -30
    assert year_by_year(years, used + adjustment)[0][4:] == (0, 50, 30)
