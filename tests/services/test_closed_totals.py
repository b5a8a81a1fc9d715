"""Whatever arrives after the books were closed: closed totals stay, and adding a use never lowers a total (I6, L5a)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawn import few
from tests.services import books
from tests.services.deliveries import (
    MONDAY,
    NOW,
    PLAIN,
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

from farebox.domain.clock import Day, day_of
from farebox.records import closed
from farebox.records.models import Charge
from farebox.services.close_books import close

FIRST = day_of(MONDAY)


@contextmanager
def _forgotten() -> Iterator[None]:
    """Do something that the database forgets."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def furnished(world: World) -> World:
    """Return the world with packs and a seat."""
    furnish(world)
    return world


class Closing:
    """Deliveries between which the books are closed, further and further."""

    def __init__(self, world: World, *, enterprise: bool) -> None:
        self.world = world
        self.enterprise = enterprise
        self.through: Day | None = None
        self.team = world.ent if enterprise else world.flex

    def closed(self) -> list[tuple[object, ...]]:
        """Return everything that the closed dates count."""
        if self.through is None:
            return []
        rows = Charge.objects.filter(contract__team=self.team, ended_us__isnull=True, usage_day__lte=self.through)
        return list(rows.order_by("pk").values_list("pk", "usage_day", "category", "tokens_micro", "since_us"))

    def close(self, days: int) -> None:
        """Close the books through a day of the week, if they are not closed that far."""
        through = Day(FIRST + days)
        if days and (self.through is None or through > self.through):
            contract = self.world.ent_contract if self.enterprise else self.world.flex_contract
            close(contract.number, through, actor="test", now=NOW)
            self.through = through

    def deliver(self, requests: Sequence[Request], closings: Sequence[int]) -> tuple[list[str], list[int]]:
        """Deliver, closing after each request; return what was wrong, and the total after each."""
        wrong, totals = [], []
        for request, days in zip(requests, closings, strict=True):
            before = self.closed()
            wrong += deliver(self.world, [request], enterprise=self.enterprise)
            if self.closed() != before:
                wrong.append(f"{request} changed a closed total")
            totals.append(books.total(self.team.pk))
            self.close(days)
        return wrong, totals


def drawn(data: st.DataObject, told: Sequence[Told]) -> tuple[list[Request], list[int]]:
    """Draw a delivery, and through which day the books are closed after each request (0: no further)."""
    requests = data.draw(deliveries(told))
    closings = st.lists(st.sampled_from([0, 0, 1, 2, 3]), min_size=len(requests), max_size=len(requests))
    return requests, data.draw(closings)


@pytest.mark.parametrize("enterprise", [False, True])
@given(data=st.data())
@settings(PLAIN, max_examples=few(60))
def test_closed_totals_never_change(furnished: World, enterprise: bool, data: st.DataObject) -> None:
    """Late uses, amendments and repetitions leave what closed dates count as it is, and the books sound."""
    told = data.draw(sessions(enterprise=enterprise))
    requests, closings = drawn(data, told)

    with _forgotten():
        wrong, _ = Closing(furnished, enterprise=enterprise).deliver(requests, closings)

    assert wrong == []


@pytest.mark.parametrize("enterprise", [False, True])
@given(data=st.data())
@settings(PLAIN, max_examples=few(60))
def test_adding_a_use_never_lowers_a_total(furnished: World, enterprise: bool, data: st.DataObject) -> None:
    """The total only rises while uses are added, and ends no lower than if the books had stayed open."""
    told = [one for one in data.draw(sessions(enterprise=enterprise)) if one.revision == 0]
    requests, closings = drawn(data, told)

    with _forgotten():
        deliver(furnished, in_order(told), enterprise=enterprise)
        plain = outcome(furnished, enterprise=enterprise).total
    with _forgotten():
        wrong, totals = Closing(furnished, enterprise=enterprise).deliver(requests, closings)

    assert wrong == []
    assert totals == sorted(totals)
    assert totals[-1] >= plain


@pytest.mark.parametrize("careless", [False, True])
def test_books_that_only_look_closed_are_noticed(
    furnished: World, monkeypatch: pytest.MonkeyPatch, careless: bool
) -> None:
    """Without the rule of closed books a late use moves a closed total, and the comparison tells."""
    early, late = (Told(nth, 0, "//one", "ana@example.com", "A", 60 * hour, 60) for nth, hour in ((0, 10), (1, 8)))
    if careless:
        monkeypatch.setattr(closed, "through_of", lambda catalogue, contract: None)

    wrong, _ = Closing(furnished, enterprise=False).deliver(in_order([early]) + in_order([late]), [1, 0])

    assert bool(wrong) is careless
