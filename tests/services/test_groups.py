"""Groups of people, to whom products are assigned as one (product B7)."""

from __future__ import annotations

import pytest
from tests.services.office import Office
from tests.world import NOW, World

from farebox.domain.clock import DAY, Instant
from farebox.domain.errors import Conflict, NotFound, Rejected
from farebox.records.models import Group, Invitation, Person
from farebox.services import catalogue, defaults, groups
from farebox.services.groups import Command
from farebox.services.join import join

LATER = Instant(NOW + DAY)


@pytest.fixture
def office(world: World) -> Office:
    """Return the Flex team, its administrator, and two members."""
    return Office(world)


def test_a_group_is_given_products_as_one(office: Office) -> None:
    """Who is in it may open what it has, who joins later as well, who goes no longer; nobody is told by mail."""
    made = groups.make(office.boss, office.team, " Building 2 ", now=NOW)
    groups.join(office.boss, office.team, made, [office.ann], now=NOW)
    given = groups.set_products(office.boss, office.team, made, ["A", "B"], now=NOW)
    groups.join(office.boss, office.team, made, [office.ann, office.ben], now=LATER)

    opened = office.opens(office.ann), office.opens(office.ben), office.asks("ben")
    gone = groups.leave(office.boss, office.team, made, [office.ann], now=LATER)
    row = groups.all_groups(office.boss, office.team)[0]

    assert (given, opened) == (groups.Saved(("A", "B"), (), every=False, is_new=True), ("A B", "A B", "tokens"))
    assert (gone, office.opens(office.ann), office.mails()) == (1, "", [])
    assert (row.name, row.people, row.products, row.every) == ("Building 2", 1, ("Product A", "Product B"), False)


def test_all_products_of_a_group_are_the_later_ones_too(office: Office) -> None:
    """All ticked is all, for a group as for a person [S 003]; from all, one unticked leaves the others."""
    made = groups.make(office.boss, office.team, "G", now=NOW)
    groups.join(office.boss, office.team, made, [office.ann], now=NOW)
    groups.set_products(office.boss, office.team, made, ["A", "B", "Z"], now=NOW)
    office.offer("C")
    whole, shown = office.opens(office.ann), groups.group(office.boss, office.team, made, now=NOW)

    groups.set_products(
        office.boss, office.team, made, ["A", "C"], shown=shown.shown, shown_every=shown.every, now=NOW
    )  # fmt: skip
    office.offer("D")

    assert (whole, shown.every, shown.shown) == ("A B C Z", True, ("A", "B", "C", "Z"))
    assert office.opens(office.ann) == "A C"


def test_a_group_has_one_name_of_its_own(office: Office) -> None:
    """Another group of the team may not have it, in whatever case; the records refuse who is slower by a moment."""
    made = groups.make(office.boss, office.team, "Équipe", now=NOW)
    other = groups.make(office.boss, office.team, "Other", now=NOW)

    for act in (
        lambda: groups.make(office.boss, office.team, "équipe", now=NOW),
        lambda: groups.rename(office.boss, office.team, other, "Équipe", now=NOW),
    ):
        with pytest.raises(Conflict):
            act()
    with pytest.raises(Rejected):
        groups.make(office.boss, office.team, "\n", now=NOW)

    assert groups.rename(office.boss, office.team, made, "équipe", now=NOW)
    assert not groups.rename(office.boss, office.team, made, "équipe", now=NOW)
    assert [one.name for one in groups.all_groups(office.boss, office.team)] == ["Other", "équipe"]


def test_a_group_of_another_team_is_not_found(office: Office) -> None:
    """Nor is a person of one; what does not exist looks the same (T2)."""
    made = groups.make(office.boss, office.team, "G", now=NOW)
    foreign = Group.objects.create(team=office.world.ent, name="Theirs", created_us=NOW).pk
    eve = catalogue.add_person(office.world.ent, "eve@example.com", "Eve", now=NOW).pk
    left = office.member("left")
    Person.objects.filter(pk=left).update(left_us=NOW)

    for group in (foreign, 10**15):
        for act in (
            lambda group=group: groups.group(office.boss, office.team, group, now=NOW),
            lambda group=group: groups.remove(office.boss, office.team, group, now=NOW),
            lambda group=group: groups.set_products(office.boss, office.team, group, ["A"], now=NOW),
            lambda group=group: groups.join(office.boss, office.team, group, [office.ann], now=NOW),
        ):
            with pytest.raises(NotFound, match="no such group in this team"):
                act()
    with pytest.raises(NotFound):
        groups.join(office.boss, office.team, made, [office.ann, eve], now=NOW)
    with pytest.raises(Rejected):
        groups.join(office.boss, office.team, made, [office.ann, left], now=NOW)
    with pytest.raises(Rejected):
        groups.set_products(office.boss, office.team, made, ["nope"], now=NOW)

    assert groups.all_groups(office.boss, office.team)[0].people == 0


def test_what_removing_a_group_takes_is_said_first(office: Office) -> None:
    """Only from those who hold it in no other way, and nothing while defaults are on."""
    cem, eve = office.member("cem"), office.invited("eve")
    one = groups.make(office.boss, office.team, "One", now=NOW)
    two = groups.make(office.boss, office.team, "Two", now=NOW)
    groups.set_products(office.boss, office.team, one, ["A", "B"], now=NOW)
    groups.set_products(office.boss, office.team, two, ["B"], now=NOW)
    groups.join(office.boss, office.team, one, [office.ann, office.ben, cem, eve], now=NOW)
    groups.join(office.boss, office.team, two, [office.ben], now=NOW)
    office.tick(cem, "A", "B")

    told = groups.preview_removal(office.boss, office.team, one, now=NOW)
    defaults.choose(office.boss, office.team, ["Z"], now=NOW)
    ruled = groups.preview_removal(office.boss, office.team, one, now=NOW)
    defaults.choose(office.boss, office.team, [], now=NOW)
    groups.remove(office.boss, office.team, one, now=NOW)

    assert (told.people, told.losing) == (4, 2)
    assert [(thing.code, losing) for thing, losing in told.products] == [("A", 2), ("B", 1)]
    assert (ruled.losing, ruled.products) == (0, ())
    assert [office.opens(person) for person in (office.ann, office.ben, cem)] == ["", "B", "A B"]


def test_a_group_shows_its_people_and_products(office: Office) -> None:
    """People by name; who has not accepted an invitation is in it and opens nothing yet."""
    eve = office.invited("eve")
    made = groups.make(office.boss, office.team, "G", now=NOW)
    groups.join(office.boss, office.team, made, [eve, office.ben, office.ann], now=NOW)
    groups.set_products(office.boss, office.team, made, ["B"], now=NOW)

    shown = groups.group(office.boss, office.team, made, now=NOW)

    assert [(one.name, one.is_active) for one in shown.members] == [
        ("Ann Ek", True), ("Ben", True), ("eve@example.com", False),
    ]  # fmt: skip
    assert [(one.product.code, one.ticked) for one in shown.products] == [("A", False), ("B", True), ("Z", False)]
    assert (office.opens(eve), shown.rests) == ("", False)


def test_a_name_that_is_joined_to_a_person_brings_its_groups(office: Office) -> None:
    """Once each; who was only known from usage is a member with that, and an invitation of the first name ends (M1)."""
    eve, login = office.invited("eve"), office.unclaimed("ann07")
    made = groups.make(office.boss, office.team, "G", now=NOW)
    groups.set_products(office.boss, office.team, made, ["A"], now=NOW)
    groups.join(office.boss, office.team, made, [office.ann, office.ben, eve], now=NOW)

    join(office.ann, login, actor="command", now=NOW)
    join(eve, office.ben, actor="command", now=NOW)

    shown = groups.group(office.boss, office.team, made, now=NOW)
    assert sorted(one.id for one in shown.members) == sorted((office.ben, login))
    assert (office.opens(login), Invitation.objects.get().state) == ("A", "WITHDRAWN")


def test_every_change_of_a_group_is_on_record(office: Office) -> None:
    """One row each, with numbers alone: the name of a group may be somebody's (T5)."""
    made = groups.make(office.boss, office.team, "G", now=NOW)
    groups.rename(office.boss, office.team, made, "H", now=NOW)
    for _ in range(2):
        groups.join(office.boss, office.team, made, [office.ann], now=NOW)
        groups.set_products(office.boss, office.team, made, ["A"], now=NOW)
    groups.leave(office.boss, office.team, made, [office.ann], now=NOW)
    groups.remove(office.boss, office.team, made, now=NOW)

    assert office.audit() == [
        f"group made group {made}", f"group renamed group {made}", f"joined group person {office.ann}",
        f"assigned group {made} A", f"left group person {office.ann}", f"group removed group {made}",
    ]  # fmt: skip
    assert groups.make(Command.LINE, office.team, "G", now=NOW) > 0
