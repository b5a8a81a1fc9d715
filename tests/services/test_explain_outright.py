"""Why jobs, entries by hand, reservations and late differences cost what they do."""

from __future__ import annotations

from datetime import date

import pytest
from tests.services.entries import adjustment, consumption, job, teach
from tests.world import NOW, World, event

from farebox.domain.clock import DAY, Instant, day
from farebox.domain.ids import charged_item_id
from farebox.records.models import Charge
from farebox.services.close_books import close
from farebox.services.explain import Explanation, explain

CLOSED = day(date(2026, 3, 31))
LATER = Instant(NOW + DAY)


def last() -> Explanation:
    """Explain the charge that was made last."""
    return explain(charged_item_id(Charge.objects.order_by("-pk")[0].pk), reader=None)


def same(one: Explanation) -> tuple[str, bool]:
    """Return what rating again gives, and whether it is what was charged."""
    assert one.replayed is not None
    return one.replayed.tokens, one.replayed.same


@pytest.fixture
def service(world: World) -> World:
    """Return the world with tokens, a service by result and one by time."""
    teach(world)
    world.give("100")
    return world


def test_a_job_names_its_class_and_results(service: World) -> None:
    """A job cites S1, the rate of its class, and what it would have cost had it failed (domain S1)."""
    service.send(job("a", quantity="3"))

    one = last()

    assert (one.rule.number, one.tokens, one.rate and one.rate.complexity) == ("domain S1", "1.5", "complex")
    assert (one.details["status"], one.details["class"], one.details["quantity"]) == ("success", "complex", "3")
    assert [what.says for what in one.what_if] == ["had the job failed: FREE 0, the total -1.5"]
    assert same(one) == ("1.5", True)


def test_work_by_time_names_its_seconds(service: World) -> None:
    """A job that is charged by time names its whole seconds and those that a unit has (domain S2)."""
    times = {"downloadStarted": "2026-03-02T20:22:25.587368Z", "uploadEnded": "2026-03-02T20:26:03.3608278Z"}
    service.send(job("a", product="RENDER", kind="", **times))

    one = last()

    assert (one.details["billableSeconds"], one.rate and one.rate.unit_seconds) == ("217", 60)
    assert same(one) == ("3.616666", True)


@pytest.mark.parametrize(("status", "reason"), [("failed", "job_failed"), ("running", "job_running")])
def test_a_job_without_a_result_says_what_one_costs(service: World, status: str, reason: str) -> None:
    """A job that failed or still runs is free, and says what its result would cost (domain S1)."""
    service.send(job("a", status=status, quantity="2"))

    one = last()

    assert (one.reason, one.tokens, one.rate) == (reason, "0", None)
    assert [what.says for what in one.what_if] == ["once the job gives its result: CHARGED 1, the total +1"]
    assert same(one) == ("0", True)


def test_what_was_reserved_for_a_job_is_named(service: World) -> None:
    """A job that runs names its reservation; once it is done, the reservation is booked (domain S1)."""
    service.send(job("a", "2026-05-31 23:30", status="running", quantity="4"))
    (open_hold,) = last().holds
    service.send(job("a", "2026-05-31 23:30", quantity="3", revision=1))
    (booked,) = last().holds

    assert (open_hold.kind, open_hold.tokens, open_hold.ended) == ("JOB", "2", None)
    assert (booked.booked, last().tokens, [one.reason for one in last().before]) == (True, "1.5", ["job_running"])


def test_a_consumption_says_why_it_was_entered(service: World) -> None:
    """An entry by hand cites its reason, and by quantity its rate (domain T2)."""
    service.send(consumption("a", quantity="2.5"))
    by_quantity = last()
    service.send(consumption("b", tokens="3"))
    given = last()

    assert (by_quantity.details["reasonType"], by_quantity.rate and by_quantity.rate.tokens) == ("Off network", "7")
    assert (same(by_quantity), same(given)) == (("17.5", True), ("3", True))
    assert given.rate is None


def test_an_adjustment_says_what_it_changed(service: World) -> None:
    """An adjustment cites N6, its pool and its comment; nobody used anything (domain N6)."""
    service.send(adjustment("a", "-4", comment="Counted twice"))

    one = last()

    assert (one.rule.number, one.person, one.product.name, one.tokens) == ("domain N6", "", "", "4")
    assert (one.details["pool"], one.details["tokens"]) == ("FLEX", "-4")
    assert one.details["reasonComment"] == "Counted twice"
    assert same(one) == ("4", True)


@pytest.mark.parametrize(("ent", "tokens"), [(False, "7"), (True, "6")])
def test_a_late_use_names_the_closed_books(world: World, ent: bool, tokens: str) -> None:
    """A use that came after its books were closed cites L5a, its own date and the last closed one (domain L5a)."""
    world.give("100", ent=ent)
    contract = world.ent_contract if ent else world.flex_contract
    close(contract.number, CLOSED, actor="test", now=NOW)
    world.send(event("e1", "ann@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"), ent=ent, now=LATER)

    one = last()

    assert (one.rule.number, one.use.late, one.tokens, one.usage_date) == ("domain L5a", True, tokens, "2026-06-02")
    assert one.details == {"usedOn": "2026-03-02", "closedThrough": "2026-03-31"}
    assert (one.replayed, one.what_if) == (None, ())
