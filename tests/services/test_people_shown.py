"""What administrators are shown of people and products: who may open what and how, never what was used (quality P1)."""

from __future__ import annotations

import pytest
from tests.services.office import Office
from tests.world import NOW, START, World

from farebox.domain.errors import NotFound
from farebox.domain.rights import Role
from farebox.records.models import Person
from farebox.services import assign, catalogue, defaults
from farebox.services.assign import Paid, State, Through


@pytest.fixture
def office(world: World) -> Office:
    """Return the Flex team, its administrator, and two members."""
    return Office(world)


def test_the_list_of_people(office: Office) -> None:
    """Who there is, where they stand, what they may open and through what; found, filtered and sorted."""
    eve, fay, gus = office.unclaimed("eve"), office.invited("fay"), office.invited("gus", sent=START)
    hal = office.member("hal", "Hal")
    assign.leave(hal, actor="command", now=NOW)
    office.tick(office.ann, every=True)
    office.tick(fay, "A")
    office.group("G", office.ben, give=("B",))
    catalogue.entitle(Person.objects.get(pk=office.ben), office.world.products["A"], "TRIAL", since=START)

    def listed(**asked: object) -> list[int]:
        return [one.id for one in assign.people(office.boss, office.team, now=NOW, **asked).rows]  # type: ignore[arg-type]

    rows = {one.id: one for one in assign.people(office.boss, office.team, now=NOW).rows}
    assert [(rows[one].state, rows[one].role, rows[one].name) for one in (office.ann, eve, fay, gus)] == [
        (State.ACTIVE, Role.USER, "Ann Ek"), (State.UNCLAIMED, Role.USER, "eve"),
        (State.PENDING, Role.USER, "fay@example.com"), (State.LAPSED, Role.USER, "gus@example.com"),
    ]  # fmt: skip
    assert (rows[office.ann].every, rows[office.ann].products) == (True, ())
    assert (rows[office.ben].products, rows[office.ben].through) == (
        ("Product A", "Product B"), (Through.GROUP, Through.TRIAL),
    )  # fmt: skip
    assert (rows[fay].products, rows[fay].email, rows[eve].email) == (("Product A",), "fay@example.com", "")
    assert listed() == [office.ann, office.ben, eve, fay, gus]
    assert listed(sort="-name") == [gus, fay, eve, office.ben, office.ann]
    assert listed(sort="state") == [office.ann, office.ben, fay, gus, eve]
    assert (listed(search="EK"), listed(state=State.LEFT), listed(state=State.LAPSED)) == ([office.ann], [hal], [gus])
    assert (listed(product="A"), listed(product="nope")) == ([office.ann, office.ben, fay], [])
    assert [one.id for one in assign.people(office.boss, office.team, page=9, now=NOW).rows] == listed()
    everyone = assign.everyone(office.boss, office.team, product="A", now=NOW)
    assert [one.id for one in everyone] == listed(product="A")
    known = assign.named(office.boss, office.team, [gus, office.ann, 10**12], now=NOW)
    assert [one.id for one in known] == [office.ann, gus]


def test_a_person_and_whether_tokens_are_used(office: Office) -> None:
    """Each product of the offer: ticked, held how, and if tokens are not used, why not (F9, A1)."""
    person = Person.objects.get(pk=office.ann)
    office.offer("C")
    catalogue.entitle(person, office.world.products["B"], "SEAT", since=START)
    office.tick(office.ann, "A", "Z")
    made = office.group("G", office.ann, give=("A",))

    def told() -> list[tuple[str, bool, Paid, list[str]]]:
        shown = assign.person(office.boss, office.team, office.ann, now=NOW)
        return [(one.product.code, one.ticked, one.paid, [hold.way for hold in one.ways]) for one in shown.products]

    assert told() == [
        ("A", True, Paid.TOKENS, ["own", "group"]),
        ("B", False, Paid.SEAT, []),
        ("C", False, Paid.CLOSED, []),
        ("Z", True, Paid.COSTS_NOTHING, ["own"]),
    ]
    defaults.choose(office.boss, office.team, ["C"], now=NOW)
    assert [(ticked, ways) for _, ticked, _, ways in told()] == [
        (True, []), (False, []), (False, ["default"]), (True, []),
    ]  # fmt: skip
    shown = assign.person(office.boss, office.team, office.ann, now=NOW)
    assert (shown.rests, shown.every, shown.shown, [one.id for one in shown.groups]) == (
        True,
        False,
        ("A", "Z"),
        [made],
    )


def test_what_is_held_by_product(office: Office) -> None:
    """How many hold each product, and how; who they are, by name; the scheme is who may open anything [S 003]."""
    cem = office.member("cem", "Cem")
    office.tick(office.ann, every=True)
    office.tick(office.ben, "A")
    office.group("G", office.ben, give=("A", "B"))
    catalogue.entitle(Person.objects.get(pk=cem), office.world.products["A"], "SEAT", since=START)

    told = assign.products(office.boss, office.team, now=NOW)
    of_a = assign.holders(office.boss, office.team, "A", now=NOW)

    assert (told.scheme, told.people, told.rests) == ("FLEX", 2, False)
    assert [(one.product.code, one.people, one.own, one.group, one.seats) for one in told.products] == [
        ("A", 3, 2, 1, 1), ("B", 2, 1, 1, 0), ("Z", 1, 1, 0, 0),
    ]  # fmt: skip
    assert [(one.name, [(hold.way, hold.group_name) for hold in one.ways]) for one in of_a.rows] == [
        ("Ann Ek", [("own", "")]), ("Ben", [("own", ""), ("group", "G")]), ("Cem", []),
    ]  # fmt: skip
    assert [one.id for one in assign.holders(office.boss, office.team, "A", search="ek", now=NOW).rows] == [office.ann]
    with pytest.raises(NotFound):
        assign.holders(office.boss, office.team, "nope", now=NOW)
