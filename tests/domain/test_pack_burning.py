"""Packs: which pays first, what is never lost, and what waits for the next pack (L1, L5, F8)."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st
from tests.domain.makers import THOROUGH, at

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.clock import HOUR, Instant
from farebox.domain.packs import (
    BurnDown,
    Cover,
    Draw,
    Pack,
    Shortfall,
    burn_down,
    burn_order,
    cover,
    is_alive,
)


def pack(number: int, since: int, until: int, size: int, left: int | None = None) -> Pack:
    """Make a pack between two hours after Monday 00:00."""
    return Pack(number, at(since), at(until), Tokens(size), Tokens(size if left is None else left))


packs = st.lists(
    st.builds(
        lambda since, length, size, left: (since, since + length, size, min(size, left)),
        st.integers(0, 5), st.integers(0, 5), st.integers(1, 20), st.integers(0, 20),
    ), max_size=6,
).map(lambda made: [pack(number, *one) for number, one in enumerate(made, start=1)])  # fmt: skip
amounts = st.integers(0, 60).map(Tokens)


def test_of_two_packs_with_one_end_the_smaller_pays_first() -> None:
    """500 before 5,000; a pack that ends earlier beats both (case 5, L1)."""
    large, small, early = pack(1, 0, 48, 5000), pack(2, 0, 48, 500), pack(3, 0, 24, 9000)

    assert burn_down([large, small], Tokens(600), at=at(1)).draws == (Draw(2, Tokens(500)), Draw(1, Tokens(100)))
    assert burn_down([large, small, early], Tokens(7), at=at(1)).draws == (Draw(3, Tokens(7)),)


def test_the_original_size_decides_and_not_what_is_left() -> None:
    """A large pack that is nearly empty still pays after a small one (L1)."""
    large, small = pack(1, 0, 48, 5000, left=1), pack(2, 0, 48, 500)

    assert burn_down([large, small], Tokens(7), at=at(1)).draws == (Draw(2, Tokens(7)),)


def test_a_pack_pays_from_its_start_until_its_end() -> None:
    """The start belongs to a pack's life, the end does not (L5)."""
    one = pack(1, 8, 10, 100)

    alive = {instant: is_alive(one, Instant(instant)) for instant in (at(8) - 1, at(8), at(10) - 1, at(10))}
    assert list(alive.values()) == [False, True, True, False]
    assert burn_down([one], Tokens(7), at=at(10)) == BurnDown((), Tokens(7))


def test_what_no_pack_can_pay_is_told() -> None:
    """Lack of tokens is an outcome (F8)."""
    assert burn_down([pack(1, 0, 24, 6)], Tokens(7), at=at(1)) == BurnDown((Draw(1, Tokens(6)),), Tokens(1))


def test_a_charge_of_nothing_draws_nothing() -> None:
    """A rate of 0 touches no pack."""
    assert burn_down([pack(1, 0, 24, 6)], ZERO, at=at(1)) == BurnDown((), ZERO)


@given(packs, amounts, st.integers(0, 10))
@THOROUGH
def test_burning_makes_and_loses_no_token(found: list[Pack], owed: Tokens, hour: int) -> None:
    """Draws and shortfall add up to what was owed; no pack pays more than it has, or dead (L1, L3, L5)."""
    burnt = burn_down(found, owed, at=at(hour))

    by_id = {one.id: one for one in found}
    assert sum(draw.tokens for draw in burnt.draws) + burnt.shortfall == owed
    assert all(0 < draw.tokens <= by_id[draw.pack].left for draw in burnt.draws)
    assert all(is_alive(by_id[draw.pack], at(hour)) for draw in burnt.draws)


@given(packs, amounts, st.integers(0, 10))
@THOROUGH
def test_packs_pay_as_a_prefix_of_the_burn_order(found: list[Pack], owed: Tokens, hour: int) -> None:
    """Every pack that pays is emptied, but the last; nothing is owed while a pack has tokens (L1)."""
    burnt = burn_down(found, owed, at=at(hour))

    eligible = sorted((one for one in found if is_alive(one, at(hour)) and one.left), key=burn_order)
    assert [draw.pack for draw in burnt.draws] == [one.id for one in eligible[: len(burnt.draws)]]
    assert all(draw.tokens == one.left for draw, one in zip(burnt.draws[:-1], eligible, strict=False))
    assert burnt.shortfall == max(0, owed - sum(one.left for one in eligible))


@given(packs, amounts, st.integers(0, 10), st.randoms(use_true_random=False))
@THOROUGH
def test_the_order_in_which_packs_are_given_decides_nothing(
    found: list[Pack], owed: Tokens, hour: int, chance: Random
) -> None:
    """The burn order is total (L1)."""
    shuffled = list(found)
    chance.shuffle(shuffled)

    assert burn_down(shuffled, owed, at=at(hour)) == burn_down(found, owed, at=at(hour))


def test_a_new_pack_covers_the_oldest_shortfall_first() -> None:
    """Whole where it can, in part where it must, and nothing more (F8)."""
    open_ones = [Shortfall(3, at(3), Tokens(7)), Shortfall(1, at(1), Tokens(5)), Shortfall(2, at(2), Tokens(7))]

    assert cover(open_ones, Tokens(10)) == (Cover(1, Tokens(5)), Cover(2, Tokens(5)))


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 20)), max_size=8), amounts)
@THOROUGH
def test_covering_makes_and_loses_no_token(found: list[tuple[int, int]], available: Tokens) -> None:
    """Covers are no more than the pack, no more than each shortfall, and leave none that the pack could pay (F8)."""
    open_ones = [
        Shortfall(number, Instant(hour * HOUR), Tokens(owed)) for number, (hour, owed) in enumerate(found, start=1)
    ]

    covers = cover(open_ones, available)

    owed = {one.charge: one.tokens for one in open_ones}
    assert all(0 < one.tokens <= owed[one.charge] for one in covers)
    assert sum(one.tokens for one in covers) == min(available, sum(owed.values()))
    ages = {one.charge: (one.at, one.charge) for one in open_ones}
    assert [ages[one.charge] for one in covers] == sorted(ages.values())[: len(covers)]
