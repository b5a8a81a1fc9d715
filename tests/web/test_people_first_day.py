"""An administrator's first day: groups, default assignments, and ten people on three products with the pages alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings
from tests.web.team_pages import Office, key, words
from tests.world import World

from farebox.domain.authorise import Grounds
from farebox.records.models import Group, Mail, Person
from farebox.services import groups, mail
from farebox.services.authorise import Launch, authorise
from farebox.wallclock import now


@pytest.fixture
def office(world: World, client: Client) -> Office:
    """Return Ann at the pages."""
    return Office.of(world, client)


def test_a_group_is_made_filled_and_deleted(office: Office) -> None:
    """People of a group hold its products as one, at once, without a mail; deleting says first who loses what (B7)."""
    bo, cy = office.member("Bo Ek"), office.member("Cy Lind", "A")
    told = office.post("groups", name=" Drawing office ")
    group = Group.objects.get().pk
    assert "The group is made. Add people to it, and tick its products." in told
    assert "The team has a group of that name already." in office.post("groups", refused=400, name="DRAWING office")
    assert "A name has 1 to 100 printable characters." in office.post("groups", refused=400, name="a\tb")

    found = office.client.post(f"/users/groups/{group}", {"do": "find", "find": "lin", "person": bo}).content.decode()
    assert re.findall(r'name="person" value="(\d+)"( checked)?', found) == [(str(bo), " checked"), (str(cy), "")]
    assert "2 people joined the group." in office.post(f"groups/{group}", do="add", person=[bo, cy])
    office.post(f"groups/{group}", do="products", which="these", product=["A", "B"])
    assert [office.holds(one) for one in (bo, cy)] == ["AB", "AB"]
    assert "Drawing office 2 Product A and Product B" in office.get("groups")
    assert Mail.objects.count() == 0

    asked = office.get(f"groups/{group}/delete")
    assert (
        "2 people are in it. Product A: 1 person may open it no more Product B: 2 people may open it no more" in asked
    )
    assert Group.objects.count() == 1
    assert "1 person left the group." in office.post(f"groups/{group}", do="take-out", person=[bo])
    assert "The group is renamed." in office.post(f"groups/{group}", do="rename", name="Office 2")
    assert "printable" in office.post(f"groups/{group}", refused=400, do="rename", name="")
    assert "The group is deleted." in office.post(f"groups/{group}/delete")
    assert [office.holds(one) for one in (bo, cy)] == ["", "A"]


def test_default_assignments_say_what_changes_before_they_do(office: Office) -> None:
    """
    “Lorsque les affectations par défaut sont activées, tous les utilisateurs Flex ont accès au même ensemble de
    produits sélectionnés.” · “Lorsque les affectations par défaut sont modifiées, aucune notification n'est envoyée par
    e-mail aux utilisateurs.” · “pour désactiver les affectations par défaut ultérieurement, désélectionnez tous les
    produits” [S 003, product B4]
    """
    bo, cy = office.member("Bo Ek", "A"), office.member("Cy Lind", every=True)
    asked = office.get("default-assignments/sure", product=["B"])
    assert "Switch default assignments on? Flex team Something changes for 2 people." in asked
    assert "Product A: 2 people may open it no more Product B: 1 person more may open it" in asked
    assert [office.holds(one) for one in (bo, cy)] == ["A", "ABZ"]

    assert "Default assignments are on, and saved. No mail was sent." in office.post(
        "default-assignments/sure", product=["B"]
    )
    assert [office.holds(one) for one in (bo, cy)] == ["B", "B"]
    assert "Default assignments are on, for 2 people in the team." in office.get("default-assignments")
    told = office.get("by-user")
    assert "everybody in the team may open exactly Product B, and what they hold a seat or trial of." in told
    assert "Product A The tick rests." in office.get(f"by-user/{bo}")
    told = office.post("selected", do="unassign", person=[bo, cy], product="B")
    assert "Kept by default assignments: Bo Ek and Cy Lind." in told

    asked = office.get("default-assignments/sure", shown="B")
    assert "Switch default assignments off?" in asked
    office.post("default-assignments/sure", shown="B")
    assert [office.holds(one) for one in (bo, cy)] == ["A", "ABZ"]
    assert Mail.objects.count() == 0


def test_two_who_change_defaults_at_once_do_not_undo_each_other(office: Office) -> None:
    """Who saves what was shown before another's change is told to look again; nothing of the other's is lost."""
    office.member("Bo Ek", "A")
    office.post("default-assignments/sure", product=["B"])

    told = office.post("default-assignments/sure", product=["A"])

    assert "Somebody else changed the default assignments meanwhile." in told
    assert "exactly Product B" in office.get("by-user")


def test_ten_people_work_on_three_products_with_the_pages_alone(
    office: Office, settings: Settings, tmp_path: Path
) -> None:
    """From an empty team: one form invites ten, each follows the link of the mail, and all may open all three."""
    settings.OUTBOX = tmp_path / "outbox"
    office.world.give("500")
    who = [f"person{number}@example.com" for number in range(10)]
    typed = ", ".join(f"Person {number} <{address}>" for number, address in enumerate(who))

    told = office.post("token-scheme", do="assign", people=typed, which="all")

    assert "10 people are invited." in told
    assert "Flex 10 users assigned, of them 10 invited" in office.get("by-product")
    while mail.send_due(now=now()):
        pass  # a few at a time
    for written in mail.listed_files():
        cache.clear()
        text = mail.filed(written.name).text
        link = next(line for line in text.splitlines() if "/accounts/invitation/" in line)
        sent = {"name": "Some One", "password": "correct horse battery"}
        guest = Client()
        assert guest.post(link.removeprefix(configured.BASE_URL), sent).status_code == 302
    assert Person.objects.filter(member_us__isnull=False).count() == 10
    assert "Flex 10 users assigned" in office.get("by-product")
    for address in who:
        for product in "ABZ":
            answer = authorise(Launch(office.team, address, product), now=now())
            assert answer.grounds in (Grounds.TOKENS, Grounds.COSTS_NOTHING), (address, product, answer)


def test_the_people_of_a_group_who_accept_later_hold_its_products_then(office: Office) -> None:
    """Somebody invited joins a group at once, and opens nothing through it before the invitation is accepted (A1)."""
    office.post("invite", people="Bo <bo@example.com>", which="none")
    group = groups.make(office.ann, office.team, "Drawing office", now=now())
    groups.set_products(office.ann, office.team, group, ["A"], now=now())

    assert "1 person joined the group." in office.post(
        "selected", do="group", person=key("bo@example.com"), group=group
    )

    assert "Bo bo@example.com opens nothing yet" in office.get(f"groups/{group}")
    assert office.holds(key("bo@example.com")) == ""
    assert "Make a group" in words(office.client.get("/users/groups").content)
