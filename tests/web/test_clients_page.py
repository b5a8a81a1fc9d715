"""The programs of a team: who sees them, who changes them, and what a fresh sign-in is needed for."""

from __future__ import annotations

import html
import re
from urllib.parse import quote

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.test import Client
from pytest_django import Settings
from tests.web.signed_in import signed_in
from tests.web.used import PASSWORD, person
from tests.world import START, World

from farebox.domain.rights import Role
from farebox.records.models import Application, Audit, Membership, User
from farebox.services.oauth import clients

LIST, RETURNS = "/settings/programs", "https://app.example.com/callback"
FORM = {"name": "Report", "redirects": f"{RETURNS}\n{RETURNS}/2", "kind": "server", "writes": "1"}


@pytest.fixture
def ann(world: World) -> User:
    """Ann is the primary administrator of the Flex team, and a secondary one of the other."""
    user = person("ann@example.com")
    Membership.objects.create(team=world.flex, user=user, role=Role.PRIMARY)
    Membership.objects.create(team=world.ent, user=user, role=Role.SECONDARY)
    return user


@pytest.fixture
def browser(ann: User) -> Client:
    """Return a browser in which Ann has just signed in."""
    return signed_in(ann)


def registered(world: World, *, ent: bool = False) -> str:
    """Register a program in a team and return its client id."""
    team = (world.ent if ent else world.flex).pk
    row, _ = clients.register(clients.NewClient(name="Report", redirects=[RETURNS], team=team), actor="t", now=START)
    return str(row.client_id)


def words(content: bytes) -> str:
    """Return the words of a page."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", content.decode()))).strip()


def secret_on(content: bytes) -> str:
    """Return the secret that a page shows."""
    found = re.search(r'<code id="new-secret">(.*?)</code>', content.decode())
    assert found
    return found[1]


def grow_stale(browser: Client) -> None:
    """Let the sign-in be more than five minutes old."""
    session = browser.session
    records = session[AUTHENTICATION_METHODS_SESSION_KEY]
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{**one, "at": one["at"] - 301} for one in records]
    session.save()


def test_the_primary_registers_a_program(browser: Client, world: World, ann: User) -> None:
    """Its secret is on the one page that answers; the list has it from then on."""
    shown = browser.post(f"{LIST}/new/{world.flex.pk}", FORM)

    row = Application.objects.get()
    assert shown.status_code == 200
    assert secret_on(shown.content).startswith("fbc_")
    assert (row.team, row.user, row.scopes) == (world.flex, ann, "data:read data:write")
    assert row.redirect_uris.split() == [RETURNS, f"{RETURNS}/2"]
    assert f"Report {row.client_id[:8]}… read and write people who agree in force" in words(browser.get(LIST).content)
    assert "new-secret" not in browser.get(f"{LIST}/{row.client_id}").content.decode()


@pytest.mark.parametrize(
    ("kind", "public", "pkce"), [("server", False, False), ("server-pkce", False, True), ("public", True, False)]
)
def test_each_kind_is_registered_as_such(browser: Client, world: World, kind: str, *, public: bool, pkce: bool) -> None:
    """A program has a secret or none, and is held to PKCE where it says so."""
    shown = browser.post(f"{LIST}/new/{world.flex.pk}", FORM | {"kind": kind, "writes": ""})

    row = Application.objects.get()
    assert (row.is_public, row.pkce, row.scopes) == (public, pkce, "data:read")
    assert ("new-secret" in shown.content.decode()) is not public


def test_the_older_kind_is_offered_with_the_switch_alone(browser: Client, world: World, settings: Settings) -> None:
    """Without the switch, a page to which the token comes in the address cannot be registered."""
    form, address = FORM | {"kind": "implicit"}, f"{LIST}/new/{world.flex.pk}"

    assert browser.post(address, form).status_code == 400
    settings.OAUTH_COMPATIBILITY = True
    assert browser.post(address, form).status_code == 200
    assert Application.objects.get().implicit


def test_a_form_with_faults_says_each(browser: Client, world: World) -> None:
    """Name and addresses are told apart, nothing is registered, and what was typed stays."""
    faulty = ("http://app.example.com/", "app.example.com", "https://app.example.com/#a")
    wrong = FORM | {"name": "a\u202eb", "redirects": "\n".join([RETURNS, *faulty])}

    told = browser.post(f"{LIST}/new/{world.flex.pk}", wrong)

    assert told.status_code == 400
    assert "A name has 1 to 100 printable characters." in words(told.content)
    for line, why in zip(
        faulty, ("FAREBOX_OAUTH_COMPATIBILITY=1", "is no whole address", "has a fragment"), strict=True
    ):
        assert re.search(rf"{re.escape(line)} [^/]*{why}", words(told.content))
    assert f"{RETURNS} is" not in words(told.content)
    many = browser.post(f"{LIST}/new/{world.flex.pk}", FORM | {"redirects": "\n".join([RETURNS] * 21)})
    assert "Name 1 to 20 addresses." in words(many.content)
    assert Application.objects.count() == 0


def test_a_form_sent_again_registers_once(browser: Client, world: World) -> None:
    """Loading the answer again makes no second program."""
    address = f"{LIST}/new/{world.flex.pk}"
    nonce = re.search(r'name="nonce" value="(.*?)"', browser.get(address).content.decode())
    assert nonce

    answers = [browser.post(address, FORM | {"nonce": nonce[1]}).status_code for _ in range(2)]

    assert (answers, Application.objects.count()) == ([200, 302], 1)


def test_a_secret_is_replaced_and_a_program_revoked(browser: Client, world: World) -> None:
    """Another secret is shown once; a revoked program stays in the list, and its page is gone from there."""
    row = registered(world)
    before = Application.objects.get().client_secret

    asked = [words(browser.get(f"{LIST}/{row}/{change}").content) for change in ("rotate", "revoke")]
    assert "Make another secret for “Report”? Flex team The secret of now ends at once." in asked[0]
    assert "Revoke “Report”? Flex team The program and all its tokens end at once." in asked[1]
    assert Application.objects.get(revoked_us__isnull=True).client_secret == before
    shown = browser.post(f"{LIST}/{row}/rotate")
    done = browser.post(f"{LIST}/{row}/revoke", follow=True)

    assert secret_on(shown.content).startswith("fbc_")
    assert Application.objects.get().client_secret != before
    assert "The program is revoked, and all its tokens." in words(done.content)
    assert "revoked" in words(done.content)
    assert browser.get(f"{LIST}/{row}/rotate").status_code == 302
    assert browser.post(f"{LIST}/{row}/rotate").status_code == 302
    assert browser.post(f"{LIST}/{row}/revoke").status_code == 302


def test_the_team_is_opened_and_a_program_acts(browser: Client, world: World, ann: User) -> None:
    """The primary opens the team, lets a program act as an administrator, and stops both (quality: OAuth2)."""
    row = registered(world)

    browser.post(f"{LIST}/acting/{world.flex.pk}", {"allowed": "1"})
    browser.post(f"{LIST}/{row}/act", {"administrator": ann.email})
    said = words(browser.get(LIST).content)
    program = Application.objects.get()
    assert (program.two_legged, program.acts_for) == (True, ann)
    assert "ann@example.com in force" in said
    assert "Programs may act as an administrator of this team" in said
    refused = browser.post(f"{LIST}/{row}/act", {"administrator": "nobody@example.com"})
    assert (refused.status_code, "cannot act as this person" in words(refused.content)) == (400, True)

    browser.post(f"{LIST}/{row}/act", {"administrator": ""})
    browser.post(f"{LIST}/acting/{world.flex.pk}", {"allowed": ""})
    world.flex.refresh_from_db()
    program.refresh_from_db()
    assert (program.two_legged, world.flex.two_legged) == (False, False)
    assert set(Audit.objects.exclude(actor="t").values_list("actor", flat=True)) == {f"account {ann.pk}"}


def test_a_closed_team_lets_no_program_act(browser: Client, world: World, ann: User) -> None:
    """The page says which step is missing and offers no button; what is sent all the same is refused with it."""
    row = registered(world)
    missing = "The team has not allowed this yet: the primary administrator does, on the page Programs."

    page = browser.get(f"{LIST}/{row}").content
    refused = browser.post(f"{LIST}/{row}/act", {"administrator": ann.email})

    assert missing in words(page)
    assert re.search(r"<button[^>]* disabled[^>]*>Let it act", page.decode())
    assert (refused.status_code, words(refused.content).count(missing)) == (400, 2)
    assert not Application.objects.get().two_legged


def test_a_program_that_may_no_longer_act_waits(browser: Client, world: World, ann: User) -> None:
    """A program that gets no token is not called in force: the team closed again, or the person lost the role."""
    row = registered(world)
    bo = person("bo@example.com", world, Role.SECONDARY)
    browser.post(f"{LIST}/acting/{world.flex.pk}", {"allowed": "1"})
    browser.post(f"{LIST}/{row}/act", {"administrator": bo.email})
    assert "bo@example.com in force" in words(browser.get(LIST).content)

    Membership.objects.filter(user=bo).update(role=Role.USER)
    assert "bo@example.com waits" in words(browser.get(LIST).content)
    assert "Nobody is bound whose rights the program has" in words(browser.get(f"{LIST}/{row}").content)
    Membership.objects.filter(user=bo).update(role=Role.SSO)
    browser.post(f"{LIST}/acting/{world.flex.pk}", {"allowed": ""})
    assert "bo@example.com waits" in words(browser.get(LIST).content)


PLACES = ("{id}", "{id}/rotate", "{id}/revoke", "{id}/act", "new/{team}", "acting/{team}")


@pytest.mark.parametrize("place", PLACES)
def test_a_stale_sign_in_is_asked_for_the_password(browser: Client, world: World, place: str) -> None:
    """After five minutes every change leads to the password first, and changes nothing (quality: ↑)."""
    address = f"{LIST}/{place.format(id=registered(world), team=world.flex.pk)}"
    before = list(Application.objects.values())
    grow_stale(browser)

    led = [browser.get(address), browser.post(address, FORM | {"allowed": "1"})]

    assert led[0]["Location"] == f"/accounts/again/?next={quote(address, safe='')}"
    assert led[1]["Location"] == f"/accounts/again/?next={quote(LIST, safe='')}"
    assert list(Application.objects.values()) == before


def test_the_password_makes_a_sign_in_fresh(browser: Client, world: World) -> None:
    """The right password leads on to the page that was asked for; a wrong one does not."""
    address = f"{LIST}/{registered(world)}"
    grow_stale(browser)
    again = f"/accounts/again/?next={address}"

    assert "Prove that it is you" in words(browser.get(again).content)
    assert browser.post(again, {"password": "wrong", "next": address}).status_code == 200
    assert browser.get(address).status_code == 302
    led = browser.post("/accounts/again/", {"password": PASSWORD, "next": address})

    assert led["Location"] == address
    assert browser.get(address).status_code == 200


@pytest.mark.parametrize("place", PLACES)
def test_only_the_primary_changes_programs(browser: Client, world: World, place: str) -> None:
    """A secondary administrator may look at the list and nothing more; another team's programs are not there (T2)."""
    theirs = f"{LIST}/{place.format(id=registered(world, ent=True), team=world.ent.pk)}"
    Membership.objects.filter(team=world.ent).update(role=Role.USER)
    assert [browser.get(theirs).status_code, browser.post(theirs).status_code] == [403, 403]

    Membership.objects.filter(team=world.ent).delete()
    nowhere = f"{LIST}/{place.format(id='nothing', team=10**9)}"
    assert [browser.get(theirs).status_code, browser.get(nowhere).status_code] == [404, 404]


def test_a_secondary_sees_the_list(browser: Client, world: World) -> None:
    """The list has the programs of both teams, and a way to change those of one's own alone."""
    registered(world, ent=True)

    page = browser.get(LIST).content.decode()

    assert page.count("Register a program") == 1
    assert f"{LIST}/new/{world.flex.pk}" in page


@pytest.mark.parametrize("role", [Role.SSO, Role.USER])
def test_others_see_no_list(world: World, caplog: pytest.LogCaptureFixture, role: Role) -> None:
    """SSO administrators and members have nothing to do with programs; the log has one line of it, no traceback."""
    bo = person("bo@example.com", world, role)
    refused = signed_in(bo).get(LIST)

    assert refused.status_code == 403
    assert "Not allowed" in words(refused.content)
    assert [(record.levelname, record.exc_info) for record in caplog.records] == [("WARNING", None)]
    assert Client().get(LIST).status_code == 302


def test_a_personal_token_may_write_where_the_person_says_so(browser: Client) -> None:
    """The form asks whether a token may write; without an answer it may only read."""
    for writes, told in (("", "read"), ("1", "read and write")):
        shown = browser.post("/settings/tokens", {"name": f"may {told}", "days": "1", "writes": writes})
        assert re.search(rf"may {told} fbp_\S+… {told} never", words(shown.content))
