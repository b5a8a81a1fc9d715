"""Roles: the matrix has a cell for each, and nobody gives or takes a right that they lack (quality T4)."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farebox.domain.rights import (
    ADMINISTRATORS,
    MATRIX,
    Action,
    Cell,
    Role,
    cell,
    covers,
    may_change,
    may_give,
    roles_for,
)

ROLES = st.sampled_from(Role)


def test_every_action_has_a_cell_for_every_role() -> None:
    """The matrix is whole: what it does not say cannot be asked."""
    assert set(MATRIX) == set(Action)
    assert all(set(cells) == set(Role) for cells in MATRIX.values())


def test_a_user_has_only_their_own() -> None:
    """Who administers nothing may do nothing but what is their own (quality: authorization matrix)."""
    assert {cell(Role.USER, action) for action in Action} == {Cell.NO, Cell.OWN}


def test_the_primary_may_do_whatever_any_member_may() -> None:
    """No role has a right that the primary administrator lacks."""
    assert all(covers(Role.PRIMARY, role) for role in Role)
    assert all(Role.PRIMARY in roles_for(action) for action in Action)


@pytest.mark.parametrize(
    ("giver", "given"),
    [
        (Role.PRIMARY, {Role.USER, Role.SSO, Role.SECONDARY}),
        (Role.SSO, {Role.USER, Role.SSO}),
        (Role.SECONDARY, {Role.USER, Role.SECONDARY}),
        (Role.USER, set()),
    ],
)
def test_who_may_make_whom_an_administrator(giver: Role, given: set[Role]) -> None:
    """A role is given by who has every right of it: a secondary makes no SSO administrator, nor the other way (T4)."""
    assert set(may_give(giver)) == given


@given(giver=ROLES, before=ROLES, now=ROLES)
def test_no_right_is_given_or_taken_that_the_giver_lacks(giver: Role, before: Role, now: Role) -> None:
    """Whatever one may change, every right that is won or lost by it is one's own (T4)."""
    if may_change(giver, before, now):
        for action in Action:
            for role in (before, now):
                assert cell(role, action) is Cell.NO or cell(giver, action) is not Cell.NO


@given(own=ROLES, now=ROLES)
def test_nobody_raises_themselves(own: Role, now: Role) -> None:
    """What somebody may make of themselves, they are already, or it is less."""
    assert not may_change(own, own, now) or covers(own, now)


def test_the_primary_role_is_neither_given_nor_taken() -> None:
    """It changes hands by a handover only, whoever asks (product B1)."""
    assert not any(may_change(giver, *pair) for giver in Role for pair in product(Role, Role) if Role.PRIMARY in pair)


def test_administrators_are_who_sees_the_team() -> None:
    """The roles called administrators are those that read its balances."""
    assert set(ADMINISTRATORS) == set(roles_for(Action.BALANCES))
