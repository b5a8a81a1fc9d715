"""What may leave a pack, and what a part is (domain L6); years of contracts without an end (C1)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Day, Instant
from farebox.domain.moves import Goal, Movable, amount_of, part_since, problems_of
from farebox.domain.periods import contract_year_of, whole_years

HERE, THERE = 1, 2
small = st.integers(-5, 20)


@given(since=small, life=st.integers(1, 20), left=st.integers(0, 20), asked=st.none() | small, at=small)
def test_what_is_allowed_is_sound(since: int, life: int, left: int, asked: int | None, at: int) -> None:
    """What no problem forbids is more than nothing, at most what is left, of a living pack, for another team (L6)."""
    pack = Movable(7, HERE, Instant(since), Instant(since + life), Tokens(left))
    tokens = None if asked is None else Tokens(asked)

    problems = problems_of(pack, Goal(THERE, True), tokens, at=Instant(at))

    moved = amount_of(pack, tokens)
    assert (problems == []) == (0 < moved <= left and at < since + life)
    if not problems:
        assert max(at, since) == part_since(pack, at=Instant(at)) < pack.until
    for goal in (Goal(HERE, True), Goal(THERE, False)):
        assert "/to" in {problem.pointer for problem in problems_of(pack, goal, tokens, at=Instant(at))}


@given(start=st.integers(0, 40_000), count=st.integers(1, 12))
def test_years_without_an_end_are_whole(start: int, count: int) -> None:
    """As many years as asked for, each beginning where the one before ended, numbered as their days are (C1)."""
    years = whole_years(Day(start), count)

    assert len(years) == count
    assert [contract_year_of(Day(start), days.since) for days in years] == list(range(1, count + 1))
    assert [contract_year_of(Day(start), Day(days.until - 1)) for days in years] == list(range(1, count + 1))
