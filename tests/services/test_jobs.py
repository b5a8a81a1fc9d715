"""Jobs of cloud services: priced by class and result, or by time; reserved for while they run (domain S1, S2)."""

from __future__ import annotations

import pytest
from tests.services.books import faults
from tests.services.entries import costs, holds, job, owed, packs, teach
from tests.world import NOW, START, World, at, event, stamp, withdrawal

from farebox.domain.amounts import tokens
from farebox.records.models import Charge, Hold, Use
from farebox.records.models.contracts import PolicyName
from farebox.services import catalogue
from farebox.services.ingest import release_waiting

NEARLY_NOW = "2026-05-31 23:30"


@pytest.fixture
def service(world: World) -> World:
    """Return the world with a service by result and one by time."""
    teach(world)
    return world


def test_a_month_of_translation(service: World) -> None:
    """Worked case 8: 10 complex × 6 and 30 simple × 5 a month at 0.5 and 0.1 tokens cost 45.00 tokens."""
    pack = service.give("100")
    sent = [job(f"c{week}", f"2026-03-0{week} 08:00", quantity="10") for week in range(1, 7)]
    sent += [job(f"s{week}", f"2026-03-0{week} 09:00", kind="Simple", quantity="30") for week in range(1, 6)]

    service.send(*sent)

    assert (service.total(), service.left(pack), len(costs())) == ("45", "55", 11)
    assert set(costs()) == {"CLOUD_SERVICE CHARGED job_succeeded 5", "CLOUD_SERVICE CHARGED job_succeeded 3"}
    assert faults() == []


@pytest.mark.parametrize(
    ("status", "cost"),
    [
        ("Success", "CHARGED job_succeeded 0.5"),
        ("completed", "CHARGED job_succeeded 0.5"),
        ("failed", "FREE job_failed 0"),
        ("Cancelled", "FREE job_failed 0"),
        ("Time-out", "FREE job_failed 0"),
        ("in progress", "FREE job_running 0"),
    ],
)
def test_only_success_costs(service: World, status: str, cost: str) -> None:
    """A job that failed, was cancelled or timed out costs nothing, and one that runs nothing yet (S1)."""
    assert service.states(job("a", status=status)) == ["accepted"]
    assert costs() == [f"CLOUD_SERVICE {cost}"]
    assert faults() == []


def test_time_is_charged_by_the_second(service: World) -> None:
    """20:22:25.587368 → 20:26:03.3608278 are 217 s; at 1 token for 60 s that is 3.616666, rounded down (S2)."""
    times = {"downloadStarted": "2026-03-02T20:22:25.587368Z", "uploadEnded": "2026-03-02T20:26:03.3608278Z"}

    service.send(job("a", "2026-03-02 20:20", product="RENDER", kind="", **times))

    assert costs() == ["CLOUD_SERVICE CHARGED job_succeeded 3.616666"]
    assert faults() == []


def test_work_by_time_says_how_long_it_took(service: World) -> None:
    """Without its times a job by time counts its units; without both it waits until it is amended."""
    sent = [job("a", product="RENDER", kind="", quantity="4"), job("b", product="RENDER", kind="")]

    assert service.states(*sent) == ["accepted", "quarantined no_measure"]
    assert service.states(job("b", product="RENDER", kind="", quantity="2", revision=1)) == ["accepted"]
    assert service.total() == "6"


def test_a_file_type_is_complex_or_simple(service: World) -> None:
    """RVT, NWD, NWC and IFC are translated at the complex rate, every other type at the simple one (domain S1)."""
    types = ("RVT", "nwd", "NWC", "ifc", "DWG", "step")

    service.send(*(job(kind, kind=kind) for kind in types))

    assert sorted(cost.rsplit(" ", 1)[1] for cost in costs()) == ["0.1"] * 2 + ["0.5"] * 4
    assert faults() == []


def test_a_class_without_a_rate_waits(service: World) -> None:
    """A class that no rate names is no_rate; so is none at all where only classes are priced (S1, T7)."""
    huge = {"product": "RENDER", "kind": "huge"}
    assert service.states(job("a", **huge), job("b", kind="")) == ["quarantined no_rate"] * 2
    assert service.states(job("c", **huge, status="failed")) == ["accepted"]

    catalogue.set_rate("flex", service.products["RENDER"], tokens("2"), since=START, complexity="HUGE")

    assert release_waiting(now=NOW) == 1
    assert service.total() == "2"


def test_the_rate_is_that_of_the_submission(service: World) -> None:
    """A rate that changes while a job runs does not touch it; its day and packs are those of its submission (S1)."""
    product = service.products["TRANSLATE"]
    catalogue.set_rate("flex", product, tokens("5"), since=at("2026-03-02 00:00"), complexity="complex")
    first = service.give("10", until="2026-03-02 00:00")
    service.give("10")

    service.send(job("a", "2026-03-01 23:50", finished=stamp("2026-03-02 00:20")))

    charge = Charge.objects.get()
    assert (service.total(), service.left(first), charge.usage_day) == ("0.5", "9.5", charge.at_us // 86_400_000_000)
    assert faults() == []


def test_a_job_has_whole_results_and_a_known_status(service: World) -> None:
    """Half a result, a word that says nothing, and work of more than a year are refused."""
    long = {"downloadStarted": stamp("2024-03-02 08:00"), "uploadEnded": stamp("2026-03-02 08:00")}
    sent = [job("a", quantity="1.5"), job("b", status="perhaps"), job("c", product="RENDER", kind="", **long)]

    assert service.states(*sent) == ["rejected invalid_value", "rejected invalid_value", "rejected too_long"]


def test_a_job_that_runs_reserves_and_settles(service: World) -> None:
    """Submitted: rate × quantity is reserved; done: it is given back, and what it cost is drawn (S1)."""
    pack = service.give("10")
    service.send(job("a", NEARLY_NOW, status="submitted", quantity="4"))
    assert (packs(), holds(), faults()) == (["FLEX PURCHASED 10 left 8 reserved 2"], ["2 open"], [])
    hold = Hold.objects.get()
    assert (hold.since_us, hold.due_us) == (at(NEARLY_NOW), at("2026-06-01 23:30"))

    service.send(job("a", NEARLY_NOW, status="running", quantity="6", revision=1))
    assert (packs(), holds(), faults()) == (["FLEX PURCHASED 10 left 7 reserved 3"], ["2 released", "3 open"], [])

    service.send(job("a", NEARLY_NOW, quantity="5", revision=2))
    assert (service.left(pack), holds(), faults()) == ("7.5", ["2 released", "3 booked"], [])


@pytest.mark.parametrize("ending", ["failed", "withdrawn"])
def test_a_job_without_a_result_releases(service: World, ending: str) -> None:
    """Failure and withdrawal give back all that was reserved, and what is short is paid from it (S1, F8)."""
    service.give("10")
    service.send(job("a", NEARLY_NOW, status="queued", quantity="12"))
    service.send(event("b", "ana@example.com", "A", "2026-05-31 08:00", "2026-05-31 09:00"))
    assert (packs(), owed()) == (["FLEX PURCHASED 10 left 0 reserved 6"], ("3", "0"))

    service.send(withdrawal("a", 1) if ending == "withdrawn" else job("a", NEARLY_NOW, status=ending, revision=1))

    assert (packs(), holds(), owed()) == (["FLEX PURCHASED 10 left 3"], ["6 released"], ("0", "0"))
    assert faults() == []


def test_a_job_that_finds_nothing_to_reserve_runs_all_the_same(service: World) -> None:
    """It is reported: without tokens there is no hold; nor is there one whose time is over, or of unknown size."""
    by_time = job("b", NEARLY_NOW, product="RENDER", kind="", status="running")
    service.send(job("a", NEARLY_NOW, status="running"))
    service.give("10")
    service.send(job("old", "2026-05-30 23:00", status="running"), by_time)
    assert (holds(), packs()) == ([], ["FLEX PURCHASED 10 left 10"])

    service.send(job("a", NEARLY_NOW, revision=1))

    assert (packs(), faults()) == (["FLEX PURCHASED 10 left 9.5"], [])


def test_how_long_tokens_are_held_is_a_setting(service: World) -> None:
    """A contract says for how many minutes a job that is never heard of again keeps its tokens."""
    catalogue.set_policy(service.flex_contract, PolicyName.JOB_MINUTES, 60, since=START)
    service.give("10")

    service.send(job("a", NEARLY_NOW, status="running"))

    assert Hold.objects.get().due_us == at("2026-06-01 00:30")


def test_an_enterprise_contract_holds_nothing(service: World) -> None:
    """Nobody is blocked there, so nothing is reserved; what a job costs may go beyond the pool (N7)."""
    service.give("0.2", ent=True)
    service.send(job("a", NEARLY_NOW, status="running"), ent=True)
    assert holds() == []

    service.send(job("a", NEARLY_NOW, revision=1), ent=True)

    assert (costs(), owed()) == (["CLOUD_SERVICE CHARGED job_succeeded 0.5"], ("0", "0.3"))
    assert faults() == []


def test_a_service_may_not_say_for_whom_it_worked(service: World) -> None:
    """A job without a subject is nobody's, and is charged to the team."""
    service.send(job("a"))

    assert Use.objects.get().person_id == 0
    assert service.total() == "0.5"
