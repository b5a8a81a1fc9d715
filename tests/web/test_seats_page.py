"""The page of seats and trials: who holds which until when; giving, ending, and giving by a list."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.web.used import person
from tests.world import World

from farebox.domain.clock import as_date, day_of
from farebox.domain.rights import Role
from farebox.records.models import Entitlement, Mail, Membership, Person
from farebox.services.catalogue import add_person, add_team
from farebox.wallclock import now

PAGE = "/users/seats"


@pytest.fixture
def admin(world: World) -> Client:
    """An administrator of both teams, signed in."""
    made = Client()
    made.force_login(person("ann@example.com", world, Role.SECONDARY))
    return made


@pytest.fixture
def bo(world: World) -> Person:
    """A member of the Flex team."""
    return add_person(world.flex, "bo@example.com", "Bo Fall", now=now())


def text_of(content: bytes) -> str:
    """Return a page's text, as it is read."""
    return " ".join(re.sub(r"<[^>]+>", " ", content.decode()).split())


def day(ahead: int) -> str:
    """Return a date some days from today, as a form sends it."""
    return as_date(day_of(now()) + ahead).isoformat()  # type: ignore[arg-type]


def test_a_seat_is_given_and_ended_with_only_the_pages(world: World, admin: Client, bo: Person) -> None:
    """[S 003] « ces derniers ne sont pas utilisés » is said on the page; who is given a seat by hand gets a mail."""
    form = {"team": world.flex.pk, "product": "A", "kind": "SEAT", "start": day(0), "end": ""}
    page = text_of(admin.get(f"{PAGE}?team={world.flex.pk}").content)
    assert "no tokens are used for this product by the same identity" in page
    assert "Nobody holds a seat or a trial" in page
    found = admin.post(PAGE, {**form, "do": "find", "find": "fall"}).content.decode()
    assert f'name="person" value="{bo.pk}"' in found

    admin.post(PAGE, {**form, "do": "give", "person": bo.pk})
    seat = Entitlement.objects.get()
    assert list(Mail.objects.values_list("person_id", "kind")) == [(bo.pk, "SEAT")]
    listed = text_of(admin.get(f"{PAGE}?team={world.flex.pk}&q=fall&state=held").content)
    assert re.search(r"Bo Fall .*Product A seat .* no end held now", listed)

    one = f"{PAGE}/{seat.pk}"
    assert admin.post(one, {"team": world.flex.pk, "when": "day", "end": day(-1)}).status_code == 400
    admin.post(one, {"team": world.flex.pk, "when": "day", "end": day(3)})
    seat.refresh_from_db()
    assert as_date(day_of(seat.until_us - 1)).isoformat() == day(3)
    admin.post(one, {"team": world.flex.pk, "when": "never"})
    assert Entitlement.objects.get().until_us is None
    ended = admin.post(one, {"team": world.flex.pk, "when": "now"}, follow=True)
    assert "What is opened from now on uses tokens." in text_of(ended.content)
    assert "No seat and no trial is found so." in text_of(ended.content)
    assert "ended" in text_of(admin.get(f"{PAGE}?team={world.flex.pk}&state=ended").content)
    assert "When it ends" not in text_of(admin.get(f"{one}?team={world.flex.pk}").content)


def test_before_there_is_a_product_nobody_is_asked_to_choose_one(db: None, client: Client) -> None:
    """The page says who adds products; it has no form that cannot be sent."""
    ann = person("ann@example.com")
    Membership.objects.create(team=add_team("bare", "Bare team", now=now()), user=ann, role=Role.PRIMARY)
    client.force_login(ann)

    page = client.get(PAGE).content.decode()

    assert "There is no product yet. The operator of this installation adds products." in page
    assert 'name="product"' not in page


def test_every_problem_of_what_was_typed_is_said_and_what_was_typed_stays(
    world: World, admin: Client, bo: Person
) -> None:
    """Nothing is given before all is right: somebody, a kind, days that are to come, an end of a trial."""
    form = {"team": world.flex.pk, "do": "give", "product": "A", "kind": "TRIAL", "start": day(-1)}
    nobody = admin.post(PAGE, {**form, "end": "soon"})
    assert nobody.status_code == 400
    assert "Find somebody by a name, and tick them. Last day: write a date like 2026-12-31." in text_of(nobody.content)
    wrong = admin.post(PAGE, {**form, "person": bo.pk})
    assert "Last day: a trial has an end" in text_of(wrong.content)
    typed = admin.post(PAGE, {**form, "person": bo.pk, "find": "nix@"})
    assert "Nobody in the team is called" not in text_of(typed.content)
    assert "First day: a day that is over" in text_of(wrong.content)
    assert 'value="TRIAL" checked' in wrong.content.decode()
    assert f'value="{bo.pk}" checked' in wrong.content.decode()

    twice = {**form, "kind": "SEAT", "start": day(0), "person": bo.pk}
    assert admin.post(PAGE, twice).status_code == 302
    assert "Bo Fall holds one of this kind for that time already." in text_of(admin.post(PAGE, twice).content)
    assert Entitlement.objects.count() == 1


def test_a_list_is_looked_at_and_given_silently(world: World, admin: Client, bo: Person) -> None:
    """The list is judged line by line; what is given is what was looked at; nobody gets a mail [S 003]."""
    text = "Email address;Product code;Kind;Start;End\n\nbo@example.com;A;seat;;\nno@example.com;A\n"
    looked = admin.post(
        f"{PAGE}/import", {"team": world.flex.pk, "list": SimpleUploadedFile("seats.csv", text.encode())}
    ).content.decode()
    assert "nobody of this address is in the team" not in looked, "a line of other columns is not read further"
    assert "this line has not as many columns as the first." in looked
    hidden = dict(re.findall(r'<input type="hidden" name="(digest|lines)" value="([^"]*)">', looked))
    assert not Entitlement.objects.exists()

    stale = admin.post(f"{PAGE}/import", {"team": world.flex.pk, "lines": hidden["lines"], "digest": "x"})
    assert (stale.status_code, "something changed" in stale.content.decode()) == (400, True)
    done = admin.post(f"{PAGE}/import", {"team": world.flex.pk, **hidden}, follow=True)

    assert "1 seat or trial is given." in text_of(done.content)
    assert list(Entitlement.objects.values_list("person_id", "kind")) == [(bo.pk, "SEAT")]
    assert not Mail.objects.exists()
    bad = admin.post(f"{PAGE}/import", {"team": world.flex.pk, "lines": "First name,Last name\n"})
    assert "Email address, Product code, Kind" in bad.content.decode()


def test_seats_are_of_their_team_and_for_its_administrators(world: World, admin: Client, bo: Person) -> None:
    """Another team's seat or person is as if it were not there; a user of the team may not look (quality T2)."""
    admin.post(PAGE, {"team": world.flex.pk, "do": "give", "product": "A", "kind": "SEAT", "person": bo.pk})
    one = f"{PAGE}/{Entitlement.objects.get().pk}"
    other, user = Client(), Client()
    stranger, member = person("other@example.com"), person("user@example.com")
    Membership.objects.create(team=world.ent, user=stranger, role=Role.PRIMARY)
    Membership.objects.create(team=world.flex, user=member, role=Role.USER)
    other.force_login(stranger)
    user.force_login(member)

    assert [other.get(one).status_code, other.post(one, {"when": "now"}).status_code] == [404, 404]
    assert other.post(PAGE, {"do": "give", "product": "B", "kind": "SEAT", "person": bo.pk}).status_code == 404
    for where in (PAGE, f"{PAGE}/import", one):
        assert user.get(where).status_code == 403
    assert Entitlement.objects.filter(until_us=None).count() == 1
