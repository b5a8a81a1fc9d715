"""What uses would have cost at another rate: windows, days and jobs priced again, exactly (product A2)."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawn import few

from farebox.domain.amounts import ZERO, Tokens, tokens
from farebox.domain.charging.jobs import Job, Outcome
from farebox.domain.clock import Instant
from farebox.domain.rates import Rate
from farebox.domain.what_if import Change, Cost, FamilyDay, JobDone, days_at, jobs_at, together, windows_at

AT = Instant(1_000)
AMOUNTS = st.integers(0, 10**9).map(Tokens)


def rate(text: str, *, unit: int = 0, since: int = 0) -> Rate:
    """Make a rate."""
    return Rate(1, Instant(since), tokens(text), unit)


def test_each_window_costs_the_rate() -> None:
    """Three windows at 0.1 more cost 0.3 more, to the millionth (domain F1)."""
    assert windows_at(3, tokens("21"), rate("7.1")) == Cost(tokens("21"), tokens("21.3"))
    assert windows_at(3, tokens("21"), rate("7.1")).difference == tokens("0.3")


def test_a_day_costs_its_dearest_product() -> None:
    """A cheaper rate saves nothing on days on which a dearer product was used as well (domain N4)."""
    others = {2: (rate("10"),), 3: ()}
    days = [
        FamilyDay(frozenset({1}), tokens("6"), AT),
        FamilyDay(frozenset({1, 2}), tokens("10"), AT),
        FamilyDay(frozenset({1, 3}), tokens("6"), AT),
    ]

    assert days_at(days, 1, rate("4"), others) == Cost(tokens("22"), tokens("18"))
    assert days_at(days, 1, rate("12"), others) == Cost(tokens("22"), tokens("36"))


def test_the_other_products_have_the_rate_of_the_day() -> None:
    """A later rate of another product does not reach an earlier day (domain T7)."""
    others = {2: (rate("3"), rate("50", since=2_000))}

    assert days_at([FamilyDay(frozenset({1, 2}), tokens("6"), AT)], 1, rate("5"), others).would == tokens("5")


def test_jobs_are_priced_by_their_class_and_measure() -> None:
    """Only jobs of the class change; work by time is rounded down to a millionth (domain S1, S2)."""
    rvt = JobDone("rvt", Job(Outcome.SUCCEEDED, 2, None), tokens("1"), AT)
    plain = JobDone("dwg", Job(Outcome.SUCCEEDED, None, None), tokens("0.1"), AT)
    timed = JobDone("", Job(Outcome.SUCCEEDED, None, 217), tokens("3.616666"), AT)
    histories = {"complex": (rate("0.5"),), "simple": (rate("0.1"),), "": (rate("1", unit=60),)}

    assert jobs_at([rvt, plain], Change("complex", rate("1")), histories) == Cost(tokens("1.1"), tokens("2.1"))
    assert jobs_at([rvt, plain], Change("rvt", rate("3")), histories).would == tokens("6.1")
    assert jobs_at([timed], Change("", rate("2", unit=60)), histories).would == tokens("7.233333")
    untimed = timed._replace(job=Job(Outcome.SUCCEEDED, None, None))
    assert jobs_at([untimed], Change("", rate("2", unit=60)), histories).would == timed.tokens


@settings(max_examples=few(100))
@given(st.lists(st.tuples(st.frozensets(st.integers(1, 4), min_size=1), AMOUNTS)), AMOUNTS, AMOUNTS)
def test_a_dearer_rate_never_costs_less(days: list[tuple[frozenset[int], Tokens]], low: Tokens, high: Tokens) -> None:
    """What would have been paid grows with the rate, and what was paid does not depend on it."""
    low, high = sorted((low, high))
    found = [FamilyDay(products, amount, AT) for products, amount in days]
    others = {product: (rate("5"),) for product in range(2, 5)}

    cheap = days_at(found, 1, Rate(0, Instant(0), low), others)
    dear = days_at(found, 1, Rate(0, Instant(0), high), others)

    assert cheap.would <= dear.would
    assert cheap.was == dear.was == sum(amount for _products, amount in days)
    assert together([cheap, dear]) == Cost(Tokens(2 * cheap.was), Tokens(cheap.would + dear.would))


def test_nothing_costs_nothing() -> None:
    """Without uses there is nothing to price."""
    assert together([]) == Cost(ZERO, ZERO)
