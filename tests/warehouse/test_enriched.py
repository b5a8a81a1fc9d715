"""What is told of people stands in every fact as it was in force on its usage date, however it got there (L8, R4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawn import few
from tests.services.asking import ask, charged, text
from tests.services.deliveries import PLAIN, furnish
from tests.world import NOW, World, event

from farebox.domain.clock import day_of
from farebox.domain.enrichment import Row, in_force
from farebox.domain.errors import FareboxError
from farebox.records import enrichment, outbox
from farebox.records.models import Charge, ContractField, Label, Person
from farebox.services import project as projector
from farebox.services.close_books import close
from farebox.services.enrich import Enriched, enrich, free, rename
from farebox.services.join import join
from farebox.services.project import project, rebuild
from farebox.warehouse import Batch, current
from farebox.warehouse.duck import Warehouse

ANN, BEN, LOGIN = "ann@example.com", "ben@example.com", "ann07"
NAMES = (ANN, BEN, LOGIN)
SITE = "Site"
Step = tuple[str, object]


def tell(world: World, *rows: tuple[str, ...], category: str = SITE) -> Enriched:
    """Tell values of people: name, value, and from when unless from the beginning."""
    listed = [Row(f"/{nth}", *row) for nth, row in enumerate(rows)]
    return enrich(world.flex_contract.number, category, listed, actor="command", now=NOW)


def use(world: World, name: str, person: str, date: str, **attributes: str) -> None:
    """Let somebody use A for an hour."""
    more = {"attributes": attributes} if attributes else {}
    world.send(event(name, person, "A", f"{date} 08:00", f"{date} 09:00", **more))


def by_site(world: World, *, field: str = "customField1") -> dict[str, object]:
    """Return the tokens by site, as the reports answer them."""
    rows: Sequence[tuple[object, ...]] = ask(world.flex_contract, field).rows
    return {str(site): tokens for site, tokens in rows}


def same_when_rebuilt() -> bool:
    """Tell whether a rebuild makes the same warehouse."""
    grown = current.warehouse().fingerprint()
    rebuild()
    return current.warehouse().fingerprint() == grown


def test_a_value_counts_as_it_was_at_the_time(world: World, house: Warehouse) -> None:
    """Somebody who moved in April stands under the old site until then and under the new one after it."""
    use(world, "a", ANN, "2026-03-31")
    use(world, "b", ANN, "2026-04-01")
    use(world, "c", BEN, "2026-03-31")
    project()

    done = tell(world, (ANN, "Lund"), (ANN, "Malmö", "2026-04-01"), ("dag@example.com", "Lund"))
    project()

    assert (done.category, done.field) == (SITE, "customField1")
    assert (done.set, done.unchanged, done.ended, done.unknown) == (3, 0, 0, 1)
    assert by_site(world) == {"": 7, "Lund": 7, "Malmö": 7}
    assert same_when_rebuilt()


def test_what_came_with_the_use_wins(world: World, house: Warehouse) -> None:
    """A use that brought a site keeps it, told before or after, and an empty one too; the other field is filled."""
    use(world, "a", ANN, "2026-03-02", Site="Oslo")
    use(world, "b", ANN, "2026-03-04", Site="")
    tell(world, (ANN, "Lund"))
    tell(world, (ANN, "R&D"), category="Department")
    project()
    use(world, "c", ANN, "2026-03-06", Site="Oslo")
    use(world, "d", ANN, "2026-03-08")
    project()

    assert by_site(world) == {"": 7, "Lund": 7, "Oslo": 14}
    assert by_site(world, field="customField2") == {"R&D": 28}
    tell(world, (ANN, "Kiruna"))
    project()
    assert by_site(world) == {"": 7, "Kiruna": 7, "Oslo": 14}
    assert same_when_rebuilt()


def test_a_list_replaces_the_one_before(world: World, house: Warehouse) -> None:
    """Who is not in it any more has no value; the same list again is no change, and gives nobody work."""
    use(world, "a", ANN, "2026-03-02")
    use(world, "b", BEN, "2026-03-02")
    tell(world, (ANN, "Lund"), (BEN, "Lund"))
    position = project()

    again = tell(world, (BEN, "Lund"), (ANN, "Lund"))
    assert (again.set, again.unchanged, again.ended) == (0, 2, 0)
    assert project() == position

    less = tell(world, (BEN, "Malmö"))
    project()
    assert (less.set, less.unchanged, less.ended) == (1, 0, 1)
    assert by_site(world) == {"": 7, "Malmö": 7}
    assert same_when_rebuilt()


def test_a_value_waits_for_a_person_who_is_not_known_yet(world: World, house: Warehouse) -> None:
    """A list may name people who have used nothing; their first use has the value, and so has every later one."""
    use(world, "a", BEN, "2026-03-02")
    assert tell(world, (ANN, "Lund"), (BEN, "Lund")).unknown == 1
    project()
    use(world, "b", ANN, "2026-03-02")
    project()

    assert by_site(world) == {"Lund": 14}
    assert Person.objects.filter(key=ANN).count() == 1
    assert same_when_rebuilt()


def test_a_list_told_before_the_first_use_is_not_lost(world: World, house: Warehouse) -> None:
    """A contract may have its departments before anything is used."""
    tell(world, (ANN, "Lund"))
    assert project() == 0
    use(world, "a", ANN, "2026-03-02")
    project()

    assert by_site(world) == {"Lund": 7}


def test_two_names_of_one_person(world: World, house: Warehouse) -> None:
    """A login that is joined to an address has the address's value, or gives it its own where it has none (M1)."""
    use(world, "a", ANN, "2026-03-02")
    use(world, "b", LOGIN, "2026-03-10")
    tell(world, (LOGIN, "Lund"))
    project()
    assert by_site(world) == {"": 7, "Lund": 7}

    join(_number(LOGIN), _number(ANN), actor="command", now=NOW)
    project()
    assert by_site(world) == {"Lund": 14}
    assert same_when_rebuilt()

    tell(world, (LOGIN, "Lund"), (ANN, "Malmö"))
    project()
    assert by_site(world) == {"Malmö": 14}
    assert same_when_rebuilt()


def test_the_contract_next_door_sees_nothing(world: World, house: Warehouse) -> None:
    """A list is told for one contract; a person of the same name elsewhere is another person (quality T1)."""
    use(world, "a", ANN, "2026-03-02")
    world.send(event("e", ANN, "A", "2026-03-02 08:00", "2026-03-02 09:00"), ent=True)
    tell(world, (ANN, "Lund"))
    project()

    assert ask(world.ent_contract, "customField1").rows == (("", 6),)


def test_a_name_that_uses_brought_before_is_shown_when_it_is_named(world: World, house: Warehouse) -> None:
    """The first list of a category finds the values of that name that came with uses and were not shown."""
    use(world, "a", ANN, "2026-03-02", Site="Oslo")
    use(world, "b", BEN, "2026-03-02")
    project()
    assert by_site(world) == {"": 14}

    tell(world, (ANN, "Lund"), (BEN, "Lund"))
    project()

    assert by_site(world) == {"Lund": 7, "Oslo": 7}
    assert same_when_rebuilt()


class Stopped(Exception):
    """What stops the projector in the middle."""


def test_what_came_with_uses_goes_by_its_name(world: World, house: Warehouse) -> None:
    """Renamed, the field shows what came under the new name, and keeps what was told; freed, it shows nothing."""
    number = world.flex_contract.number
    use(world, "a", ANN, "2026-03-02", Site="Oslo")
    use(world, "b", BEN, "2026-03-02", Place="Bergen")
    tell(world, (ANN, "Lund"), (BEN, "Lund"))
    project()
    assert by_site(world) == {"Lund": 7, "Oslo": 7}

    rename(number, SITE, "Place", actor="command", now=NOW)
    project()
    assert by_site(world) == {"Bergen": 7, "Lund": 7}
    assert same_when_rebuilt()

    tell(world, category="Place")
    free(number, "Place", actor="command", now=NOW)
    project()
    assert by_site(world) == {"": 14}
    assert same_when_rebuilt()


@pytest.mark.parametrize("before", [True, False])
def test_interrupted_it_goes_on(world: World, house: Warehouse, monkeypatch: pytest.MonkeyPatch, before: bool) -> None:
    """Stopped before a change is written or after, the next run has all of it; never is half of it seen (R4)."""
    use(world, "a", ANN, "2026-03-02")
    use(world, "b", BEN, "2026-03-02")
    project()
    tell(world, (ANN, "Lund"), (BEN, "Lund"))
    apply = house.apply

    def once(batch: Batch) -> bool:
        monkeypatch.setattr(house, "apply", apply)
        if not before:
            apply(batch)
        raise Stopped

    monkeypatch.setattr(house, "apply", once)
    with pytest.raises(Stopped):
        project()
    assert by_site(world) == ({"": 14} if before else {"Lund": 14})
    project()

    assert by_site(world) == {"Lund": 14}
    assert same_when_rebuilt()


def test_no_batch_mixes_two_lists(world: World, house: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Uses that are copied while a list is replaced stand as all others do, after every single batch (R4)."""
    monkeypatch.setattr(projector, "FACTS_AT_ONCE", 1)
    for nth in range(4):
        use(world, f"old{nth}", ANN, f"2026-03-{2 * nth + 2:02d}")
    tell(world, (ANN, "Lund"))
    project()
    for nth in range(4):
        use(world, f"new{nth}", ANN, f"2026-04-{2 * nth + 2:02d}")
    seen: list[set[str]] = []
    apply = house.apply

    def watched(batch: Batch) -> bool:
        if len(seen) == 1:
            tell(world, (ANN, "Malmö"))
        news = apply(batch)
        seen.append(set(by_site(world)))
        return news

    monkeypatch.setattr(house, "apply", watched)
    project()

    assert seen == [{"Lund"}, {"Lund"}, {"Malmö"}, {"Malmö"}, {"Malmö"}]
    assert same_when_rebuilt()


PLACES = st.sampled_from(["", "Lund", "Malmö", "Oslo"])
DATES = st.sampled_from(["", "2026-03-01", "2026-03-03", "2026-03-04", "2026-03-06"])
ROWS = st.dictionaries(st.tuples(st.sampled_from(NAMES), DATES), PLACES, max_size=6)
USES = st.tuples(st.sampled_from(NAMES), st.integers(1, 9), st.none() | PLACES)
STEPS = st.one_of(
    st.tuples(st.just("use"), USES),
    st.tuples(st.just("use"), USES),
    st.tuples(st.just("tell"), ROWS),
    st.tuples(st.just("project"), st.none()),
    st.tuples(st.just("free"), st.none()),
    st.tuples(st.just("join"), st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES))),
    st.tuples(st.just("close"), st.integers(1, 6)),
)


@dataclass
class Life:
    """What happens to a team, a step at a time."""

    world: World
    numbers: Callable[[], int]

    def happen(self, step: Step) -> None:
        """Let a step happen; what the books refuse changes nothing."""
        match step:
            case ("use", (str(person), int(date), site)):
                told = {} if site is None else {SITE: str(site)}
                use(self.world, f"e{self.numbers()}", person, f"2026-03-{date:02d}", **told)
            case ("tell", dict(rows)):
                listed = [(person, value, since) for (person, since), value in rows.items()]
                self.refusable(lambda: tell(self.world, *listed))
            case ("free", None):
                number = self.world.flex_contract.number
                self.refusable(lambda: free(number, SITE, actor="command", now=NOW))
            case ("join", (str(one), str(other))):
                self.refusable(lambda: join(_number(one), _number(other), actor="command", now=NOW))
            case ("close", int(date)):
                through = day_of(NOW) - 90 + date
                self.refusable(lambda: close(self.world.flex_contract.number, through, actor="command", now=NOW))
            case _:
                project()

    def refusable(self, job: Callable[[], object]) -> None:
        """Do what may be refused."""
        try:
            with transaction.atomic():
                job()
        except (FareboxError, Person.DoesNotExist):
            return


def expected(world: World) -> dict[str, int]:
    """Return the tokens by site, charge by charge from the records alone."""
    contract = world.flex_contract
    field = ContractField.objects.filter(contract=contract, name=SITE).first()
    if field is None:
        return {}
    said = enrichment.values((contract.pk, field.position), field.version).of
    found: dict[str, int] = {}
    for charge in Charge.objects.filter(contract=contract, ended_us=None).select_related("use"):
        brought = (charge.use.extra or "").partition(f'"attribute:{SITE}":')[2]
        label = (
            int(brought.rstrip("}").split(",")[0])
            if brought
            else in_force(said.get(charge.person_id, ()), charge.usage_day)
        )
        site = Label.objects.get(pk=label).text if label else ""
        found[site] = found.get(site, 0) + charge.tokens_micro
    return found


def _number(name: str) -> int:
    return Person.objects.get(team__slug="flex", key=name).pk


@given(steps=st.lists(STEPS, min_size=2, max_size=14))
@settings(PLAIN, max_examples=few(40))
def test_whatever_happens_it_equals_a_rebuild(
    world: World, tmp_path_factory: pytest.TempPathFactory, steps: list[Step]
) -> None:
    """
    Uses, lists, joins and closings in any order: the warehouse is what a rebuild makes, and what the charges say.

    The sites add up to the total, and each has the tokens of the charges that were its on their dates (L8, R1).
    """
    current.place(tmp_path_factory.mktemp("house") / "warehouse.duckdb", memory_mb=256)
    with transaction.atomic():
        furnish(world)
        life = Life(world, count().__next__)
        for step in steps:
            life.happen(step)
        project()
        sites = {site: tokens for site, tokens in by_site(world).items() if tokens}
        total = text(charged(world.flex_contract))
        wanted = {site: micro / 1_000_000 for site, micro in expected(world).items() if micro}

        assert sites == wanted or not ContractField.objects.exists()
        assert str(sum(map(int, map(str, sites.values())))) == total  # type: ignore[arg-type]
        assert project() == outbox.last_position()
        assert same_when_rebuilt()
        transaction.set_rollback(True)
    current.close()
