"""The commands that close books, and those about people."""

from __future__ import annotations

import pytest
from tests.cli.conftest import Run
from tests.world import World, event

from farebox.records.models import Assignment, Audit, Contract, Person


def uses(world: World) -> None:
    """Let one human being use A under two names on one morning."""
    world.give("100")
    world.send(
        event("mail", "ana@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"),
        event("login", "ana07", "A", "2026-03-02 10:00", "2026-03-02 11:00"),
    )


def test_books_are_closed_and_stay_closed(world: World, run: Run) -> None:
    """Closing says what is closed; an earlier date and a day that is not over are refused."""
    number = world.flex_contract.number

    said = run("close-books", number, "--through", "2026-01-31").stdout

    assert said == f"the books of {number} are closed through 2026-01-31\n"
    assert "never opened again (books_closed)" in run("close-books", number, "--through", "2026-01-30", code=1).stderr
    assert "(in_future)" in run("close-books", number, "--through", "2090-01-01", code=1).stderr
    assert "(not_found)" in run("close-books", "none", "--through", "2026-01-30", code=1).stderr
    assert Contract.objects.filter(closed_through__isnull=False).count() == 1


def test_joining_says_first_what_it_would_change(world: World, run: Run) -> None:
    """Without --yes nothing happens but the telling."""
    uses(world)

    told = run("person", "join", "flex", "ana07", "ana@example.com").stdout
    assert told == "1 uses move; 7 tokens come back\nnothing is changed; add --yes to do it\n"
    assert world.total() == "14"

    assert run("person", "join", "flex", "ana07", "ana@example.com", "--yes").stdout == told.splitlines()[0] + "\n"
    assert world.total() == "7"


def test_products_are_assigned_and_taken_back(world: World, run: Run) -> None:
    """Some products, or all; leaving takes all back."""
    run("person", "add", "flex", "ana@example.com", "Ana")
    run("person", "assign", "flex", "ana@example.com", "A", "B")
    run("person", "unassign", "flex", "ANA@example.com", "B")
    assert [one.product_id for one in Assignment.objects.all()] == [world.products["A"].pk]

    run("person", "assign", "flex", "ana@example.com", "--all")
    assert Assignment.objects.filter(product=None).count() == 1
    run("person", "leave", "flex", "ana@example.com")

    assert (Assignment.objects.count(), Person.objects.filter(left_us__isnull=False).count()) == (0, 1)
    assert set(Audit.objects.values_list("actor", flat=True)) == {"command"}


@pytest.mark.parametrize("words", [(), ("A", "--all")])
def test_products_or_all_of_them(world: World, run: Run, words: tuple[str, ...]) -> None:
    """A command line that names both or neither makes no sense."""
    run("person", "add", "flex", "ana@example.com", "Ana")

    run("person", "assign", "flex", "ana@example.com", *words, code=2)


def test_nobody_is_made_up(world: World, run: Run) -> None:
    """A name that no person of the team has is refused."""
    assert "(not_found)" in run("person", "assign", "flex", "nobody", "A", code=1).stderr
