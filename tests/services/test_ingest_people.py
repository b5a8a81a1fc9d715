"""Whose use it was, and for which team a key may speak (domain A3, M1, quality T1)."""

from __future__ import annotations

import pytest
from tests.services.books import faults
from tests.world import NOW, World, event, message

from farebox.records.models import Charge, Event, Intake, Person
from farebox.services import catalogue
from farebox.services.ingest import SourceKey

SPAN = ("A", "2026-03-02 08:00", "2026-03-02 09:00")
OVERLAP = ("A", "2026-03-02 08:30", "2026-03-02 10:00")


def of_team(team: str, nth: int) -> bytes:
    """Write a session that names a team."""
    data = {"product": "A", "start": "2026-03-02T08:00:00Z", "end": "2026-03-02T09:00:00Z"}
    return message("farebox.session", f"e{nth}", data, subject="ana@example.com", team=team)


def test_an_unknown_person_becomes_a_member(world: World) -> None:
    """Usage of somebody unknown is not lost: an unclaimed person is made, without a name or an account (M1)."""
    world.send(event("a", "new@example.com", *SPAN), event("b", r"studio\ana", *SPAN))

    people = list(Person.objects.order_by("key").values_list("key", "name", "user_id", "team_id"))
    assert people == [("new@example.com", "", None, world.flex.pk), (r"studio\ana", "", None, world.flex.pk)]
    assert len(set(Person.objects.values_list("pseudonym", flat=True))) == 2


def test_an_address_is_one_person_in_any_case(world: World) -> None:
    """Ana@Example.COM and ana@example.com are one person, and share a window (A3)."""
    world.send(event("a", "Ana@Example.COM", *SPAN), event("b", " ana@example.com", *OVERLAP))

    assert [person.key for person in Person.objects.all()] == ["ana@example.com"]
    assert world.charges() == ["CHARGED 7", "FREE 0"]


@pytest.mark.parametrize(
    "subject",
    [
        "аna@example.com",
        "ana@exаmple.com",
        "ａna@example.com",
        "ana@",
        "@example.com",
        "a b@example.com",
        '"a"@b.org',
        "<ana>",
    ],
)
def test_look_alikes_are_refused(world: World, subject: str) -> None:
    """A name in look-alike letters, or that is no name, makes nobody; the event may be sent again (A3)."""
    assert world.states(event("a", subject, *SPAN)) == ["rejected invalid_person"]
    assert (Person.objects.count(), Event.objects.count()) == (0, 0)


def test_a_person_named_before_keeps_the_name(world: World) -> None:
    """Who was added by hand is the one whom usage names; naming somebody whom usage made keeps the use."""
    catalogue.add_person(world.flex, "Ana@example.com", "Ana", now=NOW)
    world.send(event("a", "ana@EXAMPLE.com", *SPAN), event("b", "ben@example.com", *SPAN))
    before = Person.objects.get(key="ben@example.com")

    named = catalogue.add_person(world.flex, "BEN@example.com", "Ben", now=NOW)

    assert list(Person.objects.order_by("key").values_list("key", "name")) == [
        ("ana@example.com", "Ana"),
        ("ben@example.com", "Ben"),
    ]
    assert (named.pk, named.pseudonym) == (before.pk, before.pseudonym)


def test_a_person_is_one_of_each_team(world: World) -> None:
    """The same address in two teams is two people with two pseudonyms, and two charges (P2)."""
    world.send(event("a", "ana@example.com", *SPAN))
    world.send(event("a", "ana@example.com", *SPAN), ent=True)

    assert Person.objects.filter(key="ana@example.com").count() == 2
    assert Person.objects.values("pseudonym").distinct().count() == 2
    assert sorted(Charge.objects.values_list("contract_id", "category")) == sorted(
        [(world.flex_contract.pk, "CHARGED"), (world.ent_contract.pk, "CHARGED")]
    )


def test_a_teams_key_speaks_for_its_team_only(world: World) -> None:
    """With a team's own key the team may be left out or named; another team is refused and told nothing (T2)."""
    key = SourceKey(1, world.flex.pk)
    named = [of_team(team, nth) for nth, team in enumerate(("flex", "ent", "none"))]

    receipt = world.send(event("plain", "ana@example.com", *SPAN), *named, key=key)

    assert [one.state for one in receipt.verdicts] == ["accepted", "accepted", "rejected", "rejected"]
    foreign, nowhere = receipt.verdicts[2].problems, receipt.verdicts[3].problems
    assert foreign == nowhere
    assert [problem.code for problem in foreign] == ["unknown_team"]
    assert set(Event.objects.values_list("team_id", flat=True)) == {world.flex.pk}
    assert faults() == []


def test_the_installations_key_names_a_team(world: World) -> None:
    """A key of the whole installation reaches every team by its slug, several in one request, and none without."""
    key = SourceKey(2, None)
    named = [of_team(team, nth) for nth, team in enumerate(("flex", "ent", "none"))]

    states = world.states(*named, event("plain", "ana@example.com", *SPAN), key=key)

    assert states == ["accepted", "accepted", "rejected unknown_team", "rejected unknown_team"]
    assert sorted(Charge.objects.values_list("contract_id", "tokens_micro")) == sorted(
        [(world.flex_contract.pk, 7_000_000), (world.ent_contract.pk, 6_000_000)]
    )
    assert sum(Intake.objects.values_list("received", flat=True)) == 4
    assert faults() == []
