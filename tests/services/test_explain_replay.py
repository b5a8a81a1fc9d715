"""Every charge that counts is what rating again from the stored uses, rates and settings gives (quality L7)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawn import few
from tests.services.deliveries import MONDAY, PLAIN, Request, Told, deliver, deliveries, furnish, sessions
from tests.world import NOW, START, World, at, event

from farebox.domain.amounts import tokens
from farebox.domain.clock import Day, day_of
from farebox.domain.ids import charged_item_id
from farebox.domain.usage import Funding, Reason
from farebox.records.models import Charge
from farebox.records.models.contracts import PolicyName
from farebox.services import catalogue
from farebox.services.close_books import close
from farebox.services.explain import Explanation, explain

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def _forgotten() -> Iterator[None]:
    """Do something that the database forgets."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def furnished(world: World) -> World:
    """Return the world with packs, a seat, and settings that change in the middle of the week."""
    furnish(world)
    catalogue.set_policy(world.flex_contract, PolicyName.GRACE_MINUTES, 10, since=at("2026-03-03 12:00"))
    catalogue.set_policy(world.ent_contract, PolicyName.MINIMUM_MINUTES, 30, since=at("2026-03-03 12:00"))
    catalogue.set_rate("flex", world.products["A"], tokens("8"), since=at("2026-03-03 09:00"))
    return world


def _explained() -> list[Explanation]:
    return [
        explain(charged_item_id(number), reader=None)
        for number in Charge.objects.order_by("pk").values_list("pk", flat=True)
    ]


def _faults(told: Sequence[Explanation]) -> list[str]:
    """List what is wrong with explanations of everything that was ever charged."""
    return [fault for one in told for fault in (*_unpaid(one), *(_unlike(one) if _is_rated(one) else ()))]


def _is_rated(one: Explanation) -> bool:
    """Tell whether a charge is rated again: what no longer counts, and a late difference, is not."""
    return one.counts and one.reason != Reason.LATE


def _unpaid(one: Explanation) -> Iterator[str]:
    paid = sum(tokens(p.tokens) * (1 if p.target == "CONSUMED" else -1) for p in one.payments)
    owed = tokens(one.tokens) - tokens(one.shortfall) if one.counts else 0
    if paid != owed:
        yield f"{one.charged_item_id} names payments of {paid}, not {owed}"


def _unlike(one: Explanation) -> Iterator[str]:
    again = one.replayed
    if again is None or not again.same or (again.category, again.tokens) != (one.category, one.tokens):
        yield f"{one.charged_item_id} is {one.category} {one.tokens}; again it is {again}"
    if sum(session.explained for session in one.considered) != (one.funding == Funding.TOKENS):
        yield f"{one.charged_item_id} does not name its own use"


def _told(world: World, requests: Sequence[Request], *, enterprise: bool) -> list[str]:
    with _forgotten():
        return deliver(world, requests, enterprise=enterprise) + _faults(_explained())


@pytest.mark.parametrize("enterprise", [False, True])
@given(data=st.data())
@settings(PLAIN, max_examples=few(25))
def test_every_charge_replays_to_its_amount(furnished: World, data: st.DataObject, enterprise: bool) -> None:
    """Whatever was sent, in any order and revision, each charge that counts is rated to the same row again (L7)."""
    told = data.draw(sessions(enterprise=enterprise))

    assert _told(furnished, data.draw(deliveries(told)), enterprise=enterprise) == []


@pytest.mark.parametrize("enterprise", [False, True])
@given(data=st.data())
@settings(PLAIN, max_examples=few(25))
def test_what_was_counted_before_and_after_closing_replays(
    furnished: World, data: st.DataObject, enterprise: bool
) -> None:
    """With books closed between the requests, every charge but a late difference is rated the same again (L5a)."""
    requests = data.draw(deliveries(data.draw(sessions(enterprise=enterprise))))
    contract = furnished.ent_contract if enterprise else furnished.flex_contract
    wrong = []

    with _forgotten():
        for nth, request in enumerate(requests):
            if nth and nth <= 3:
                close(contract.number, Day(day_of(MONDAY) + nth - 1), actor="test", now=request.now)
            furnished.send(*(told.written() for told in request.told), ent=enterprise, now=request.now)
            wrong += _faults(_explained())

    assert wrong == []


def test_a_rate_set_afterwards_changes_no_explanation(world: World) -> None:
    """A charge replays with the rate that it was given, also where a rate was set later for that time (T7)."""
    world.give("100")
    world.send(event("e1", "ann@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"))
    catalogue.set_rate("flex", world.products["A"], tokens("9"), since=START + 1)

    (told,) = _explained()

    assert told.rate is not None
    assert told.rate.tokens == "7"
    assert _faults([told]) == []


def test_a_charge_that_the_rules_did_not_make_is_noticed(world: World) -> None:
    """A charge that was changed in the books behind the rules' back does not replay (quality L7)."""
    world.give("100")
    world.send(event("e1", "ann@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"))
    Charge.objects.update(tokens_micro=tokens("6"))

    (told,) = _explained()

    assert told.replayed is not None
    assert (told.tokens, told.replayed.tokens, told.replayed.same) == ("6", "7", False)


def test_who_was_idle_at_a_closed_border_is_idle_again(furnished: World) -> None:
    """A late use that sat idle across the end of a window, closed by then, replays as idle (domain F4, L5a)."""
    furnished.send(Told(1, 0, "//one", "ana@example.com", "A", 675, 6).written())
    close(furnished.flex_contract.number, Day(day_of(MONDAY)), actor="test", now=NOW)
    furnished.send(Told(3, 0, "//two", "ana@example.com", "A", 2100, 20, active=()).written())

    told = _explained()

    assert [one.reason for one in told] == [Reason.WINDOW_OPENED, Reason.IDLE, Reason.LATE]
    assert _faults(told) == []
