"""Jobs and entries in reports: their words, their sign, and what counts as a use (domain R2, R9, N6)."""

from __future__ import annotations

from tests.services.asking import charged, readable, reported
from tests.services.entries import adjustment, consumption, job, teach
from tests.world import World, withdrawal

from farebox.query.plan import Question, make_plan
from farebox.query.present import json_rows
from farebox.query.rules import Surface
from farebox.records.models import Contract
from farebox.services.project import project, rebuild
from farebox.warehouse.current import warehouse
from farebox.warehouse.duck import Warehouse

MANUAL = ("MANUAL_ADJUSTMENT", "MANUAL_CONSUMPTION")


def ask(contract: Contract, category: str, *fields: str, metrics: tuple[str, ...]) -> list[tuple[object, ...]]:
    """Ask for some fields and metrics of one usage category, as an export does."""
    question = Question(fields=fields, metrics=metrics, usage_categories=(category,))
    plan = make_plan(question, readable(contract).asker, Surface.EXPORT)
    with warehouse().snapshot() as snapshot:
        return [tuple(row) for row in json_rows(plan, snapshot.ask(plan).rows)]


def test_an_adjustment_is_reported_with_its_pool_and_reason(world: World, house: Warehouse) -> None:
    """It consumes minus its change, is nobody's use of nothing, and no use at all (N6, R9)."""
    world.send(adjustment("a", "12.5", pool="CREDIT", comment="pilot refund"), consumption("b", tokens="3"))
    project()

    fields = ("tokenPool", "reasonType", "reasonComment", "transactionDate", "userName", "productLineCode")
    metrics = ("tokensConsumed", "useCount", "uniqueUsers", "uniqueProducts")
    assert ask(world.flex_contract, MANUAL[0], *fields, metrics=metrics) == [
        ("CREDIT", "Correction", "pilot refund", "2026-03-02", "", "", -12.5, 0, 0, 0)
    ]
    assert ask(world.flex_contract, MANUAL[1], *fields, metrics=metrics) == [
        ("FLEX", "Off network", "", "2026-03-02", "ana@example.com", "A", 3, 1, 1, 1)
    ]
    assert reported(world.flex_contract) == charged(world.flex_contract)


def test_a_job_is_one_use_with_its_status(world: World, house: Warehouse) -> None:
    """However many results it had, a successful job counts once; others count nothing, and are still shown (R9)."""
    teach(world)
    world.give("100")
    world.send(job("a", quantity="10", status="Success"), job("b", status="Failed"), job("c", status="inprogress"))
    project()

    rows = ask(world.flex_contract, "CLOUD_SERVICE", "jobStatus", metrics=("tokensConsumed", "useCount"))
    assert sorted(rows, key=str) == [("Failed", 0, 0), ("Success", 5, 1), ("inprogress", 0, 0)]


def test_what_is_taken_back_is_reported_no_more(world: World, house: Warehouse) -> None:
    """Amendments and withdrawals reach the reports, and rebuilding them gives the same (L8)."""
    teach(world)
    world.send(adjustment("a", "50"), job("j", status="running"), consumption("c", quantity="2"))
    project()
    world.send(adjustment("a", "40", revision=1), job("j", revision=1), withdrawal("c", 1))
    project()
    before = reported(world.flex_contract)

    rebuild()

    assert before == reported(world.flex_contract) == charged(world.flex_contract)
    assert sum(before.values()) == -39_500_000
