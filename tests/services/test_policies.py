"""Dated settings hold from their instant on, and leave what is booked as it is (domain F3, N2)."""

from __future__ import annotations

import pytest
from tests.services.books import faults
from tests.world import NOW, START, World, at, event

from farebox.domain.errors import NotFound, Rejected
from farebox.records.models import Audit, Charge
from farebox.services.policies import policies, set_policies

SWITCH = at("2026-03-03 00:00")


def four_minutes(day: str) -> bytes:
    """Write a session of four minutes on a day."""
    return event(day, "ana@example.com", "A", f"{day} 08:00", f"{day} 08:04")


def test_a_setting_holds_from_its_instant_on(world: World) -> None:
    """Four minutes are within a grace of five, and beyond one of three that holds from the switch on (F3)."""
    world.give("100")
    set_policies(world.flex_contract.number, {"grace-minutes": 3}, since=SWITCH, now=NOW)

    world.send(*map(four_minutes, ("2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04")))

    assert world.charges() == ["CASUAL 0", "CASUAL 0", "CHARGED 7", "CHARGED 7"]


def test_a_switch_does_not_touch_what_is_booked(world: World) -> None:
    """A setting that is changed for the past leaves every charge, and a late neighbour, at what a use started with."""
    world.give("100")
    world.send(four_minutes("2026-03-04"))
    before = list(Charge.objects.values())

    set_policies(world.flex_contract.number, {"grace-minutes": 3}, since=SWITCH, now=NOW)
    assert list(Charge.objects.values()) == before
    world.send(event("late", "ana@example.com", "A", "2026-03-03 08:30", "2026-03-03 08:34"))

    assert world.charges() == ["CHARGED 7", "FREE 0"]
    assert faults() == []


def test_a_day_is_rated_again_when_a_late_use_touches_it(world: World) -> None:
    """The minimum of a day is a setting of the day: untouched days keep what they were, a touched one follows (N2)."""
    world.give("100", ent=True)
    world.send(*map(four_minutes, ("2026-03-03", "2026-03-04")), ent=True)
    assert world.charges() == ["CASUAL 0", "CASUAL 0"]

    set_policies(world.ent_contract.number, {"minimum-minutes": 3}, since=SWITCH, now=NOW)
    assert world.charges() == ["CASUAL 0", "CASUAL 0"]
    world.send(event("late", "ana@example.com", "A", "2026-03-04 09:00", "2026-03-04 09:01"), ent=True)

    assert world.charges() == ["CASUAL 0", "CHARGED 6", "FREE 0"]
    assert faults() == []


def test_every_setting_has_a_name_and_a_history(world: World) -> None:
    """All settings can be set at once; the same name and instant again replaces, and each change is audited (T5)."""
    number = world.flex_contract.number
    names = ("grace-minutes", "job-minutes", "minimum-minutes", "save-minutes", "silence-minutes")
    set_policies(number, dict.fromkeys(names, 7), since=SWITCH, now=NOW)
    set_policies(number, {"save-minutes": 8}, since=SWITCH, now=NOW)
    set_policies(number, {"save-minutes": 9}, since=START, now=NOW)

    found = policies(number)

    assert [(one.name, one.minutes) for one in found if one.since == SWITCH] == [
        (name, 8 if name == "save-minutes" else 7) for name in names
    ]
    assert [one.minutes for one in found if one.name == "save-minutes"] == [9, 8]
    audited = Audit.objects.order_by("pk").values_list("verb", "object", "facts")
    assert list(audited)[1] == ("set", f"contract {world.flex_contract.pk}", {"save-minutes": 8, "since_us": SWITCH})


def test_settings_that_cannot_be_are_refused_together(world: World) -> None:
    """Unknown names and minutes beyond a day are all told, and nothing is set; an unknown contract is not found."""
    wrong = {"grace": 5, "save-minutes": 1441, "job-minutes": 5}
    with pytest.raises(Rejected) as raised:
        set_policies(world.flex_contract.number, wrong, since=SWITCH, now=NOW)

    assert [(one.pointer, one.code) for one in raised.value.problems] == [
        ("/grace", "unknown_field"),
        ("/save-minutes", "out_of_range"),
    ]
    assert policies(world.flex_contract.number) == []
    with pytest.raises(NotFound):
        set_policies("1", {"job-minutes": 5}, since=SWITCH, now=NOW)
