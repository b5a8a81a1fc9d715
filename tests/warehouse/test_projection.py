"""What the projector copies is what the records say, however and whenever it runs (quality L8, I8)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawn import few
from tests.services.asking import ask, charged, reported
from tests.services.deliveries import PLAIN, Told, furnish, sessions
from tests.world import NOW, World, event, withdrawal

from farebox.domain.clock import DAY, MINUTE, Instant
from farebox.records import db, outbox
from farebox.records.models import Person
from farebox.services import catalogue
from farebox.services import project as projector
from farebox.services.expire import expire
from farebox.services.project import lag_us, project, rebuild
from farebox.warehouse import Batch, current
from farebox.warehouse.duck import Warehouse

SPAN = ("2026-03-02 08:00", "2026-03-02 09:00")
Step = Told | tuple[str, int]


@st.composite
def histories(draw: st.DrawFn) -> list[list[Step]]:
    """Draw what happens between runs of the projector: sessions told and amended, withdrawn, packs that expire."""
    told = draw(sessions(enterprise=draw(st.booleans()), most=6))
    steps: list[Step] = list(draw(st.permutations(told)))
    for number in draw(st.lists(st.integers(0, 6), max_size=3)):
        steps.insert(draw(st.integers(0, len(steps))), ("withdraw", number))
    for place in draw(st.lists(st.integers(0, len(steps)), max_size=2)):
        steps.insert(place, ("expire", 0))
    cuts = sorted(draw(st.sets(st.integers(0, len(steps)), max_size=4)))
    return [steps[one:two] for one, two in zip([0, *cuts], [*cuts, len(steps)], strict=True)]


def happen(world: World, steps: Sequence[Step]) -> None:
    """Let the steps happen, one request each."""
    for step in steps:
        match step:
            case ("expire", _):
                expire(now=NOW)
            case ("withdraw", int(number)):
                for ent in (False, True):
                    world.send(withdrawal(f"e{number}", 9, source=("//one", "//two")[number % 2]), ent=ent)
            case Told():
                world.send(step.written(), ent=step.borrowed or bool(step.offset))


def equal_to_records(world: World) -> bool:
    """Tell whether the warehouse answers what the charges that count add up to."""
    contracts = (world.flex_contract, world.ent_contract)
    return all(reported(contract) == charged(contract) for contract in contracts)


@given(history=histories())
@settings(PLAIN, max_examples=few(12))
def test_run_at_any_moments_it_equals_a_rebuild(
    world: World, tmp_path_factory: pytest.TempPathFactory, history: list[list[Step]]
) -> None:
    """After every run the warehouse answers as the records do, and in the end it is what a rebuild makes (L8)."""
    current.place(tmp_path_factory.mktemp("house") / "warehouse.duckdb", memory_mb=256)
    with transaction.atomic():
        furnish(world)
        for steps in history:
            happen(world, steps)
            project()
            assert equal_to_records(world)
        grown = current.warehouse().fingerprint()
        position = current.warehouse().position()

        assert rebuild() == position == project() == outbox.last_position()
        assert current.warehouse().fingerprint() == grown
        transaction.set_rollback(True)
    current.close()


class Interrupted(Exception):
    """What stops the projector in the middle."""


def cut(monkeypatch: pytest.MonkeyPatch, house: Warehouse, *, before: bool) -> None:
    """Let the next batch be interrupted, before it is written or after."""
    apply = house.apply

    def once(batch: Batch) -> bool:
        monkeypatch.setattr(house, "apply", apply)
        if not before:
            apply(batch)
        raise Interrupted

    monkeypatch.setattr(house, "apply", once)


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("projected", [True, False])
def test_interrupted_it_goes_on(
    world: World, house: Warehouse, monkeypatch: pytest.MonkeyPatch, before: bool, projected: bool
) -> None:
    """Stopped before a batch is written or after, the next run has all of it, names included, and nothing twice."""
    if projected:
        world.send(event("a", "ana@example.com", "A", *SPAN))
        project()
    world.send(event("b", "ben@example.com", "B", *SPAN, version="2026", machine="pc-1"))
    cut(monkeypatch, house, before=before)

    with pytest.raises(Interrupted):
        project()
    project()

    assert equal_to_records(world)
    people = [row[0] for row in ask(world.flex_contract, "userName", "machineName").rows]
    assert people == (["ana@example.com", "ben@example.com"] if projected else ["ben@example.com"])
    grown = house.fingerprint()
    rebuild()
    assert house.fingerprint() == grown


def test_an_interrupted_rebuild_leaves_all_as_it_was(
    world: World, house: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rebuild that stops half-way changes nothing, and the projector goes on with every name."""
    world.send(event("a", "ana@example.com", "A", *SPAN))
    project()
    world.send(event("b", "ben@example.com", "B", *SPAN))
    batch = projector._batch

    def stop(*_: object) -> Batch:
        raise Interrupted

    monkeypatch.setattr(projector, "_batch", stop)
    with pytest.raises(Interrupted):
        rebuild()
    monkeypatch.setattr(projector, "_batch", batch)

    assert [row[0] for row in ask(world.flex_contract, "userName").rows] == ["ana@example.com"]
    project()
    assert [row[0] for row in ask(world.flex_contract, "userName").rows] == ["ana@example.com", "ben@example.com"]


@pytest.mark.parametrize("limit", ["BATCHES_AT_ONCE", "FACTS_AT_ONCE"])
def test_many_batches_are_merged(world: World, house: Warehouse, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    """A projector that is behind takes many batches at once; cut as small as may be, it is the same warehouse."""
    for nth in range(12):
        world.send(event(f"e{nth}", f"p{nth % 3}@example.com", "AB"[nth % 2], *SPAN))
        world.send(event(f"e{nth}", f"p{nth % 4}@example.com", "AB"[nth % 2], *SPAN, revision=1))
    project()
    merged = house.fingerprint()

    monkeypatch.setattr(projector, limit, 1)
    rebuild()

    assert house.fingerprint() == merged
    assert equal_to_records(world)


def test_nothing_new_is_no_work(world: World, house: Warehouse) -> None:
    """Run again without news, it stays where it is and changes nothing."""
    world.send(event("a", "ana@example.com", "A", *SPAN))
    position = project()
    before = house.fingerprint()

    assert project() == position
    assert house.fingerprint() == before


def test_the_lag_is_the_age_of_the_oldest_batch(world: World, house: Warehouse) -> None:
    """It is 0 when nothing waits, grows with the clock while something does, and ends with the projection (I8)."""
    assert lag_us(now=NOW) == 0
    world.send(event("a", "ana@example.com", "A", *SPAN), now=NOW)
    world.send(event("b", "ben@example.com", "A", *SPAN), now=Instant(NOW + 5 * MINUTE))

    assert lag_us(now=Instant(NOW + 20 * MINUTE)) == 20 * MINUTE
    assert lag_us(now=Instant(NOW - DAY)) == 0
    project()
    assert lag_us(now=Instant(NOW + 20 * MINUTE)) == 0


def test_the_moment_shown_never_goes_back(world: World, house: Warehouse) -> None:
    """Where the server's clock steps back, an answer still says that it knows what the one before knew (I8)."""
    shown = []
    for nth, now in enumerate((NOW, Instant(NOW - DAY), Instant(NOW + DAY))):
        world.send(event(f"e{nth}", f"p{nth}@example.com", "A", *SPAN), now=now)
        project()
        shown.append(ask(world.flex_contract).as_of)

    assert shown == [NOW, NOW, NOW + DAY]


def test_duplicates_and_refusals_wait_for_nobody(world: World, house: Warehouse) -> None:
    """A request that changes no charge gives the projector nothing to do."""
    world.send(event("a", "ana@example.com", "A", *SPAN))
    position = project()

    world.send(event("a", "ana@example.com", "A", *SPAN), event("u", "ana@example.com", "unknown", *SPAN), b"{")

    assert project() == position
    assert lag_us(now=Instant(NOW + DAY)) == 0


def test_a_person_renamed_arrives(world: World, house: Warehouse) -> None:
    """When somebody's name changes, all that they used stands under the new one, with the same tokens."""
    world.send(event("a", "ana@example.com", "A", *SPAN))
    project()

    with db.atomic():
        Person.objects.filter(key="ana@example.com").update(key="ana.berg@example.com")
        outbox.announce_names()
    project()

    assert ask(world.flex_contract, "userName").rows == (("ana.berg@example.com", 7),)
    grown = house.fingerprint()
    rebuild()
    assert house.fingerprint() == grown


def test_a_new_product_arrives_with_its_use(world: World, house: Warehouse) -> None:
    """A product that the catalogue learns later is named when it is used."""
    world.send(event("a", "ana@example.com", "A", *SPAN))
    project()
    product = catalogue.add_product(catalogue.NewProduct(code="NEW", name="New product"))
    catalogue.open_offer("all", [product], since=Instant(0))
    catalogue.set_rate("flex", product, outbox.Tokens(1_000_000), since=Instant(0))
    world.send(event("b", "ana@example.com", "NEW", *SPAN))
    project()

    assert [row[0] for row in ask(world.flex_contract, "productName").rows] == ["New product", "Product A"]


def test_charge_back_values_land_in_their_fields(world: World, house: Warehouse) -> None:
    """An attribute that the contract has named is a column of the answer; others are kept and not shown."""
    catalogue.name_fields(world.flex_contract, {3: "job"})
    world.send(event("a", "ana@example.com", "A", *SPAN, attributes={"job": "J-7", "other": "x"}))
    project()

    assert [row[0] for row in ask(world.flex_contract, "customField3").rows] == ["J-7"]


def test_the_owner_of_the_file_may_change(world: World, tmp_path: Path) -> None:
    """Closed and opened again, as after a restart, the warehouse goes on from its position with every name."""
    current.place(tmp_path / "warehouse.duckdb", memory_mb=256)
    world.send(event("a", "ana@example.com", "A", *SPAN))
    project()
    current.close()
    world.send(event("b", "ben@example.com", "B", *SPAN))

    project()

    assert [row[0] for row in ask(world.flex_contract, "userName").rows] == ["ana@example.com", "ben@example.com"]
    assert equal_to_records(world)
    current.close()
