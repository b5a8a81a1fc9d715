"""Names in reports: who turns the switch, what is told before, files with names, and one pseudonym revealed."""

from __future__ import annotations

import html
import re
from urllib.parse import quote

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.conf import settings as installed
from django.template.loader import render_to_string
from django.test import Client
from pytest_django import Settings
from tests.web.signed_in import signed_in
from tests.web.used import person
from tests.world import START, World, event

from farebox.domain.clock import DAY, Instant
from farebox.domain.rights import Role
from farebox.query.plan import Question
from farebox.records import exports
from farebox.records.models import Audit, ExportRequest, Membership, Person, User
from farebox.records.models.exports import ExportState
from farebox.services.export import files
from farebox.services.names import notices
from farebox.wallclock import now

REVEAL = "/settings/names/reveal"
REASON = "asked by the works council"


@pytest.fixture
def ann(world: World) -> User:
    """Ann is the primary administrator of the Flex team, and a member of the other."""
    user = person("ann@example.com")
    Membership.objects.create(team=world.flex, user=user, role=Role.PRIMARY)
    Membership.objects.create(team=world.ent, user=user, role=Role.USER)
    return user


@pytest.fixture
def browser(ann: User) -> Client:
    """Return a browser in which Ann has just signed in."""
    return signed_in(ann)


@pytest.fixture(autouse=True)
def _exports(tmp_path: object, settings: Settings) -> None:
    settings.EXPORTS = tmp_path


def address(world: World, *, ent: bool = False) -> str:
    """Return where the names of a team are hidden."""
    return f"/settings/names/{(world.ent if ent else world.flex).pk}"


def words(content: bytes) -> str:
    """Return the words of a page."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", content.decode()))).strip()


def grow_stale(browser: Client) -> None:
    """Let the sign-in be more than five minutes old."""
    session = browser.session
    records = session[AUTHENTICATION_METHODS_SESSION_KEY]
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{**one, "at": one["at"] - 301} for one in records]
    session.save()


def file_of(world: World, owner: User, name: str, *fields: str, hidden: bool = False) -> ExportRequest:
    """Make a file that can still be downloaded, as an export leaves one."""
    row = exports.add(
        contract_id=world.flex_contract.pk,
        owner_id=owner.pk,
        question=Question(fields=fields, metrics=("tokensConsumed",)),
        file_name=f"{name}.csv",
        now=START,
    )
    until = Instant(now() + DAY)
    row.state, row.attempt, row.names_hidden, row.finished_us, row.expires_us = "READY", 1, hidden, START, until
    row.save()
    files.folder()
    files.path_of(row.pk, 1).write_text("x")
    return row


def test_the_switch_is_turned_both_ways(browser: Client, world: World, ann: User) -> None:
    """Hiding asks once more and says what it does; showing says that others are told, and both are written down."""
    place = address(world)
    assert "Personal data" in words(browser.get("/settings").content)
    assert browser.get("/settings").content.count(b'name="include" value="1" autocomplete="off" checked') == 1

    asked = words(browser.get(place).content)
    assert "Hide names in reports? Flex team Pages, exports and the API show pseudonyms" in asked
    world.flex.refresh_from_db()
    assert not world.flex.names_hidden
    told = words(browser.post(place, follow=True).content)
    world.flex.refresh_from_db()
    assert world.flex.names_hidden
    assert "Names are hidden in reports of Flex team." in told
    assert re.search(r"Names are hidden since .* UTC; switched off by Ann Example\.", told)

    asked = words(browser.get(f"{place}?include=1").content)
    assert "Show names in reports? Flex team" in asked
    assert "They are told that you switched it on and when" in asked
    told = words(browser.post(place, {"include": "1"}, follow=True).content)
    world.flex.refresh_from_db()
    assert not world.flex.names_hidden
    assert re.search(r"Names are shown since .* UTC; switched on by Ann Example\.", told)
    verbs = list(
        Audit.objects.filter(team=world.flex, verb__startswith="names").values_list("verb", "actor", "object", "facts")
    )
    actor, team, facts = f"account {ann.pk}", f"team {world.flex.pk}", {"account": ann.pk}
    assert verbs == [("names.hide", actor, team, facts), ("names.show", actor, team, facts)]


def test_what_is_so_already_stays(browser: Client, world: World) -> None:
    """A switch that is sent twice, or by two at once, is turned once; nothing more is written down."""
    assert "Nothing changed" in words(browser.get(f"{address(world)}?include=1", follow=True).content)
    assert "Nothing changed" in words(browser.post(address(world), {"include": "1"}, follow=True).content)
    browser.post(address(world))
    assert "Nothing changed" in words(browser.post(address(world), follow=True).content)

    assert list(Audit.objects.filter(verb__startswith="names").values_list("verb", flat=True)) == ["names.hide"]


def test_every_administrator_is_told_who_showed_names(browser: Client, world: World) -> None:
    """Another administrator reads it in the settings; after thirty days it is no news, and still says since when."""
    bo = person("bo@example.com", world, Role.SECONDARY)
    browser.post(address(world))
    browser.post(address(world), {"include": "1"})

    told = words(render_to_string("_names_notice.html", {"name_notices": notices(bo, now=now())}).encode())
    assert re.match(r"Names are shown again in reports of Flex team since .* UTC: Ann Example switched them on\.", told)
    assert "Names are shown since" in words(signed_in(bo).get("/settings").content)
    assert notices(bo, now=Instant(now() + 30 * DAY)) == []


@pytest.mark.parametrize("role", [Role.SECONDARY, Role.SSO])
def test_any_administrator_turns_it_and_showing_takes_a_fresh_sign_in(world: World, role: Role) -> None:
    """Hiding takes no password, showing leads to it and changes nothing until then (quality: ↑)."""
    browser = signed_in(person("bo@example.com", world, role))
    grow_stale(browser)

    browser.post(address(world))
    world.flex.refresh_from_db()
    assert world.flex.names_hidden
    led = [browser.get(f"{address(world)}?include=1"), browser.post(address(world), {"include": "1"})]

    back = quote(f"{address(world)}?include=1", safe="")
    assert [one["Location"] for one in led] == [f"/accounts/again/?next={back}"] * 2
    world.flex.refresh_from_db()
    assert world.flex.names_hidden


@pytest.mark.parametrize("place", ["", "/files"])
def test_others_do_not_turn_it(browser: Client, world: World, place: str) -> None:
    """A member is refused, another team's administrator finds nothing, and nobody changes anything (quality T2)."""
    assert browser.get(address(world, ent=True) + place).status_code == 403
    assert browser.post(address(world, ent=True) + place).status_code == 403
    Membership.objects.filter(team=world.ent).delete()
    for nowhere in (address(world, ent=True), f"/settings/names/{10**12}"):
        assert browser.get(nowhere + place).status_code == 404
        assert browser.post(nowhere + place).status_code == 404
    assert Client().post(address(world) + place).status_code == 302

    assert Audit.objects.filter(verb__startswith="names").count() == 0
    assert "Enterprise team" not in words(browser.get("/settings").content)


def test_hiding_shows_the_files_with_names_and_takes_them_away(browser: Client, world: World, ann: User) -> None:
    """The primary removes everybody's; files without names and requests stay, and who asks again gets pseudonyms."""
    bo = person("bo@example.com", world, Role.SECONDARY)
    theirs = file_of(world, bo, "theirs", "userName")
    mine = file_of(world, ann, "mine", "usageDate", "machineName")
    sums = file_of(world, ann, "sums", "productName")

    asked = words(browser.get(address(world)).content)
    assert "Also remove 2 files with names that can still be downloaded" in asked
    assert re.search(r"theirs\.csv Jan 1, 2026, 12:00 AM UTC Ann Example names until ", asked)
    assert re.search(r"sums\.csv Jan 1, 2026, 12:00 AM UTC Ann Example nobody is named until ", asked)
    browser.post(address(world), {"remove": "1"})

    states = dict(ExportRequest.objects.values_list("file_name", "state"))
    assert states == {"theirs.csv": "EXPIRED", "mine.csv": "EXPIRED", "sums.csv": "READY"}
    assert [files.path_of(row.pk, 1).exists() for row in (theirs, mine, sums)] == [False, False, True]
    assert Audit.objects.filter(verb="export.remove").count() == 2
    assert "No file with names can be downloaded any more." in words(browser.get(f"{address(world)}/files").content)


def test_a_secondary_takes_away_their_own_files(world: World, ann: User) -> None:
    """Files of others are listed, with a word on who may remove them (quality: authorization matrix)."""
    bo = person("bo@example.com", world, Role.SECONDARY)
    browser = signed_in(bo)
    theirs, own = file_of(world, ann, "theirs", "userName"), file_of(world, bo, "own", "userName")

    listed = words(browser.get(f"{address(world)}/files").content)
    assert "Remove 1 file" in listed
    assert "1 file with names is somebody else’s; the primary administrator can remove it." in listed
    told = words(browser.post(f"{address(world)}/files", follow=True).content)

    assert "1 file was removed." in told
    assert (files.path_of(theirs.pk, 1).exists(), files.path_of(own.pk, 1).exists()) == (True, False)
    assert "Remove 1 file" not in told


def test_a_file_that_is_being_written_is_begun_anew(browser: Client, world: World, ann: User) -> None:
    """Whoever writes it read the switch before it was turned; what that one finishes counts for nothing (P1)."""
    row = file_of(world, ann, "late", "userName")
    ExportRequest.objects.filter(pk=row.pk).update(state=ExportState.REQUESTED)
    writer = exports.claim(now=now(), until=Instant(now() + DAY))
    assert writer is not None

    browser.post(address(world))

    written = exports.Written(1, 1, "", 1, START)
    assert not exports.finish(writer, written, names_hidden=False, now=now(), expires=now())
    assert ExportRequest.objects.get().state == ExportState.REQUESTED


def test_one_pseudonym_is_revealed_with_a_reason(browser: Client, world: World) -> None:
    """The answer of the POST has the name, nothing else keeps it; the audit has a number and the reason (P1)."""
    world.send(event("a", "cy@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"))
    cy = Person.objects.get(key="cy@example.com")

    page = browser.get(f"{REVEAL}?pseudonym={cy.pseudonym}")
    assert f'value="{cy.pseudonym}"' in page.content.decode()
    told = browser.post(REVEAL, {"pseudonym": cy.pseudonym, "reason": REASON})

    assert (told.status_code, told["Cache-Control"]) == (200, "no-store")
    assert f"Pseudonym {cy.pseudonym} Team Flex team E-mail or login cy@example.com" in words(told.content)
    row = Audit.objects.get(verb="names.reveal")
    assert (row.team, row.object, row.facts) == (world.flex, f"person {cy.pk}", {"reason": REASON})


def test_an_unknown_pseudonym_is_like_a_foreign_one(browser: Client, world: World) -> None:
    """Nobody is found, in the same words, and that it was asked is written down (quality T2, T5)."""
    world.send(event("a", "cy@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"), ent=True)
    foreign = Person.objects.get(key="cy@example.com").pseudonym
    browser.get(REVEAL)  # which takes the word of welcome away

    told = []
    for one in (foreign, "u-000000000000", "cy@example.com", "Cy", "\x00"):
        shown = browser.post(REVEAL, {"pseudonym": one, "reason": REASON})
        told.append((shown.status_code, words(shown.content).replace(one.strip("\x00"), "…" if one != "\x00" else "")))

    assert len({status for status, _ in told}) == 1
    assert [text for _, text in told[:4]] == [told[0][1]] * 4
    assert "Nobody in a team that you lead" in told[0][1]
    assert Audit.objects.filter(verb="names.reveal.missed").count() == 5


def test_a_pseudonym_without_a_reason_is_not_revealed(browser: Client, world: World) -> None:
    """Nine characters are none; what was typed stays in the form, and nothing is written down."""
    for reason in ("", " " * 20, "too short", "x" * 201, "a reason with \u202e"):
        refused = browser.post(REVEAL, {"pseudonym": "u-1", "reason": reason})
        assert refused.status_code == 400
        assert "Give a reason of 10 to 200 characters." in words(refused.content)
    assert Audit.objects.filter(verb__startswith="names").count() == 0


def test_nobody_asks_without_end(browser: Client, world: World) -> None:
    """After twenty in an hour, found or not, the next one is refused and finds nothing."""
    answers = [browser.post(REVEAL, {"pseudonym": f"u-{nth}", "reason": REASON}).status_code for nth in range(21)]

    assert answers == [200] * 20 + [429]
    assert Audit.objects.filter(verb__startswith="names").count() == 20


def test_only_a_primary_asks_and_freshly_signed_in(browser: Client, world: World) -> None:
    """A secondary administrator is refused; a stale sign-in is led to the password, and back with the pseudonym."""
    bo = signed_in(person("bo@example.com", world, Role.SECONDARY))
    assert [bo.get(REVEAL).status_code, bo.post(REVEAL).status_code] == [403, 403]
    assert "Find out who is behind" not in words(bo.get("/settings").content)

    grow_stale(browser)
    back = quote(f"{REVEAL}?pseudonym=u-1", safe="")
    assert browser.get(f"{REVEAL}?pseudonym=u-1")["Location"] == f"/accounts/again/?next={back}"
    assert browser.post(REVEAL, {"pseudonym": "u-1", "reason": REASON}).status_code == 302
    assert Audit.objects.filter(verb__startswith="names").count() == 0


def test_the_operator_links_a_privacy_policy(settings: Settings) -> None:
    """The privacy line of a report names the state of the switch, and links the settings and the policy (K1)."""
    assert installed.PRIVACY_URL == ""
    plain = render_to_string("_privacy.html", {"names_hidden": True})
    settings.PRIVACY_URL = "https://www.example.com/privacy"
    linked = render_to_string("_privacy.html", {"names_hidden": False})

    assert "Names are hidden: people are shown by pseudonyms." in plain
    assert "/settings#personal-data" in plain
    assert "Privacy policy" not in plain
    assert 'href="https://www.example.com/privacy"' in linked
    assert "Names are shown." in linked
