"""The order in which events arrive changes nothing, and every request leaves sound books (domain N4, N5, L3)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager
from operator import itemgetter
from typing import TYPE_CHECKING

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawn import few
from tests.services.deliveries import (
    NOW,
    PEOPLE,
    PLAIN,
    Outcome,
    Request,
    Told,
    deliver,
    deliveries,
    furnish,
    in_order,
    outcome,
    sessions,
)
from tests.world import World

from farebox.domain.charging import enterprise as enterprise_rules
from farebox.domain.charging import flex as flex_rules

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def _forgotten() -> Iterator[None]:
    """Do something that the database forgets."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _told_as(world: World, requests: Sequence[Request], *, enterprise: bool) -> tuple[Outcome, list[str]]:
    with _forgotten():
        wrong = deliver(world, requests, enterprise=enterprise)
        return outcome(world, enterprise=enterprise), wrong


@pytest.fixture
def furnished(world: World) -> World:
    """Return the world with packs and a seat."""
    furnish(world)
    return world


@given(data=st.data())
@settings(PLAIN, max_examples=few(40))
def test_flex_does_not_depend_on_the_order(furnished: World, data: st.DataObject) -> None:
    """Any permutation, duplication and splitting of Flex sessions gives the same rows and totals (I5, N5)."""
    told = data.draw(sessions(enterprise=False))
    requests = data.draw(deliveries(told))

    plain, at_once = _told_as(furnished, in_order(told), enterprise=False)
    shuffled, wrong = _told_as(furnished, requests, enterprise=False)

    assert at_once == wrong == []
    assert shuffled == plain


@given(data=st.data())
@settings(PLAIN, max_examples=few(40))
def test_enterprise_does_not_depend_on_the_order(furnished: World, data: st.DataObject) -> None:
    """Any permutation, duplication and splitting of enterprise sessions gives the same rows and totals (I5, N4)."""
    told = data.draw(sessions(enterprise=True))
    requests = data.draw(deliveries(told))

    plain, at_once = _told_as(furnished, in_order(told), enterprise=True)
    shuffled, wrong = _told_as(furnished, requests, enterprise=True)

    assert at_once == wrong == []
    assert shuffled == plain


EQUAL_STARTS = [Told(nth, 0, "//one", PEOPLE[0], "A", 480, 60) for nth in range(6)]
"""Six sessions that start together; which of them carries the charge is decided by what the events say."""


def _answers(world: World, *, enterprise: bool) -> list[Outcome]:
    orders = (EQUAL_STARTS, EQUAL_STARTS[::-1])
    requests = [[Request((told,), NOW) for told in order] for order in orders]
    return [_told_as(world, one, enterprise=enterprise)[0] for one in requests]


@pytest.mark.parametrize("enterprise", [False, True])
def test_equal_starts_are_told_apart_by_their_identity(world: World, enterprise: bool) -> None:
    """Of sessions that start together the same one is charged, whichever arrived first (N4, N5)."""
    one, other = _answers(world, enterprise=enterprise)

    assert one == other


@pytest.mark.parametrize(("rules", "enterprise"), [(flex_rules, False), (enterprise_rules, True)])
def test_a_rule_that_looks_at_arrival_is_noticed(
    world: World, monkeypatch: pytest.MonkeyPatch, rules: object, enterprise: bool
) -> None:
    """With rules that sort by the internal id, the comparison above fails: it can see the fault."""
    monkeypatch.setattr(rules, "_ORDER", itemgetter(0))

    one, other = _answers(world, enterprise=enterprise)

    assert one != other
    assert one.totals == other.totals
