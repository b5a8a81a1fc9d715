"""The last guard is the database itself: what the services never do, it refuses (quality L3, L6, E4; domain L4)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from tests.world import START, World, event

from farebox.domain.clock import day_of
from farebox.domain.errors import Busy
from farebox.domain.rights import Role
from farebox.records import ledger
from farebox.records.models import (
    Account,
    Charge,
    Contract,
    Entry,
    Event,
    Intake,
    Membership,
    Pack,
    Person,
    Rate,
    Team,
    Use,
    User,
    Window,
)

SPAN = ("2026-03-02 08:00", "2026-03-02 09:00")


@pytest.fixture
def charged(world: World) -> World:
    """Return a world in which one charge drew on one pack."""
    world.give("100")
    world.send(event("a", "ana@example.com", "A", *SPAN))
    return world


def copied(row: Charge | Entry | Use | Event | Window | Account | Pack, **changes: object) -> None:
    """Write the same row once more under another number, with changes."""
    row.pk = row.pk + 1_000
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(force_insert=True)


Misdeed = Callable[[World], object]

MISDEEDS: dict[str, Misdeed] = {
    "a pack below zero": lambda _: Pack.objects.update(left_micro=-1),
    "a pack with less than nothing lapsed": lambda _: Pack.objects.update(lapsed_micro=-1),
    "a pack with more left than it had": lambda _: Pack.objects.update(left_micro=100_000_001),
    "a pack with more left and lapsed than it had": lambda _: Pack.objects.update(lapsed_micro=50_000_000),
    "a pack of nothing": lambda _: Pack.objects.update(size_micro=0, left_micro=0),
    "a pack that ends before it starts": lambda _: Pack.objects.update(until_us=START),
    "a pack of an unknown pool": lambda _: Pack.objects.update(pool="GOLD"),
    "a second charge for one part of a use": lambda _: copied(Charge.objects.get()),
    "a charge below zero": lambda _: Charge.objects.update(tokens_micro=-1),
    "a charge more short than it costs": lambda _: Charge.objects.update(shortfall_micro=7_000_001),
    "a charge more short and over than it costs": lambda _: Charge.objects.update(
        shortfall_micro=4_000_000, over_micro=4_000_000
    ),
    "a charge of an unknown category": lambda _: Charge.objects.update(category="GRATIS"),
    "a charge that ends before it starts": lambda _: Charge.objects.update(until_us=0),
    "a second window at one instant": lambda _: copied(Window.objects.get()),
    "a second use of one event": lambda _: copied(Use.objects.get()),
    "a use that ends before it starts": lambda _: Use.objects.update(until_us=0),
    "a second event of one identity": lambda _: copied(Event.objects.get()),
    "an event in no known state": lambda _: Event.objects.update(state="LOST"),
    "an entry of nothing": lambda _: copied(Entry.objects.get(kind="DRAWN"), number=3, tokens_micro=0),
    "an entry below zero": lambda _: copied(Entry.objects.get(kind="DRAWN"), number=3, tokens_micro=-7),
    "a second entry of one number": lambda _: copied(Entry.objects.get(kind="DRAWN")),
    "an entry from an account to itself": lambda _: copied(
        Entry.objects.get(kind="DRAWN"), number=3, target_id=Entry.objects.get(kind="DRAWN").source_id
    ),
    "an entry of an unknown kind": lambda _: copied(Entry.objects.get(kind="DRAWN"), number=3, kind="LENT"),
    "a changed entry": lambda _: Entry.objects.filter(kind="DRAWN").update(tokens_micro=8_000_000),
    "a removed entry": lambda _: Entry.objects.filter(kind="DRAWN")._raw_delete("default"),
    "a second account of one kind": lambda world: Account.objects.create(team=world.flex, pool="FLEX", kind="CONSUMED"),
    "an account of a pack that is none": lambda world: Account.objects.create(
        team=world.flex, pool="FLEX", kind="PACK"
    ),
    "a second Flex contract": lambda world: copy_contract(world.flex_contract),
    "a second contract of one number": lambda world: Contract.objects.filter(pk=world.ent_contract.pk).update(
        number=world.flex_contract.number
    ),
    "a contract that ends before it starts": lambda _: Contract.objects.update(end_day=day_of(START)),
    "a second person of one address": lambda world: Person.objects.create(
        team=world.flex, key="ana@example.com", pseudonym="x", created_us=START
    ),
    "a rate below zero": lambda _: Rate.objects.update(tokens_micro=-1),
    "an intake that does not add up": lambda _: Intake.objects.update(received=5),
}


def copy_contract(contract: Contract) -> None:
    """Write a contract of the same team and scheme under another number."""
    contract.pk, contract.number = None, "000000000000"
    contract.save(force_insert=True)


@pytest.mark.parametrize("misdeed", MISDEEDS.values(), ids=MISDEEDS.keys())
def test_the_database_refuses(charged: World, misdeed: Misdeed) -> None:
    """What no service does, no program can do."""
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        misdeed(charged)


def test_what_the_misdeeds_start_from_is_allowed(charged: World) -> None:
    """The rows that the misdeeds are made of may be written when nothing is wrong with them."""
    entry = Entry.objects.get(kind="DRAWN")
    copied(entry, number=3)
    copied(Window.objects.get(), start_us=START)

    assert Entry.objects.count() == 3


def test_a_team_has_one_primary_administrator(world: World) -> None:
    """A second one is refused; secondary ones there may be many (T4)."""
    people = [User.objects.create(email=f"p{nth}@example.com", created_us=START) for nth in range(3)]
    Membership.objects.create(team=world.flex, user=people[0], role=Role.PRIMARY)
    Membership.objects.create(team=world.flex, user=people[1], role=Role.SECONDARY)
    Membership.objects.create(team=world.ent, user=people[0], role=Role.PRIMARY)

    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(team=world.flex, user=people[2], role=Role.PRIMARY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(team=world.flex, user=people[1], role=Role.USER)


def test_what_is_referred_to_stays(charged: World) -> None:
    """A pack that paid, an event that was charged and a team with a ledger are not deleted."""
    for table in (Pack, Event, Use, Team, Person):
        with pytest.raises(IntegrityError), transaction.atomic():
            table.objects.all().delete()


def test_two_charges_of_one_part_may_follow_each_other(charged: World) -> None:
    """Once a charge is ended, the same part of the use may be charged anew."""
    charge = Charge.objects.get()
    Charge.objects.filter(pk=charge.pk).update(ended_us=START)
    copied(charge, ended_us=None)

    assert Charge.objects.count() == 2


def test_the_guard_of_a_pack_stands_on_its_row(charged: World) -> None:
    """More than a pack has is refused by the one statement that takes it; exactly what it has is not (L4)."""
    pack = Pack.objects.get().pk

    with pytest.raises(Busy):
        ledger.change_pack(pack, left=-93_000_001, lapsed=0, swept=False)
    with pytest.raises(Busy):
        ledger.change_pack(pack, left=0, lapsed=-1, swept=False)
    ledger.change_pack(pack, left=-93_000_000, lapsed=93_000_000, swept=True)
    assert charged.left(pack) == "0"
