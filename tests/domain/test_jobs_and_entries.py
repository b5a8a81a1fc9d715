"""Jobs, consumption and adjustments: their prices, and how long added tokens live (domain S1, S2, N6)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farebox.domain.amounts import MICRO, Tokens, as_text, tokens
from farebox.domain.charging.jobs import STATUS_WORDS, Job, Outcome, billable_seconds, estimate, job_row, outcome_of
from farebox.domain.charging.manual import adjustment_row, consumption_row, life_of_added, price_of_quantity
from farebox.domain.clock import Instant, Span, as_date, day, day_of, midnight, read_instant
from farebox.domain.packs import Pool
from farebox.domain.rates import Rate

DONE = read_instant("2026-03-02T20:30:00Z")
LATEST = read_instant("2100-01-01T00:00:00Z")
START = day(date(2024, 7, 15))
RESULTS = st.none() | st.integers(0, 10**6)


def test_billable_time_is_whole_seconds() -> None:
    """The published example: 217 s from 20:22:25.587368 to 20:26:03.360827 (S2)."""
    work = Span(read_instant("2026-03-02T20:22:25.587368Z"), read_instant("2026-03-02T20:26:03.360827Z"))

    assert billable_seconds(work) == 217


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_billable_time_is_never_more_than_it_took(since: int, took: int) -> None:
    """It is rounded down, by less than a second."""
    seconds = billable_seconds(Span(Instant(since), Instant(since + took)))

    assert seconds * 10**6 <= took < (seconds + 1) * 10**6


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        ("Success", Outcome.SUCCEEDED),
        (" COMPLETE ", Outcome.SUCCEEDED),
        ("time_out", Outcome.FAILED),
        ("canceled", Outcome.FAILED),
        ("In-Progress", Outcome.RUNNING),
        ("", None),
        ("perhaps", None),
    ],
)
def test_a_status_word_is_read_however_it_is_written(word: str, outcome: Outcome | None) -> None:
    """Case, blanks, hyphens and underscores do not matter; other words say nothing."""
    assert outcome_of(word) is outcome


def test_every_status_word_says_something() -> None:
    """The words that are offered in a refusal are those that are understood."""
    assert [word for word in STATUS_WORDS if outcome_of(word) is None] == []


@given(RESULTS, st.none() | st.integers(0, 10**7), st.integers(0, 10**9), st.sampled_from([0, 1, 60, 3600]))
def test_only_success_costs_and_only_work_that_runs_is_reserved(
    results: int | None, seconds: int | None, price: int, size: int
) -> None:
    """The price and the estimate are never negative, and never both; an estimate by result is the price of it."""
    rate = Rate(1, Instant(0), Tokens(price), size)
    for outcome in Outcome:
        job = Job(outcome, results, seconds)
        row = job_row(1, 2, Span(DONE, DONE), job, rate)
        assert row.tokens >= 0
        assert estimate(job, rate) >= 0
        assert row.tokens == 0 or outcome is Outcome.SUCCEEDED
        assert estimate(job, rate) == 0 or outcome is Outcome.RUNNING
        assert (row.day, row.at, row.window) == (day_of(DONE), DONE, None)
    if not size:
        priced = job_row(1, 2, Span(DONE, DONE), Job(Outcome.SUCCEEDED, results, seconds), rate).tokens
        assert priced == estimate(Job(Outcome.RUNNING, results, seconds), rate)


@given(st.integers(0, 10**9), st.integers(0, 10**7), st.integers(1, 10**5))
def test_time_is_rounded_down_to_a_millionth(price: int, seconds: int, size: int) -> None:
    """What is charged times the unit's size is what is owed, less than one millionth of a token short (S2)."""
    rate = Rate(1, Instant(0), Tokens(price), size)
    charged = job_row(1, 2, Span(DONE, DONE), Job(Outcome.SUCCEEDED, None, seconds), rate).tokens

    assert 0 <= price * seconds - charged * size < size


@given(st.integers(0, 10**9), st.integers(0, 10**12))
def test_a_quantity_is_priced_exactly(price: int, quantity_micro: int) -> None:
    """Rate × quantity, rounded down to a millionth."""
    found = price_of_quantity(Rate(1, Instant(0), Tokens(price)), quantity_micro)

    assert 0 <= price * quantity_micro - found * MICRO < MICRO


@given(
    st.integers(-(10**15), 10**15).filter(bool),
    st.integers(10_000, 40_000).map(lambda one: day_of(Instant(one * 86_400_000_000))),
)
def test_an_adjustment_consumes_minus_its_change(change: int, on: int) -> None:
    """tokensConsumed = −(change of the pool), on its own date, at 00:00 UTC (N6)."""
    row = adjustment_row(1, day_of(Instant(on * 86_400_000_000)), Tokens(change))

    assert (row.tokens, row.product, row.at, row.until) == (-change, 0, midnight(row.day), row.since)


def test_a_consumption_has_no_length() -> None:
    """It begins and ends at 00:00 UTC of its date, and lies in no window."""
    row = consumption_row(1, 2, START, tokens("2.5"), 0)

    assert (row.since, row.until, row.window, as_text(row.tokens)) == (midnight(START), midnight(START), None, "2.5")


@pytest.mark.parametrize(
    ("pool", "on", "end", "until"),
    [
        (Pool.FLEX, "2026-03-02", None, "2027-03-02"),
        (Pool.CREDIT, "2028-02-29", None, "2029-03-01"),
        (Pool.CY, "2026-03-02", None, "2026-07-15"),
        (Pool.CY, "2026-07-15", None, "2027-07-15"),
        (Pool.CY, "2026-03-02", "2026-05-01", "2026-05-01"),
        (Pool.MY, "2026-03-02", "2027-05-01", "2027-05-01"),
        (Pool.MY, "2026-03-02", None, "2100-01-01"),
    ],
)
def test_added_tokens_live_as_those_of_their_pool(pool: Pool, on: str, end: str | None, until: str) -> None:
    """A year, the contract year, or as long as the contract (C1, T6)."""
    last = None if end is None else day(date.fromisoformat(end))

    life = life_of_added(pool, day(date.fromisoformat(on)), start=START, end=last, latest=LATEST)

    assert as_date(day_of(life.since)).isoformat() == on
    assert as_date(day_of(life.until)).isoformat() == until
