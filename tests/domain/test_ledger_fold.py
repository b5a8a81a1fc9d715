"""The ledger's arithmetic: zero-sum, conservation, and the ways that tokens may go (L2, L3)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.domain.makers import THOROUGH, at

from farebox.domain.amounts import Tokens
from farebox.domain.ledger import (
    Account,
    AccountKind,
    Transfer,
    TransferKind,
    conservation,
    covered,
    drawn,
    expired,
    fold,
    is_sound,
    over_consumed,
    overdrawn,
    purchased,
    reversal,
)
from farebox.domain.packs import BurnDown, Cover, Draw, Pool

PACK = Account(Pool.FLEX, AccountKind.PACK, 1)
CONSUMED = Account(Pool.FLEX, AccountKind.CONSUMED)
BOUGHT = purchased(Pool.FLEX, 1, Tokens(100), cause=1, at=at(0))

accounts = st.builds(Account, st.sampled_from(Pool), st.sampled_from(AccountKind), st.integers(0, 2))
transfers = st.builds(
    Transfer, accounts, accounts, st.integers(1, 2**63 - 1).map(Tokens), st.sampled_from(TransferKind),
    st.integers(1, 9), st.just(at(0)),
)  # fmt: skip
WAYS = {
    kind: [
        (source, target)
        for source in AccountKind
        for target in AccountKind
        if is_sound(Transfer(Account(Pool.FLEX, source), Account(Pool.FLEX, target), Tokens(1), kind, 1, at(0)))
    ]
    for kind in TransferKind
}


@given(st.lists(transfers, max_size=20))
@THOROUGH
def test_the_sum_over_all_accounts_is_zero(booked: list[Transfer]) -> None:
    """What leaves one account enters another, so nothing is made or lost (L2)."""
    assert sum(fold(booked).values()) == 0


@given(st.lists(transfers, max_size=20), st.integers(0, 20))
@THOROUGH
def test_folding_in_two_parts_is_folding_at_once(booked: list[Transfer], cut: int) -> None:
    """A balance at any position plus what follows is the balance (L2: a stored balance is a copy)."""
    whole, first, rest = fold(booked), fold(booked[:cut]), fold(booked[cut:])

    assert whole == {account: first.get(account, 0) + rest.get(account, 0) for account in first | rest}


@st.composite
def sound_transfers(draw: st.DrawFn) -> Transfer:
    """Draw a transfer within one pool, on a way that its kind may go."""
    pool, kind = draw(st.sampled_from(Pool)), draw(st.sampled_from(TransferKind))
    route = draw(st.sampled_from(WAYS[kind]))
    source, target = (Account(pool, end) for end in route)
    return Transfer(source, target, Tokens(draw(st.integers(1, 10**12))), kind, draw(st.integers(1, 9)), at(0))


@given(st.lists(sound_transfers(), max_size=20))
@THOROUGH
def test_what_came_is_somewhere(booked: list[Transfer]) -> None:
    """Granted, moved in and adjusted is available, reserved, consumed, expired or moved out, pool by pool (L3)."""
    assert [conservation(booked, pool).difference for pool in Pool] == [0] * len(Pool)


def test_a_life_of_a_pack() -> None:
    """Bought 100, drew 7, covered 3, moved 20 away, 70 lapsed: every token is found (L3)."""
    moved = Transfer(PACK, Account(Pool.FLEX, AccountKind.OTHER_TEAMS), Tokens(20), TransferKind.MOVED, 4, at(3))
    booked = [
        BOUGHT,
        *drawn(Pool.FLEX, BurnDown((Draw(1, Tokens(7)),), Tokens(0)), cause=2, at=at(1)),
        *covered(Pool.FLEX, 1, [Cover(3, Tokens(3))], at=at(2)),
        moved,
        expired(Pool.FLEX, 1, Tokens(70), cause=5, at=at(4)),
    ]

    sums = conservation(booked, Pool.FLEX)

    assert all(is_sound(transfer) for transfer in booked)
    assert (sums.granted, sums.available, sums.consumed, sums.expired, sums.moved_out) == (100, 0, 10, 70, 20)
    assert sums.difference == 0
    assert fold(booked)[PACK] == 0
    assert overdrawn(fold(booked)) == ()


def test_a_pack_below_zero_is_named() -> None:
    """A ledger in which a pack paid more than it had says so (L4)."""
    draw = drawn(Pool.FLEX, BurnDown((Draw(1, Tokens(101)),), Tokens(0)), cause=2, at=at(1))

    assert overdrawn(fold([BOUGHT, *draw])) == (PACK,)


def test_over_consumption_is_consumed_without_being_granted() -> None:
    """It has an account of its own that may go below zero, and is named apart (N7)."""
    booked = [over_consumed(Pool.CY, Tokens(5), cause=1, at=at(0))]

    assert overdrawn(fold(booked)) == ()
    assert (conservation(booked, Pool.CY).over_consumed, conservation(booked, Pool.CY).difference) == (5, 0)


def test_a_reversal_returns_to_the_account_that_paid() -> None:
    """Taking back a draw undoes it exactly, as a new entry (L5)."""
    draw = drawn(Pool.FLEX, BurnDown((Draw(1, Tokens(7)),), Tokens(0)), cause=2, at=at(1))[0]

    back = reversal(draw, Tokens(7), cause=2, at=at(2))

    assert back == Transfer(CONSUMED, PACK, Tokens(7), TransferKind.REVERSED, 2, at(2))
    assert is_sound(back)
    assert fold([BOUGHT, draw, back])[PACK] == 100


def test_unsound_transfers_are_told_apart() -> None:
    """Nothing, another pool, or a way that its kind does not go (L2)."""
    assert is_sound(BOUGHT)
    assert not is_sound(BOUGHT._replace(tokens=Tokens(0)))
    assert not is_sound(BOUGHT._replace(tokens=Tokens(-7)))
    assert not is_sound(BOUGHT._replace(target=Account(Pool.MY, AccountKind.PACK, 1)))
    assert not is_sound(BOUGHT._replace(kind=TransferKind.DRAWN))
    assert not is_sound(BOUGHT._replace(target=CONSUMED))
