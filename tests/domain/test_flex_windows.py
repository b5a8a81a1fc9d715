"""Flex: windows, grace, roll-over and idleness, at their edges and against a minute-by-minute simulation (F1-F4)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.makers import MONDAY, PRODUCT, THOROUGH, at, rate, use, uses

from farebox.domain.amounts import tokens
from farebox.domain.charging.flex import WINDOW_US, Chain, is_idle, outlasts_grace, rate_flex
from farebox.domain.clock import DAY, HOUR, MINUTE, Instant, Span, day_of
from farebox.domain.errors import Rejected
from farebox.domain.rates import Rate
from farebox.domain.usage import ChargeCategory, Reason, Row, Use

RATES = [rate(7), rate(10, at(36), number=2)]
"""Seven tokens; ten from Tuesday noon."""


def told(chain: Chain) -> list[tuple[int, str, int, Reason]]:
    """Say of each row: whose it is, its category, its minutes and why."""
    return [(row.use, str(row.category), (row.until - row.since) // MINUTE, row.reason) for row in chain.rows]


def reaching(found: Iterable[Use], border: Instant) -> list[Use]:
    """Return the uses that a chain from `border` on needs."""
    return [one for one in found if one.until > border or one.since >= border]


def test_one_launch_opens_one_window() -> None:
    """A session of an hour costs its rate and covers 24 hours from its start (F1)."""
    chain = rate_flex([use(1, at(8), at(9))], RATES, PRODUCT)

    row = Row(
        1, PRODUCT, at(8), at(9), day_of(MONDAY), ChargeCategory.CHARGED, tokens(7), at(8),
        Reason.WINDOW_OPENED, at(8), 1,
    )  # fmt: skip
    assert chain == Chain((row,), (at(8),))


def test_open_across_the_end_of_the_window_is_charged_again_there() -> None:
    """Monday 08-17 and Tuesday 07-17 are two charges, on Monday at 08:00 and on Tuesday at 08:00 (case 1, F2)."""
    chain = rate_flex([use(1, at(8), at(17)), use(2, at(31), at(41))], [rate(7)], PRODUCT)

    assert told(chain) == [
        (1, "CHARGED", 540, Reason.WINDOW_OPENED),
        (2, "FREE", 60, Reason.IN_WINDOW),
        (2, "CHARGED", 540, Reason.WINDOW_ROLLED),
    ]
    assert chain.windows == (at(8), at(32))
    assert [row.day - day_of(MONDAY) for row in chain.rows] == [0, 0, 1]


@pytest.mark.parametrize(
    ("since", "until", "windows"),
    [
        (at(31, 58), at(32, 2), 1),
        (at(31, 56), at(32, 3), 2),
        (at(31), at(32), 1),
        (at(31), at(32, 0, 1), 2),
        (at(31, 55), at(32), 1),
        (at(31, 55, 1), at(32, 0, 1), 1),
        (at(31, 55), at(32, 0, 1), 2),
        (at(32), at(33), 2),
    ],
)
def test_only_a_session_longer_than_the_grace_and_beyond_the_end_rolls(
    since: Instant, until: Instant, windows: int
) -> None:
    """With a window that ends on Tuesday 08:00, the whole session and the last microsecond decide (F2, F3)."""
    chain = rate_flex([use(1, at(8), at(9)), use(2, since, until)], [rate(7)], PRODUCT)

    assert len(chain.windows) == windows


@pytest.mark.parametrize(("extra_us", "category"), [(0, "CASUAL"), (1, "CHARGED"), (-1, "CASUAL")])
def test_the_grace_itself_is_still_casual(extra_us: int, category: str) -> None:
    """Five minutes exactly cost nothing; a microsecond more is charged (F3)."""
    chain = rate_flex([use(1, at(8), at(8, 5, extra_us))], RATES, PRODUCT)

    assert chain.rows[0].category == category


def test_a_session_of_no_length_is_one_casual_row() -> None:
    """It counts as a use, and costs and opens nothing (F3)."""
    chain = rate_flex([use(1, at(8), at(8))], RATES, PRODUCT)

    assert told(chain) == [(1, "CASUAL", 0, Reason.WITHIN_GRACE)]
    assert chain.windows == ()


@pytest.mark.parametrize(("minute", "category"), [(0, "FREE"), (23 * 60 + 59, "FREE"), (24 * 60, "CASUAL")])
def test_a_short_session_in_a_window_is_free(minute: int, category: str) -> None:
    """From the window's first instant until its end, however short; at the end itself it lies outside (F1)."""
    chain = rate_flex([use(1, at(8), at(9)), use(2, at(8, minute), at(8, minute))], RATES, PRODUCT)

    assert chain.rows[1].category == category


def test_a_short_session_is_divided_where_a_window_opens() -> None:
    """What lies before the window is casual, the rest is free; the session rolls nothing itself (F2, T2)."""
    chain = rate_flex([use(1, at(7, 58), at(8, 2)), use(2, at(8), at(9))], RATES, PRODUCT)

    assert told(chain) == [
        (1, "CASUAL", 2, Reason.WITHIN_GRACE),
        (1, "FREE", 2, Reason.IN_WINDOW),
        (2, "CHARGED", 60, Reason.WINDOW_OPENED),
    ]


def test_a_rate_change_does_not_reach_into_a_window() -> None:
    """A window keeps the rate of its start; the next window has the rate of its own (F1, T7)."""
    chain = rate_flex([use(1, at(13), at(72))], RATES, PRODUCT)

    assert [(row.tokens, row.rate) for row in chain.rows] == [(tokens(7), 1), (tokens(10), 2), (tokens(10), 2)]


def test_a_new_rate_holds_from_its_first_instant() -> None:
    """A window that starts as the rate does has the new rate; one microsecond before, the old (T7)."""
    before, exactly = [rate_flex([use(1, at(36, 0, us), at(40))], RATES, PRODUCT).rows[0].tokens for us in (-1, 0)]

    assert (before, exactly) == (tokens(7), tokens(10))


def test_a_chain_before_the_first_rate_is_refused() -> None:
    """No rate in force is a refusal that names itself; such a use is quarantined before it gets here (T7)."""
    with pytest.raises(Rejected) as refused:
        rate_flex([use(1, at(8), at(9))], [rate(7, at(9))], PRODUCT)

    assert [problem.code for problem in refused.value.problems] == ["no_rate"]


def test_equal_starts_are_ordered_by_what_the_events_say() -> None:
    """Of two sessions that start together the same one is charged, whatever their internal ids (N5)."""
    first, second = Use(90, at(8), at(9), 1, 0), Use(10, at(8), at(9), 2, 0)

    assert [row.use for row in rate_flex([second, first], RATES, PRODUCT).rows if row.tokens] == [90]


@pytest.mark.parametrize(
    ("last_activity", "windows"), [(at(31, 45), (at(8),)), (at(31, 45, 1), (at(8), at(32))), (at(32), (at(8), at(32)))]
)
def test_fifteen_minutes_without_activity_at_the_end_let_the_charge_wait(
    last_activity: Instant, windows: tuple[Instant, ...]
) -> None:
    """Exactly fifteen minutes are idle; a microsecond less is in use (F4)."""
    left_open = use(1, at(8), at(40), (Span(at(8), last_activity),))

    assert rate_flex([left_open], [rate(7)], PRODUCT).windows == windows


def test_resumed_activity_opens_the_window_when_it_resumes() -> None:
    """The idle stretch after the window is free and on its own day; the charge is at the resumption (F4)."""
    left_open = use(1, at(8), at(40), (Span(at(8), at(10)), Span(at(33), at(34))))

    chain = rate_flex([left_open], [rate(7)], PRODUCT)

    assert told(chain) == [
        (1, "CHARGED", 1440, Reason.WINDOW_OPENED),
        (1, "FREE", 60, Reason.IDLE),
        (1, "CHARGED", 420, Reason.WINDOW_RESUMED),
    ]
    assert chain.windows == (at(8), at(33))


def test_activity_that_begins_at_the_end_itself_is_charged_there() -> None:
    """After hours without activity, activity at the window's last border opens the next window at once (F4)."""
    left_open = use(1, at(8), at(40), (Span(at(8), at(9)), Span(at(32), at(33))))

    chain = rate_flex([left_open], [rate(7)], PRODUCT)

    assert chain.windows == (at(8), at(32))
    assert chain.rows[-1].reason is Reason.WINDOW_RESUMED


def test_a_launch_elsewhere_opens_the_window_of_an_idle_session() -> None:
    """A new session of the same product starts the window; the idle one is covered by it (F4)."""
    idle, launch = use(1, at(8), at(40), (Span(at(8), at(9)),)), use(2, at(34), at(35))

    chain = rate_flex([idle, launch], [rate(7)], PRODUCT)

    assert chain.windows == (at(8), at(34))
    assert [row.use for row in chain.rows if row.category is ChargeCategory.CHARGED] == [1, 2]


def test_activity_outside_the_session_does_not_count() -> None:
    """Activity before a session's start or from its end on resumes nothing (F4)."""
    odd = use(1, at(8), at(40), (Span(at(1), at(2)), Span(at(40), at(41)), Span(at(50), at(51))))

    assert rate_flex([odd], [rate(7)], PRODUCT).windows == (at(8),)


def test_starting_a_product_is_activity() -> None:
    """An idle-aware session that never tells of any activity opens its window by being started (F4)."""
    silent = use(1, at(8), at(12), ())

    assert rate_flex([silent], [rate(7)], PRODUCT).windows == (at(8),)
    assert [is_idle(silent, at(8, minute)) for minute in (0, 14, 15)] == [False, False, True]


def test_a_window_is_24_hours_on_days_of_23_and_25() -> None:
    """Clocks that are put forward or back move no border: instants are UTC (T3)."""
    chain = rate_flex([use(1, at(8), at(8 + 24 * 30))], [rate(7)], PRODUCT)

    assert {after - before for before, after in pairwise(chain.windows)} == {DAY}


def test_a_use_withdrawn_from_a_border_opens_nothing_there() -> None:
    """Rating from a border again, after its opener was withdrawn, lets the window go (M3, N5)."""
    short = use(2, at(9), at(9, 3))

    chain = rate_flex([short], RATES, PRODUCT, standing=at(8))

    assert chain.windows == ()
    assert told(chain) == [(2, "CASUAL", 3, Reason.WITHIN_GRACE)]


@given(uses(), st.randoms(use_true_random=False))
@THOROUGH
def test_neither_order_nor_repetition_changes_a_row(found: list[Use], chance: Random) -> None:
    """The chain is a function of the set of uses (N5)."""
    shuffled = [*found, *found[: len(found) // 2]]
    chance.shuffle(shuffled)

    assert rate_flex(shuffled, RATES, PRODUCT) == rate_flex(found, RATES, PRODUCT)


@given(uses())
@THOROUGH
def test_the_sums_of_a_chain_hold(found: list[Use]) -> None:
    """Minutes add up to each duration; each window is charged once, at its own rate, and overlaps none (T2, F1)."""
    rows, windows = rate_flex(found, RATES, PRODUCT)

    for one in found:
        parts = [row for row in rows if row.use == one.id]
        assert sum(row.until - row.since for row in parts) == one.until - one.since
        assert all(before.until == after.since for before, after in pairwise(parts))
    charged = [row for row in rows if row.category is ChargeCategory.CHARGED]
    assert sorted(row.at for row in charged) == list(windows)
    assert all(after - before >= WINDOW_US for before, after in pairwise(windows))
    assert sum(row.tokens for row in rows) == sum(tokens(7) if start < at(36) else tokens(10) for start in windows)


@given(uses())
@THOROUGH
def test_rating_from_a_border_gives_the_rest_of_the_chain(found: list[Use]) -> None:
    """From the start or the end of any window on, only what reaches beyond it is needed (N5)."""
    whole = rate_flex(found, RATES, PRODUCT)

    for border in {*whole.windows, *(start + WINDOW_US for start in whole.windows)}:
        rest = rate_flex(reaching(found, Instant(border)), RATES, PRODUCT, standing=Instant(border))
        assert rest.rows == tuple(row for row in whole.rows if row.since >= border)
        assert rest.windows == tuple(start for start in whole.windows if start >= border)


@given(uses(most=4), uses(most=1))
@THOROUGH
def test_a_late_use_never_lowers_the_number_of_windows(found: list[Use], late: list[Use]) -> None:
    """At equal rates a chain with one more use costs as much or more (L5a)."""
    more = [*found, *(one._replace(id=99) for one in late)]

    assert len(rate_flex(more, [rate(7)], PRODUCT).windows) >= len(rate_flex(found, [rate(7)], PRODUCT).windows)


@given(uses(most=5, days=3))
@THOROUGH
def test_the_chain_agrees_with_a_walk_minute_by_minute(found: list[Use]) -> None:
    """Every minute of every use has the window and category that a plain simulation gives it (F1-F4)."""
    chain = rate_flex(found, [rate(7)], PRODUCT)

    openers = simulate(found)
    assert chain.windows == tuple(openers)
    for row in chain.rows:
        assert row.window == window_at(openers, row.since)
        assert (row.category, row.tokens > 0) == expected(row, found, openers)


def simulate(found: list[Use]) -> dict[Instant, int]:
    """Walk through time a minute at a time, and note each window's start with the use that opened it."""
    openers: dict[Instant, int] = {}
    in_order = sorted(found, key=lambda one: (one.since, one.tie, one.until))
    last_activity: dict[int, int] = {}
    window_until = 0
    for now in range(MONDAY, MONDAY + 6 * DAY, MINUTE):
        for one in in_order:
            if one.since <= now < one.until and outlasts_grace(one):
                spans = (*(one.active or ()), Span(one.since, one.since)) if one.active is not None else ((now, now),)
                if any(since <= now <= until for since, until in spans):
                    last_activity[one.id] = now
                if now >= window_until and now - last_activity[one.id] < 15 * MINUTE:
                    openers[Instant(now)] = one.id
                    window_until = now + 24 * HOUR
    return openers


def window_at(openers: Iterable[Instant], now: Instant) -> Instant | None:
    """Return the start of the window that covers an instant."""
    return next((start for start in openers if start <= now < start + WINDOW_US), None)


def expected(row: Row, found: list[Use], openers: dict[Instant, int]) -> tuple[ChargeCategory, bool]:
    """Return the category of a row, and whether it costs anything, from the simulated windows."""
    if row.window is not None:
        charged = openers[row.window] == row.use and row.since == row.window
        return (ChargeCategory.CHARGED, True) if charged else (ChargeCategory.FREE, False)
    long = next(outlasts_grace(one) for one in found if one.id == row.use)
    return (ChargeCategory.FREE if long else ChargeCategory.CASUAL), False


def test_the_total_is_exact_for_rates_below_a_token() -> None:
    """Ten windows at a tenth of a token are one token, exactly."""
    tenth = [Rate(1, Instant(0), tokens("0.1"))]

    chain = rate_flex([use(1, at(0), at(240))], tenth, PRODUCT)

    assert sum(row.tokens for row in chain.rows) == tokens(1)
