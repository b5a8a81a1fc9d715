"""How fresh usage is: of each kind the last date that has some, and when a row was recorded last (usage-api 5.2)."""

from __future__ import annotations

from typing import NamedTuple

from farebox.domain.clock import Day, day, day_of
from farebox.query.latest import latest, latest_plan
from farebox.records.arrivals import booked_at
from farebox.records.reading import Readable
from farebox.records.tenancy import acting_for
from farebox.warehouse.current import warehouse

SECONDS = 300.0
"""How long it may take to find out (usage-api 1.3)."""


class Freshness(NamedTuple):
    """A kind of usage, the last date that has some, and the UTC day on which a row of it was recorded last."""

    usage_category: str
    charge_category: str
    used_on: Day
    recorded_on: Day


def freshness(contract: Readable) -> list[Freshness]:
    """Return how fresh each kind of usage is that the contract has. Raises `TimeoutError`."""
    plan = latest_plan(contract.asker)
    with warehouse().snapshot() as snapshot:
        found = latest(snapshot.ask(plan, timeout_seconds=SECONDS).rows)
    with acting_for(contract.team_id):
        booked = booked_at([one.charge for one in found])
    return [
        Freshness(one.usage_category, one.charge_category, day(one.on), day_of(booked[one.charge])) for one in found
    ]
