"""Jobs, entries and sessions together: the order in which they arrive changes nothing (domain N5, S1, N6; I5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawn import few
from tests.services import books
from tests.services.deliveries import PLAIN, Request, deliver, deliveries, in_order
from tests.services.entries import WHO, adjustment, consumption, job, teach
from tests.world import World, event, withdrawal

from farebox.records.models import Charge, Team

DAYS = [f"2026-03-{day:02}" for day in range(1, 8)]
FAR_MORE = "1000000"


@dataclass(frozen=True)
class Entry:
    """One event of any type as a source tells it; a higher revision amends it, or takes it back."""

    id: int
    revision: int
    since_minute: int
    kind: str
    on: str
    amount: int
    pool: str = "FLEX"

    def written(self) -> bytes:
        """Write it as an event."""
        name, start = f"e{self.id}", f"{self.on} 08:00"
        match self.kind:
            case "adjusts":
                return adjustment(name, str(self.amount), self.on, pool=self.pool, revision=self.revision)
            case "consumes":
                return consumption(name, on=self.on, tokens=str(abs(self.amount)), revision=self.revision)
            case "uses":
                return event(name, WHO, "A", start, f"{self.on} 17:00", revision=self.revision)
            case "withdraws":
                return withdrawal(name, self.revision)
            case status:
                return job(name, start, status=status, quantity=str(abs(self.amount)), revision=self.revision)


FIRST = ["adjusts", "adjusts", "consumes", "uses", "running", "success"]
LATER = [*FIRST, "failed", "withdraws"]


@st.composite
def entries(draw: st.DrawFn, *, pools: Sequence[str], least: int) -> list[Entry]:
    """Draw a few events of a week, some amended or taken back; adjustments are at least `least`."""
    amounts = st.integers(least, 30).filter(bool)
    return [
        Entry(
            number,
            revision,
            number,
            draw(st.sampled_from(LATER if revision else FIRST)),
            draw(st.sampled_from(DAYS)),
            draw(amounts),
            draw(st.sampled_from(pools)),
        )
        for number, count in enumerate(draw(st.lists(st.sampled_from([1, 1, 2, 3]), min_size=1, max_size=6)))
        for revision in range(count)
    ]


def told_as(world: World, team: Team, requests: Sequence[Request]) -> tuple[object, list[str]]:
    """Deliver entries in a transaction that is forgotten; return what reports would say, and what is wrong."""
    with transaction.atomic():
        wrong = deliver(world, requests, enterprise=team == world.ent)
        live = Charge.objects.filter(ended_us__isnull=True, contract__team=team)
        rows = live.values_list(
            "use__event__event_id", "since_us", "usage_day", "category", "reason", "usage_category", "tokens_micro"
        )
        outcome = (sorted(rows), books.total(team.pk))
        transaction.set_rollback(True)
    return outcome, wrong


@pytest.mark.parametrize(
    ("enterprise", "pools", "least"),
    [(False, ["FLEX", "CREDIT"], 1), (False, ["FLEX"], -30), (True, ["CY", "MY"], 1), (True, ["CY"], -30)],
)
@given(data=st.data())
@settings(PLAIN, max_examples=few(20))
def test_the_order_of_entries_changes_nothing(
    world: World, enterprise: bool, pools: list[str], least: int, data: st.DataObject
) -> None:
    """Any permutation, duplication and splitting gives the same rows and totals, and sound books after each request."""
    with transaction.atomic():
        teach(world)
        world.give("25", until="2026-03-03 10:00", ent=enterprise)
        world.give("13", since="2026-03-04 00:00", ent=enterprise)
        if least < 0:
            world.give(FAR_MORE, ent=enterprise)  # what is taken by hand is never refused
        told = data.draw(entries(pools=pools, least=least))
        requests = data.draw(deliveries(told))  # type: ignore[arg-type]
        team = world.ent if enterprise else world.flex

        plain, at_once = told_as(world, team, in_order(told))  # type: ignore[arg-type]
        shuffled, wrong = told_as(world, team, requests)
        transaction.set_rollback(True)

    if any(one.kind == "withdraws" for one in told):
        wrong = [line for line in wrong if not line.startswith("Tally")]  # a withdrawal may come before its event
        at_once = [line for line in at_once if not line.startswith("Tally")]
    assert at_once == wrong == []
    if all(one.kind != "withdraws" for one in told):
        assert shuffled == plain
