"""Source keys made, replaced and ended by the administrators of a team (quality: authorization matrix, T2, T5)."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from tests.web.signed_in import signed_in
from tests.web.test_clients_page import grow_stale, words
from tests.web.used import person
from tests.world import START, World

from farebox.domain.clock import Instant
from farebox.domain.errors import Conflict, Forbidden, NotFound, Rejected
from farebox.domain.rights import Role
from farebox.records.models import Audit, Membership, Source, User
from farebox.services import sources

LIST = "/settings/source-keys"
FORM = {"name": "workstations-north", "scopes": "authorize"}


def member(address: str, world: World, role: Role) -> User:
    """Return somebody who has a role in the Flex team, and in no other."""
    user = person(address)
    Membership.objects.create(team=world.flex, user=user, role=role)
    return user


@pytest.fixture
def browser(world: World) -> Client:
    """Return a browser in which Ann, the SSO administrator of the Flex team, has just signed in."""
    return signed_in(member("ann@example.com", world, Role.SSO))


def key_on(content: bytes) -> str:
    """Return the key that a page shows."""
    found = re.search(r'<code id="new-key">(.*?)</code>', content.decode())
    assert found
    return found[1]


def scopes_of(key: str) -> frozenset[str] | None:
    """Return what a key opens, None for one that is refused."""
    found = sources.of_key(key, now=START)
    return found and found.scopes


def test_an_administrator_makes_a_key_replaces_it_and_ends_it(browser: Client, world: World) -> None:
    """A key is shown in one answer, opens what was chosen, and each change is one row of the audit log (T5)."""
    made = key_on(browser.post(f"{LIST}/new", FORM).content)
    row = Source.objects.get(team=world.flex)
    listed = browser.get(LIST)
    assert scopes_of(made) == {"authorize"}
    assert f"workstations-north {made[:10]}… ask who may open what" in words(listed.content)
    assert made not in listed.content.decode()

    question = browser.get(f"{LIST}/{row.pk}/rotate")
    form = {"instead_of": made[:10]}
    other = key_on(browser.post(f"{LIST}/{row.pk}/rotate", form).content)
    again = browser.post(f"{LIST}/{row.pk}/rotate", form, follow=True)
    assert f'name="instead_of" value="{made[:10]}"' in question.content.decode()
    assert (scopes_of(made), scopes_of(other)) == (None, {"authorize"})
    assert "Nothing was made again." in words(again.content)

    assert "End the key of workstations-north?" in words(browser.get(f"{LIST}/{row.pk}/end").content)
    ended = browser.post(f"{LIST}/{row.pk}/end", follow=True)
    assert scopes_of(other) is None
    assert "Keys that have ended workstations-north" in words(ended.content)
    assert browser.get(f"{LIST}/{row.pk}/rotate").status_code == 404
    about = Audit.objects.filter(object=f"source {row.pk}").order_by("pk")
    assert list(about.values_list("verb", flat=True)) == ["source.add", "source.rotate", "source.revoke"]


def test_a_form_with_faults_says_each_and_a_stale_sign_in_makes_nothing(browser: Client, world: World) -> None:
    """Names are once for ever, have characters that show, and a key opens something that there is."""
    sources.add(FORM["name"], team=world.flex.slug, now=START)

    taken = browser.post(f"{LIST}/new", FORM)
    unseen = browser.post(f"{LIST}/new", FORM | {"name": "a\u202eb", "scopes": "everything"})
    assert (taken.status_code, unseen.status_code) == (400, 400)
    assert "The team has or had a key of this name." in words(taken.content)
    assert 'value="workstations-north"' in taken.content.decode()
    grow_stale(browser)
    assert browser.post(f"{LIST}/new", FORM | {"name": "other"}).status_code == 302

    assert Source.objects.filter(team=world.flex).count() == 1


def test_the_service_refuses_by_itself(world: World) -> None:
    """Behind the pages each service asks for the standing, and whose the key is (T2)."""
    ann, bo = member("ann@example.com", world, Role.SECONDARY), member("bo@example.com", world, Role.USER)
    sources.add("foreign", team=world.ent.slug, now=START)
    foreign = Source.objects.get(team=world.ent).pk

    with pytest.raises(Rejected) as refused:
        sources.make_for(ann, world.flex.pk, "a\u202eb", (), now=START)
    assert [one.pointer for one in refused.value.problems] == ["/name", "/scopes"]
    for team in (world.flex.pk, world.ent.pk):
        with pytest.raises(NotFound):
            sources.rotate_for(ann, team, foreign, now=START)
        with pytest.raises(NotFound):
            sources.end_for(ann, team, foreign, now=START)
    with pytest.raises(Forbidden):
        sources.make_for(bo, world.flex.pk, "north", ("authorize",), now=START)
    sources.make_for(ann, world.flex.pk, "  north  hall ", ("authorize", "events:write"), now=START)
    with pytest.raises(Conflict):
        sources.make_for(ann, world.flex.pk, "north hall", ("authorize",), now=Instant(START + 1))


def test_the_way_there_is_shown_to_administrators(browser: Client, world: World) -> None:
    """Settings lead to the keys of those who may have them, and an empty list says what to do."""
    user = signed_in(member("bo@example.com", world, Role.USER))

    assert f'href="{LIST}"' in browser.get("/settings").content.decode()
    assert f'href="{LIST}"' not in user.get("/settings").content.decode()
    assert "Nothing asks or reports for this team." in words(browser.get(LIST).content)
    assert user.get(LIST).status_code == 403
