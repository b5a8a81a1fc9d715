"""People imported by a list: shown first, done as shown, once each, and silently."""

from __future__ import annotations

import pytest
from tests.world import NOW, World

from farebox.domain.clock import DAY, Instant
from farebox.domain.errors import Conflict, Forbidden, NotFound, Rejected
from farebox.domain.people_list import Said, Verdict
from farebox.domain.rights import Role
from farebox.records import access
from farebox.records.chosen import Command
from farebox.records.models import (
    Audit,
    DefaultProduct,
    Group,
    GroupMember,
    Invitation,
    Mail,
    Membership,
    PeopleList,
    Person,
    User,
)
from farebox.records.models.people_lists import ListState
from farebox.services import people_list
from farebox.services.people_list import Answer, Shown

LINE = Command.LINE


def said(*addresses: str) -> list[Said]:
    """Return a list of people, a line each."""
    return [Said(line, who.partition("@")[0].title(), "Example", who) for line, who in enumerate(addresses, 2)]


def person(world: World, key: str, **more: object) -> Person:
    """Make somebody whom the team knows."""
    told = {"name": "", "pseudonym": f"u-{key[:8]}", "created_us": NOW, **more}
    return Person.objects.create(team=world.flex, key=key, **told)


def shown(world: World, number: int) -> Shown:
    """Return a list as it stands."""
    return people_list.shown(LINE, world.flex.pk, number)


def begun(world: World, *addresses: str, **choice: object) -> int:
    """Have a list imported as it was shown, without a line of it being done yet."""
    number = people_list.check(LINE, world.flex.pk, said(*addresses), now=NOW)
    digest = shown(world, number).digest
    answer = people_list.begin(LINE, world.flex.pk, number, digest, now=NOW, **choice)  # type: ignore[arg-type]
    assert answer is Answer.BEGUN
    return number


def test_a_list_is_shown_then_done_as_it_was_shown_and_nobody_gets_a_mail(world: World) -> None:
    """[S 003] « Si vous utilisez l'option Importer pour affecter, aucune notification n'est envoyée par e-mail. »"""
    member = person(world, "member@example.com", name="Mia", member_us=NOW)
    gone = person(world, "gone@example.com", name="Gus", member_us=NOW, left_us=NOW)
    used = person(world, "used@example.com")
    group = Group.objects.create(team=world.flex, name="Studio", created_us=NOW)
    people = said("new@example.com", "member@example.com", "gone@example.com", "used@example.com", "new@EXAMPLE.com")
    number = people_list.check(LINE, world.flex.pk, [*people, Said(9, "Eva", "Ek", "eva")], now=NOW)
    before = shown(world, number)
    assert [one.verdict.value for one in before.lines] == ["new", "member", "back", "known", "duplicate", "refused"]
    assert Person.objects.filter(team=world.flex).count() == 3, "a look changes nothing"

    people_list.begin(LINE, world.flex.pk, number, before.digest, products=["A"], group=group.pk, now=NOW)
    people_list.finish(number, now=NOW)

    new = Person.objects.get(key="new@example.com")
    taken = [new.pk, member.pk, gone.pk, used.pk]
    assert access.in_force(taken) == {one: {world.products["A"].pk} for one in taken}
    assert sorted(GroupMember.objects.values_list("person_id", flat=True)) == sorted(taken)
    assert (new.name, new.member_us, new.user_id) == ("New Example", NOW, None)
    assert Person.objects.get(pk=member.pk).name == "Mia", "who has a name keeps it"
    assert not Mail.objects.exists()
    done = shown(world, number)
    assert (done.state, done.taken, done.done, done.lines, done.left_out) == (ListState.DONE, 4, 6, (), ())
    assert Audit.objects.filter(verb="imported").count() == 4
    ended = Audit.objects.get(verb="import ended").facts
    assert (ended["lines"], ended["people"]) == (6, 4), "rows that were left out are no people"
    assert not Audit.objects.filter(facts__icontains="example").exists(), "numbers, never names (quality T5)"


def test_what_changed_since_the_list_was_shown_is_shown_and_asked_again(world: World) -> None:
    """What would be done is always what was looked at (quality: CSV import, nothing applied unless confirmed)."""
    number = people_list.check(LINE, world.flex.pk, said("ann@example.com", "bo@example.com"), now=NOW)
    looked = shown(world, number).digest
    person(world, "bo@example.com", name="Bo", member_us=NOW)

    first = people_list.begin(LINE, world.flex.pk, number, looked, now=NOW)
    again = shown(world, number)

    assert (first, again.state, again.differs) == (Answer.DIFFERS, ListState.CHECKED, {3: Verdict.NEW})
    assert not Person.objects.filter(key="ann@example.com").exists()
    assert people_list.begin(LINE, world.flex.pk, number, looked, now=NOW) is Answer.DIFFERS
    assert people_list.begin(LINE, world.flex.pk, number, again.digest, now=NOW) is Answer.BEGUN
    with pytest.raises(Conflict):
        people_list.begin(LINE, world.flex.pk, number, again.digest, now=NOW)


def test_who_is_killed_in_the_middle_goes_on_behind_what_is_done(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stretch and its cursor are one transaction, so that nothing is done twice and nothing is forgotten."""
    monkeypatch.setattr(people_list, "CHUNK_LINES", 2)
    number = begun(world, *(f"p{one}@example.com" for one in range(5)), every=True)

    class Killed(BaseException):
        """The process ends here."""

    def killed(*_: object, **__: object) -> None:
        raise Killed

    assert people_list.run_due(now=NOW) == 2
    with monkeypatch.context() as patched:
        patched.setattr("farebox.records.people_lists.audit.note", killed)
        with pytest.raises(Killed):
            people_list.run_due(now=NOW)
    assert (shown(world, number).done, Person.objects.filter(team=world.flex).count()) == (2, 2)

    assert [people_list.run_due(now=NOW) for _ in range(3)] == [2, 1, 0]
    assert shown(world, number).state is ListState.DONE
    assert Audit.objects.filter(verb="imported").count() == 5
    assert all(
        products == {0} for products in access.in_force(list(Person.objects.values_list("pk", flat=True))).values()
    )


def test_who_changed_while_it_runs_is_left_out_and_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who left since the list was shown is not brought back by it; who turned up in usage becomes a member as shown."""
    monkeypatch.setattr(people_list, "CHUNK_LINES", 1)
    leaver = person(world, "leaver@example.com", name="Lea", member_us=NOW)
    number = begun(world, "leaver@example.com", "used@example.com", products=["A"])
    Person.objects.filter(pk=leaver.pk).update(left_us=NOW)
    person(world, "used@example.com")

    people_list.finish(number, now=NOW)

    assert shown(world, number).left_out == (2,)
    assert Person.objects.get(pk=leaver.pk).left_us == NOW
    assert Person.objects.get(key="used@example.com").member_us == NOW


def test_invited_people_stay_invited_and_what_defaults_say_stays(world: World) -> None:
    """What is given to who is invited can be opened from the acceptance on; while defaults are on, ticks rest (A2)."""
    asked = person(world, "asked@example.com")
    open_one = {"role": Role.USER, "language": "en", "nonce": "n", "created_us": NOW, "sent_us": NOW}
    Invitation.objects.create(team=world.flex, person=asked, **open_one)
    DefaultProduct.objects.create(team=world.flex, product=world.products["B"], since_us=NOW)

    member = person(world, "member@example.com", name="Mia", member_us=NOW)
    Invitation.objects.create(team=world.flex, person=member, **open_one)

    people = ("asked@example.com", "new@example.com", "member@example.com")
    number = begun(world, *people, products=["A"])
    assert [one.verdict.value for one in shown(world, number).lines] == ["invited", "new", "member"]
    people_list.finish(number, now=NOW)

    new = Person.objects.get(key="new@example.com")
    assert Person.objects.get(pk=asked.pk).member_us is None
    assert access.in_force([asked.pk, new.pk]) == {new.pk: {world.products["B"].pk}}
    assert access.held([asked.pk])[asked.pk].ticks.products == {world.products["A"].pk}


def test_a_list_is_its_teams_and_its_administrators(world: World) -> None:
    """A list of another team is not found, like none at all; a user may not even look (quality T2, T3)."""
    users = [User.objects.create_user(f"{who}@example.com", "pw", name=who) for who in ("admin", "user", "other")]
    admin, user, other = users
    Membership.objects.create(team=world.flex, user=admin, role=Role.SSO)
    Membership.objects.create(team=world.flex, user=user, role=Role.USER)
    Membership.objects.create(team=world.ent, user=other, role=Role.PRIMARY)
    number = people_list.check(admin, world.flex.pk, said("ann@example.com"), now=NOW)
    digest = people_list.shown(admin, world.flex.pk, number).digest

    with pytest.raises(Forbidden):
        people_list.shown(user, world.flex.pk, number)
    for team in (world.flex.pk, world.ent.pk):
        with pytest.raises(NotFound):
            people_list.begin(other, team, number, digest, now=NOW)
    foreign = Group.objects.create(team=world.ent, name="Other", created_us=NOW)
    with pytest.raises(NotFound):
        people_list.begin(admin, world.flex.pk, number, digest, group=foreign.pk, now=NOW)
    with pytest.raises(Rejected):
        people_list.begin(admin, world.flex.pk, number, digest, products=["A", "X"], now=NOW)
    people_list.discard(admin, world.flex.pk, number, now=NOW)
    with pytest.raises(NotFound):
        people_list.shown(admin, world.flex.pk, number)


def test_names_of_a_list_are_kept_for_a_day_at_most(world: World) -> None:
    """Who says nothing for a day has the list forgotten; a list whose group is gone stops, and forgets as well."""
    old = people_list.check(LINE, world.flex.pk, said("ann@example.com"), now=NOW)
    group = Group.objects.create(team=world.flex, name="Studio", created_us=NOW)
    stopped = begun(world, "bo@example.com", group=group.pk)
    group.delete()
    people_list.finish(stopped, now=NOW)
    assert (shown(world, stopped).state, shown(world, stopped).lines) == (ListState.STOPPED, ())

    assert people_list.tidy(now=Instant(NOW + DAY + 1)) == 1

    assert list(PeopleList.objects.values_list("pk", "rows")) == [(stopped, [])]
    assert not PeopleList.objects.filter(pk=old).exists()
