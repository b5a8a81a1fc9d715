"""Enterprise: the days of a licence server, and what a family costs a person on each (N1-N4)."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.makers import MONDAY, THOROUGH, at, rate, spans, use

from farebox.domain.amounts import tokens
from farebox.domain.charging.enterprise import Piece, rate_day, split_days
from farebox.domain.clock import DAY, HOUR, MINUTE, SECOND, Day, Instant, Span, day_of
from farebox.domain.errors import Rejected
from farebox.domain.rates import Rate
from farebox.domain.usage import ChargeCategory, Reason, Row, Use

A, B, C = 1, 2, 3
RATES = {A: rate(6, number=11), B: rate(10, number=12), C: rate(0, number=13)}
TODAY = day_of(MONDAY)
MINIMUM_US = 5 * MINUTE
HALF_PAST_FIVE = 5 * 3600 + 1800


def piece(number: int, product: int, since: Instant, until: Instant) -> Piece:
    """Make a piece on Monday, whose number is its id and orders it among equal starts."""
    return Piece(number, product, since, until, number, TODAY)


def rated(*pieces: Piece, minimum_us: int = MINIMUM_US) -> list[tuple[str, str]]:
    """Rate a day and say of each row its category and whole tokens."""
    rows = rate_day(pieces, RATES, minimum_us=minimum_us, day_start=MONDAY)
    return [(str(row.category), str(row.tokens // 1_000_000)) for row in rows]


def test_the_dearest_product_of_a_family_is_paid_once() -> None:
    """A at 6, then B at 10, then A: 6, the difference of 4, nothing (case 9, N2)."""
    day = [piece(1, A, at(9), at(10)), piece(2, B, at(11), at(12)), piece(3, A, at(13), at(14))]

    rows = rate_day(day, RATES, minimum_us=MINIMUM_US, day_start=MONDAY)

    assert [(row.category, row.tokens, row.reason, row.rate) for row in rows] == [
        (ChargeCategory.CHARGED, tokens(6), Reason.FIRST_OF_DAY, 11),
        (ChargeCategory.INCREMENTAL, tokens(4), Reason.DEARER_PRODUCT, 12),
        (ChargeCategory.FREE, 0, Reason.ALREADY_CHARGED, 0),
    ]
    assert {(row.at, row.day, row.window) for row in rows} == {(MONDAY, TODAY, None)}


def test_a_cheaper_product_after_a_dearer_one_is_free() -> None:
    """B at 10 first, then A at 6: nothing more (N2)."""
    assert rated(piece(1, B, at(9), at(10)), piece(2, A, at(11), at(12))) == [("CHARGED", "10"), ("FREE", "0")]


def test_a_product_below_the_minimum_does_not_count() -> None:
    """A for an hour and B for two minutes is A's rate (case 9)."""
    assert rated(piece(1, A, at(9), at(10)), piece(2, B, at(11), at(11, 2))) == [("CHARGED", "6"), ("CASUAL", "0")]


def test_short_pieces_add_up_to_the_minimum() -> None:
    """Three minutes are casual and stay so; with four more the product is charged (case 9, N2)."""
    assert rated(piece(1, A, at(9), at(9, 3)), piece(2, A, at(10), at(10, 4))) == [("CASUAL", "0"), ("CHARGED", "6")]


def test_time_that_overlaps_counts_once() -> None:
    """Two sessions of three minutes, side by side, are three minutes of the product (N2)."""
    assert rated(piece(1, A, at(9), at(9, 3)), piece(2, A, at(9), at(9, 3))) == [("CASUAL", "0"), ("CASUAL", "0")]


@pytest.mark.parametrize(("less_us", "category"), [(0, "CHARGED"), (1, "CASUAL")])
def test_the_minimum_itself_is_chargeable(less_us: int, category: str) -> None:
    """Five minutes exactly are charged; a microsecond less is casual (N2)."""
    assert rated(piece(1, A, at(9), at(9, 5, -less_us)))[0][0] == category


def test_a_minimum_of_nothing_charges_a_session_of_no_length() -> None:
    """Where the contract has no minimum, every touch counts (N2)."""
    assert rated(piece(1, A, at(9), at(9)), minimum_us=0) == [("CHARGED", "6")]


def test_a_product_that_costs_nothing_is_charged_nothing() -> None:
    """A rate of 0 is a charge of 0; a dearer product after it pays the whole difference (N2)."""
    assert rated(piece(1, C, at(9), at(10)), piece(2, A, at(11), at(12))) == [("CHARGED", "0"), ("INCREMENTAL", "6")]
    assert rated(piece(1, A, at(9), at(10)), piece(2, C, at(11), at(12))) == [("CHARGED", "6"), ("FREE", "0")]


def test_a_chargeable_product_without_a_rate_is_refused() -> None:
    """No rate in force is a refusal that names itself (T7); a casual piece needs none."""
    assert rated(piece(1, 99, at(9), at(9, 1))) == [("CASUAL", "0")]
    with pytest.raises(Rejected, match="no rate"):
        rated(piece(1, 99, at(9), at(10)))


@pytest.mark.parametrize(
    ("offset_seconds", "days"),
    [(0, [0]), (-8 * 3600, [-1, 0]), (HALF_PAST_FIVE, [0]), (14 * 3600, [0, 1]), (-HALF_PAST_FIVE, [-1, 0])],
)
def test_the_day_is_the_servers(offset_seconds: int, days: list[int]) -> None:
    """Monday 05:00 to 10:30 UTC falls on the dates that the server's clock showed (N1)."""
    pieces = split_days(use(1, at(5), at(10, 30)), A, offset_seconds=offset_seconds, borrowed=False)

    assert [one.day - TODAY for one in pieces] == days


def test_a_day_begins_at_the_servers_midnight() -> None:
    """Half-hour offsets divide a session at half past (N1, N3)."""
    pieces = split_days(use(1, at(18), at(19)), A, offset_seconds=HALF_PAST_FIVE, borrowed=False)

    assert [(one.since, one.until) for one in pieces] == [(at(18), at(18, 30)), (at(18, 30), at(19))]


@pytest.mark.parametrize(
    ("since", "until", "borrowed", "lengths"),
    [
        (at(22), at(24), False, [120]),
        (at(22), at(24, 0, 1), False, [120, 0]),
        (at(22), at(24), True, [120, 0]),
        (at(22), at(50), True, [120, 1440, 120]),
        (at(24), at(24), False, [0]),
        (at(24), at(24), True, [0]),
        (at(12), at(12), True, [0]),
    ],
)
def test_midnight_belongs_to_the_day_that_begins(
    since: Instant, until: Instant, borrowed: bool, lengths: list[int]
) -> None:
    """An end at 00:00 does not touch the new day, unless it is the return of a borrowed licence (N3)."""
    pieces = split_days(use(1, since, until), A, offset_seconds=0, borrowed=borrowed)

    assert [(one.until - one.since) // MINUTE for one in pieces] == lengths


@given(spans(5000, longest=6000), st.integers(-12 * 4, 14 * 4), st.booleans())
@THOROUGH
def test_the_pieces_of_a_session_are_its_dates(span: Span, quarters: int, borrowed: bool) -> None:
    """Pieces follow each other, one for each date of the server's clock, and lose no microsecond (N3, T2)."""
    offset_seconds = quarters * 900

    pieces = split_days(use(1, *span), A, offset_seconds=offset_seconds, borrowed=borrowed)

    assert (pieces[0].since, pieces[-1].until) == span
    assert sum(one.until - one.since for one in pieces) == span.until - span.since
    dates = {(at + offset_seconds * SECOND) // DAY for at in range(span.since, span.until, MINUTE)} | {pieces[0].day}
    if borrowed:
        dates.add((span.until + offset_seconds * SECOND) // DAY)
    assert [one.day for one in pieces] == sorted(dates)


pieces_of_a_day = st.lists(
    st.builds(lambda tie, product, span: (tie, product, span), st.integers(0, 4), st.integers(1, 3), spans(1200)),
    max_size=7,
).map(lambda made: [Piece(n, p, span.since, span.until, tie, Day(TODAY)) for n, (tie, p, span) in enumerate(made)])


@given(pieces_of_a_day, st.randoms(use_true_random=False))
@THOROUGH
def test_neither_order_nor_repetition_changes_a_row(day: list[Piece], chance: Random) -> None:
    """The same row carries the same category for any arrival (N4)."""
    shuffled = [*day, *day[: len(day) // 2]]
    chance.shuffle(shuffled)

    def rows(pieces: list[Piece]) -> tuple[Row, ...]:
        return rate_day(pieces, RATES, minimum_us=MINIMUM_US, day_start=MONDAY)

    assert rows(shuffled) == rows(day)


@given(pieces_of_a_day)
@THOROUGH
def test_internal_ids_do_not_decide(day: list[Piece]) -> None:
    """Ids that were given in another order of arrival leave every category where it was (N4)."""
    distinct = list({one._replace(use=0): one for one in day}.values())
    renamed = [one._replace(use=1000 - one.use) for one in distinct]

    before = rate_day(distinct, RATES, minimum_us=MINIMUM_US, day_start=MONDAY)
    after = rate_day(renamed, RATES, minimum_us=MINIMUM_US, day_start=MONDAY)

    assert after == tuple(row._replace(use=1000 - row.use) for row in before)


@given(pieces_of_a_day, st.sampled_from([0, 1, MINIMUM_US, HOUR]))
@THOROUGH
def test_the_day_costs_its_dearest_chargeable_product(day: list[Piece], minimum_us: int) -> None:
    """The total is the highest rate among the products whose time reaches the minimum, else 0 (N4)."""
    rows = rate_day(day, RATES, minimum_us=minimum_us, day_start=MONDAY)

    minutes = {product: set[int]() for product in RATES}
    for one in day:
        minutes[one.product].update(range(one.since, one.until, MINUTE))
    touched = {one.product for one in day}
    chargeable = [RATES[p].tokens for p in touched if len(minutes[p]) * MINUTE >= minimum_us]
    assert sum(row.tokens for row in rows) == max(chargeable, default=0)
    assert len(rows) == len(day)
    assert [row.tokens > 0 for row in rows if row.rate == 0] == [False for row in rows if row.rate == 0]


@given(pieces_of_a_day)
@THOROUGH
def test_categories_agree_with_the_time_so_far(day: list[Piece]) -> None:
    """A piece is casual exactly while the minutes covered so far are below the minimum (N2)."""
    rows = rate_day(day, RATES, minimum_us=MINIMUM_US, day_start=MONDAY)

    covered: dict[int, set[int]] = {}
    for row in rows:
        covered.setdefault(row.product, set()).update(range(row.since, row.until, MINUTE))
        casual = len(covered[row.product]) * MINUTE < MINIMUM_US
        assert (row.category is ChargeCategory.CASUAL) == casual


def test_a_rate_below_a_token_is_exact() -> None:
    """From 0.1 to 0.3 tokens the difference is 0.2 exactly."""
    rates = {A: Rate(1, Instant(0), tokens("0.1")), B: Rate(2, Instant(0), tokens("0.3"))}
    day = [piece(1, A, at(9), at(10)), piece(2, B, at(11), at(12))]

    assert [row.tokens for row in rate_day(day, rates, minimum_us=0, day_start=MONDAY)] == [
        tokens("0.1"),
        tokens("0.2"),
    ]


def test_the_same_session_in_two_days_is_charged_on_both() -> None:
    """A night across midnight is two days of the same use (N3)."""
    night = Use(1, at(22), at(26), 1, 0)

    days = split_days(night, A, offset_seconds=0, borrowed=False)

    assert [rate_day([one], RATES, minimum_us=MINIMUM_US, day_start=MONDAY)[0].tokens for one in days] == [
        tokens(6),
        tokens(6),
    ]
