"""Uses of what is not assigned are charged and flagged, in teams that assign (domain M5); every change is on record."""

from __future__ import annotations

import pytest
from tests.world import NOW, START, World, event, withdrawal

from farebox.domain.clock import Instant
from farebox.domain.errors import NotFound
from farebox.records.models import Assignment, Audit, Person, Use
from farebox.services import catalogue
from farebox.services.assign import assign, leave, person_named, unassign
from farebox.services.ingest import SourceKey

ANA, BEN = "ana@example.com", "ben@example.com"


def use(id: str, who: str, product: str = "A", day: str = "02") -> bytes:  # noqa: A002
    """Write an hour of a product in March."""
    return event(id, who, product, f"2026-03-{day} 08:00", f"2026-03-{day} 09:00")


def flagged() -> list[str]:
    """Return the ids of the events whose uses are flagged."""
    found = Use.objects.filter(ended_us__isnull=True, unassigned=True)
    return sorted(found.values_list("event__event_id", flat=True))


def ana(world: World) -> int:
    """Return the number of a person of the Flex team."""
    return catalogue.add_person(world.flex, ANA, "Ana", now=START).pk


def test_a_team_that_assigns_nothing_has_no_flags(world: World) -> None:
    """Where nobody is assigned anything, nothing is out of place."""
    world.send(use("a", ANA), use("b", BEN))

    assert flagged() == []


def test_a_use_of_what_is_not_assigned_is_charged_and_flagged(world: World) -> None:
    """Once a team assigns, every use by somebody without the product is flagged; it costs the same."""
    assign(ana(world), "A", actor="command", now=START)

    world.send(use("mine", ANA), use("other product", ANA, "B"), use("somebody", BEN))
    world.send(use("elsewhere", BEN), ent=True)

    assert flagged() == ["other product", "somebody"]
    assert world.total() == "30"


def test_all_products_are_the_later_ones_too(world: World) -> None:
    """A person to whom everything is assigned may use what joins the offer afterwards (A2)."""
    assign(ana(world), "", actor="command", now=START)

    world.send(use("a", ANA, "A"), use("b", ANA, "B"))

    assert flagged() == []


def test_an_assignment_counts_from_its_instant(world: World) -> None:
    """A use from before the assignment is flagged, though it is reported afterwards."""
    number = ana(world)
    world.send(use("x", ANA))
    use_of = Use.objects.get()
    assign(number, "A", actor="command", now=Instant(use_of.since_us + 1))

    world.send(use("before", ANA), use("after", ANA, day="03"))

    assert flagged() == ["before"]


def test_who_left_has_nothing(world: World) -> None:
    """Leaving ends the assignments; what was used stays, and what is reported later is flagged."""
    number = ana(world)
    assign(number, "A", actor="command", now=START)
    assign(catalogue.add_person(world.flex, BEN, "Ben", now=START).pk, "A", actor="command", now=START)

    leave(number, actor="command", now=NOW)
    leave(number, actor="command", now=NOW)
    world.send(use("a", ANA))

    assert (flagged(), Person.objects.get(pk=number).left_us) == (["a"], NOW)
    assign(number, "A", actor="command", now=NOW)
    assert Person.objects.get(pk=number).left_us is None


def test_every_change_of_assignments_is_on_record(world: World) -> None:
    """One row for each change, none for what changes nothing, and no name in any (T5)."""
    number, product = ana(world), world.products["A"].pk
    for _ in range(2):
        assign(number, "A", actor="account 3", now=NOW)
    unassign(number, "A", actor="account 3", now=NOW)
    with pytest.raises(NotFound):
        unassign(number, "A", actor="account 3", now=NOW)

    rows = Audit.objects.order_by("pk").values_list("actor", "verb", "object", "facts")
    who = f"person {number}"
    assert list(rows) == [
        ("account 3", "assigned", who, {"product": product}),
        ("account 3", "unassigned", who, {"product": product}),
    ]
    assert Assignment.objects.count() == 0


@pytest.mark.parametrize(("name", "product"), [("nobody", "A"), (ANA, "nothing")])
def test_who_and_what_is_unknown_is_said(world: World, name: str, product: str) -> None:
    """An unknown person or product is not made up."""
    ana(world)

    with pytest.raises(NotFound):
        assign(person_named("flex", name), product, actor="command", now=NOW)


def test_each_correction_has_one_row(world: World) -> None:
    """An amended and a withdrawn event leave one row each; a duplicate and a refusal leave none (M3)."""
    key = SourceKey(7, world.flex.pk)
    world.send(use("a", ANA), use("b", ANA), key=key)
    longer = event("a", ANA, "A", "2026-03-02 08:00", "2026-03-02 12:00", revision=1)
    world.send(longer, withdrawal("b", 3), key=key)
    world.send(longer, withdrawal("never", 1), key=key)
    world.send(withdrawal("a", 2))

    rows = Audit.objects.order_by("pk").values_list("team__slug", "actor", "verb", "facts")
    assert list(rows) == [
        ("flex", "source 7", "amended", {"revision": 1}),
        ("flex", "source 7", "withdrew", {"revision": 3}),
        ("flex", "command", "withdrew", {"revision": 2}),
    ]
