"""When tokens run out and what will lapse: worked cases, and what holds whatever the packs and the pace are (F8)."""

from __future__ import annotations

from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.makers import MONDAY, THOROUGH

from farebox.domain.amounts import Tokens, tokens
from farebox.domain.clock import DAY, Day, Instant, day
from farebox.domain.outlook import SIGHT_DAYS, Outlook, Pace, foresee, pace_days, pace_of
from farebox.domain.packs import Pack
from farebox.domain.periods import Days

TODAY = day(date(2026, 3, 2))


def pack(number: int, since: int, until: int, left: str, size: str | None = None) -> Pack:
    """Make a pack that lives between two days from Monday on."""
    return Pack(number, in_days(since), in_days(until), tokens(size or left), tokens(left))


def in_days(days: int) -> Instant:
    """Return the instant so many days after Monday 00:00."""
    return Instant(MONDAY + days * DAY)


def told(found: Outlook) -> str:
    """Write an outlook as a line: how it ends, in how many days, and of each pack what is used and lapses."""
    ends = "" if found.ends is None else f" in {(found.ends - MONDAY) / DAY:g} days"
    fates = (f"p{fate.pack} used {fate.used / 1e6:g} lapses {fate.lapsed / 1e6:g}" for fate in found.fates)
    return "; ".join((f"{found.ending}{ends}", *fates))


@pytest.mark.parametrize(
    ("packs", "a_day", "line"),
    [
        # A pack that lasts is used up; the pace decides when.
        ([pack(1, -9, 300, "100")], 10, "used_up in 10 days; p1 used 100 lapses 0"),
        # The only pack ends first: nothing is left afterwards, however slow the pace is.
        ([pack(1, -9, 5, "100")], 10, "lapsed in 5 days; p1 used 50 lapses 50"),
        # Two packs: what the first loses at its end is not there for later days.
        ([pack(1, -9, 4, "70"), pack(2, -9, 300, "60")], 10,
         "used_up in 10 days; p1 used 40 lapses 30; p2 used 60 lapses 0"),
        # Equal ends: the smaller purchase first, so the larger one loses (L1).
        ([pack(1, -9, 10, "500"), pack(2, -9, 10, "50")], 10,
         "lapsed in 10 days; p2 used 50 lapses 0; p1 used 50 lapses 450"),
        # A purchase for later does not help before its start.
        ([pack(1, -9, 300, "30"), pack(2, 20, 300, "50")], 10,
         "used_up in 3 days; p1 used 30 lapses 0; p2 used 50 lapses 0"),
        # But one that starts when the last token goes does.
        ([pack(1, -9, 3, "30"), pack(2, 3, 300, "50")], 10,
         "used_up in 8 days; p1 used 30 lapses 0; p2 used 50 lapses 0"),
        # Nobody uses anything: everything lapses, the last pack at its end.
        ([pack(1, -9, 5, "100"), pack(2, -9, 40, "1")], 0,
         "lapsed in 40 days; p1 used 0 lapses 100; p2 used 0 lapses 1"),
        # There is nothing, or nothing any more, or nothing yet.
        ([], 10, "nothing_left in 0 days"),
        ([pack(1, -9, 0, "100")], 10, "nothing_left in 0 days"),
        ([pack(1, 2, 9, "10")], 10, "nothing_left in 0 days; p1 used 10 lapses 0"),
        # Ten years is out of sight.
        ([pack(1, -9, 36_500, "1000000")], 1, "out_of_sight; p1 used 3650 lapses 0"),
    ],
)  # fmt: skip
def test_worked_cases(packs: list[Pack], a_day: int, line: str) -> None:
    """Packs pay in burn order and end on their dates; the run-out is never beyond the last end (L1, L5)."""
    assert told(foresee([packs], Pace(tokens(a_day), 1), at=MONDAY)) == line


def test_credits_pay_before_tokens_that_end_earlier() -> None:
    """The pools pay in the order given, whatever their packs' ends (S5)."""
    cloud, flex = pack(1, -9, 300, "50"), pack(2, -9, 8, "100")

    assert told(foresee([[cloud], [flex]], Pace(tokens(10), 1), at=MONDAY)) == (
        "lapsed in 8 days; p1 used 50 lapses 0; p2 used 30 lapses 70"
    )


def test_a_pack_says_when_it_is_empty() -> None:
    """The day on which a pack is used up is told of each; of one that lapses with a rest it is not."""
    found = foresee([[pack(1, -9, 20, "30"), pack(2, -9, 30, "500")]], Pace(tokens(10), 1), at=MONDAY)

    assert [fate.emptied for fate in found.fates] == [in_days(3), None]


@pytest.mark.parametrize(
    ("days_since_first_use", "days"), [(None, 90), (0, 7), (5, 7), (6, 7), (7, 8), (88, 89), (89, 90), (400, 90)]
)
def test_the_pace_is_of_ninety_days_or_of_a_young_contracts_life(days_since_first_use: int | None, days: int) -> None:
    """Today counts; a contract younger than a week has a week's pace."""
    first = None if days_since_first_use is None else Day(TODAY - days_since_first_use)

    assert pace_days(first, TODAY) == (TODAY + 1 - days, TODAY + 1)


def test_what_was_taken_back_makes_no_negative_pace() -> None:
    """A pace is zero or more."""
    assert pace_of(Tokens(-5), Days(Day(0), Day(7))) == Pace(Tokens(0), 7)


amounts = st.one_of(st.integers(1, 60), st.integers(1, 10**13))
packs = st.lists(
    st.tuples(st.integers(-400, 400), st.integers(1, 800), amounts, amounts), max_size=7
).map(lambda made: [
    Pack(number, in_days(since), in_days(since + life), Tokens(max(size, left)), Tokens(left))
    for number, (since, life, size, left) in enumerate(made, start=1)
])  # fmt: skip
pools = st.lists(packs, min_size=1, max_size=2).map(
    lambda made: [[one._replace(id=one.id + 100 * nth) for one in pool] for nth, pool in enumerate(made)]
)
paces = st.builds(Pace, amounts.map(Tokens) | st.just(Tokens(0)), st.integers(7, 90))


@THOROUGH
@given(pools, paces)
def test_nothing_is_made_or_lost(drawn: list[list[Pack]], pace: Pace) -> None:
    """Used, lapsed and still there is what each pack held; no more is used than the pace says."""
    found = foresee(drawn, pace, at=MONDAY)

    held = {one.id: one.left for pool in drawn for one in pool if one.until > MONDAY}
    assert {fate.pack: fate.used + fate.lapsed + fate.left for fate in found.fates} == held
    assert all(min(fate.used, fate.lapsed, fate.left) >= 0 for fate in found.fates)
    assert sum(fate.used for fate in found.fates) * pace.days <= pace.tokens * SIGHT_DAYS


@THOROUGH
@given(pools, paces, st.integers(1, 10**13))
def test_more_use_runs_out_no_later_and_wastes_no_more(drawn: list[list[Pack]], pace: Pace, more: int) -> None:
    """A faster pace never moves the run-out to a later moment, and never lets more of any pack lapse."""
    slow, fast = (foresee(drawn, Pace(Tokens(pace.tokens + extra), pace.days), at=MONDAY) for extra in (0, more))

    if slow.ends is not None:
        assert fast.ends is not None
        assert fast.ends <= slow.ends
    assert all(after.lapsed <= before.lapsed for before, after in zip(slow.fates, fast.fates, strict=True))


@THOROUGH
@given(pools, paces, st.randoms(use_true_random=False))
def test_the_order_in_which_packs_are_told_is_irrelevant(drawn: list[list[Pack]], pace: Pace, dice: Random) -> None:
    """Packs pay by their ends, sizes and ids, not by their place in the list (L1)."""
    mixed = [dice.sample(pool, len(pool)) for pool in drawn]

    assert foresee(mixed, pace, at=MONDAY) == foresee(drawn, pace, at=MONDAY)


@THOROUGH
@given(packs, paces)
def test_the_run_out_is_never_beyond_the_last_end(drawn: list[Pack], pace: Pace) -> None:
    """What lapses cannot be spent: with packs that all end in sight there is a date, and not after the last of them."""
    found = foresee([drawn], pace, at=MONDAY)

    assert found.ends is not None
    assert found.ends <= max([MONDAY, *(one.until for one in drawn)])
