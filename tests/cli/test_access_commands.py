"""The commands for groups and default assignments, and the lists of people (product B3, B4, B7)."""

from __future__ import annotations

from tests.cli.conftest import Run
from tests.world import World

from farebox.records.models import DefaultProduct, GroupAssignment, GroupMember


def test_a_group_is_made_given_products_and_removed(world: World, run: Run) -> None:
    """Each step says what it did; removing says first who loses what, and does nothing without --yes."""
    for who in ("ana", "ben"):
        run("person", "add", "flex", f"{who}@example.com", who.title())
    run("group", "add", "flex", "Building 2")
    joined = run("group", "join", "flex", "Building 2", "ana@example.com", "BEN@example.com").stdout
    run("group", "assign", "flex", "Building 2", "A", "B")
    run("group", "unassign", "flex", "Building 2", "B")
    some = run("group", "list", "flex").stdout
    run("group", "assign", "flex", "Building 2", "--all")
    run("group", "rename", "flex", "Building 2", "Two")
    left = run("group", "leave", "flex", "Two", "ben@example.com").stdout
    told = run("group", "remove", "flex", "Two").stdout

    assert (joined, left) == ("2 people joined\n", "1 people left\n")
    assert (some, run("group", "list", "flex").stdout) == ("Building 2\t2\tProduct A\n", "Two\t1\tall products\n")
    assert told == (
        "1 people are in it, 1 of them lose something\nA\t1\nB\t1\nZ\t1\nnothing is changed; add --yes to do it\n"
    )
    run("group", "unassign", "flex", "Two", "--all")
    assert (GroupAssignment.objects.count(), GroupMember.objects.count()) == (0, 1)
    assert run("group", "remove", "flex", "Two", "--yes").stdout.endswith("the group is removed\n")
    assert "(not_found)" in run("group", "leave", "flex", "Two", "ben@example.com", code=1).stderr
    assert "(conflict)" in _twice(run)


def _twice(run: Run) -> str:
    run("group", "add", "flex", "G")
    return run("group", "add", "flex", "g", code=1).stderr


def test_defaults_are_set_shown_and_cleared(world: World, run: Run) -> None:
    """What changes for how many is said first; nothing is done without --yes."""
    run("person", "add", "flex", "ana@example.com", "Ana")
    run("person", "assign", "flex", "ana@example.com", "A")

    told = run("defaults", "set", "flex", "B", "Z").stdout
    before = run("defaults", "show", "flex").stdout
    run("defaults", "set", "flex", "B", "Z", "--yes")
    listed, shown = run("person", "list", "flex").stdout, run("person", "show", "flex", "ana@example.com").stdout

    assert (
        told
        == "something changes for 1 people\nA\t+0\t-1\nB\t+1\t-0\nZ\t+1\t-0\nnothing is changed; add --yes to do it\n"
    )
    assert (before, run("defaults", "show", "flex").stdout) == ("off\n", "on, for 1 people\nB\nZ\n")
    assert listed == "ana@example.com\tAna\tactive\tUSER\tProduct B, Product Z\tdefault\n"
    assert shown.splitlines() == [
        "Ana\tana@example.com\tactive\tUSER",
        "default assignments are on: the person's own ticks and those of groups rest",
        "A\tnot assigned\tclosed",
        "B\tdefault\ttokens",
        "Z\tdefault\tcosts_nothing",
    ]
    assert run("defaults", "clear", "flex", "--yes").stdout.endswith("default assignments are off\n")
    assert DefaultProduct.objects.count() == 0
    assert "(not_offered)" in run("defaults", "set", "flex", "nope", code=1).stderr
    assert run("person", "list", "flex", "--product", "A").stdout.startswith("ana@example.com\t")
    assert run("person", "list", "flex", "--state", "left").stdout == ""
    assert "a state is" in run("person", "list", "flex", "--state", "gone", code=2).stderr
