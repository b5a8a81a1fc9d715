"""The page on which a person lets a program in, and where it is taken back."""

from __future__ import annotations

import html
import re
from urllib.parse import urlsplit

import pytest
from django.test import Client
from tests.api.programs import AUTHORIZE, Program, returned
from tests.web.signed_in import signed_in
from tests.web.used import person
from tests.world import World

from farebox.domain.rights import Role
from farebox.records.models import Membership, RefreshToken, User


@pytest.fixture
def ann(world: World) -> User:
    """Ann administers both teams."""
    return person("ann@example.com", world, Role.PRIMARY)


@pytest.fixture
def program(world: World, ann: User) -> Program:
    """Return a program of the installation."""
    return Program(world, ann)


def words(content: bytes) -> str:
    """Return the words of a page."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", content.decode()))).strip()


def test_the_page_says_who_asks_for_what(program: Program, world: World, ann: User) -> None:
    """Program, person, what it may, who registered it and where one goes back to stand on the page."""
    said = words(program.ask().content)
    reading = words(program.ask(scope="data:read").content)

    for text in (
        "Let “Report” ask in your name?",
        "Signed in as ann@example.com",
        "read the usage, balances and contracts that you may see",
        "request exports, change their schedules, and replace charge-back values of people",
        "Registered by the operator of this installation",
        "You go back to https://app.example.com",
        "Choose a team Enterprise team Flex team",
    ):
        assert text in said
    assert "request exports" not in reading


def test_the_name_of_a_program_is_text(world: World, ann: User) -> None:
    """A name with marks of a page in it is shown as it is and does nothing."""
    program = Program(world, ann)
    type(program.row).objects.update(name="<script>alert(1)</script>")

    assert b"<script>alert" not in program.ask().content
    assert "“<script>alert(1)</script>”" in html.unescape(program.ask().content.decode())


def test_one_team_needs_no_choice(program: Program, world: World, ann: User) -> None:
    """Who belongs to one team is told which one it is, and asked nothing more."""
    Membership.objects.filter(user=ann, team=world.ent).delete()

    assert "Team Flex team" in words(program.ask().content)
    assert "code" in returned(program.answered())


def test_of_several_teams_one_is_chosen(program: Program, world: World) -> None:
    """No choice, and the choice of a team that is not one's own, ask again; nothing is granted."""
    for chosen in ({}, {"team": "x"}, {"team": str(10**9)}, {"team": ""}):
        again = program.browser.post(program.address(), {"answer": "allow"} | chosen)
        assert again.status_code == 400
        assert "Choose a team." in words(again.content)


def test_saying_no_leads_back(program: Program) -> None:
    """A person who denies goes back with access_denied, and no team need be chosen for that."""
    assert returned(program.answered("deny"))["error"] == "access_denied"
    assert returned(program.answered("anything"))["error"] == "access_denied"


def test_the_form_may_lead_to_the_program_and_nowhere_else(program: Program, world: World, ann: User) -> None:
    """The content policy of this one page names the program's site beside our own."""
    local = Program(world, ann, redirects=("http://[::1]:8080/callback",))

    policy = program.ask()["Content-Security-Policy"]

    assert "form-action 'self' https://app.example.com;" in policy
    assert "form-action 'self' http:;" in local.ask()["Content-Security-Policy"]
    assert "script-src 'self';" in policy


def test_the_answer_needs_our_own_page(program: Program, ann: User) -> None:
    """A form of another site grants nothing: it has no token against forgery."""
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ann)

    refused = strict.post(program.address(), {"answer": "allow", "team": str(program.world.flex.pk)})

    assert refused.status_code == 403


def test_a_guest_signs_in_first(program: Program) -> None:
    """Who is not signed in is asked to, and comes back to the same question."""
    led = Client().get(program.address())

    assert led.status_code == 302
    assert led["Location"].startswith("/accounts/login/?next=/authentication/v2/authorize%3Fclient_id%3D")


def test_an_unknown_program_leads_nowhere(program: Program, world: World) -> None:
    """A program that is not there and another team's look the same to a person (T2)."""
    bo = person("bo@example.com")
    Membership.objects.create(user=bo, team=world.ent, role=Role.SECONDARY)
    of_flex = Program(world, bo, more={"team": world.flex.pk})

    answers = [of_flex.browser.get(one) for one in (of_flex.address(), of_flex.address(client_id="nobody"))]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert words(answers[0].content) == words(answers[1].content)
    assert "Unknown program" in words(answers[0].content)


def test_who_belongs_to_no_team_is_told(world: World) -> None:
    """There is nothing that a program could ask about for such a person."""
    alone = Program(world, person("bo@example.com"))

    told = alone.ask()

    assert (told.status_code, "you belong to none" in words(told.content)) == (403, True)


def test_a_program_may_ask_for_a_fresh_sign_in(program: Program, ann: User) -> None:
    """prompt=login leads to the password unless it was just entered; prompt=none is answered at once."""
    address = f"{program.address()}&prompt=login"

    led = program.browser.get(address)
    fresh = signed_in(ann).get(address)

    assert urlsplit(led["Location"]).path == "/accounts/again/"
    assert fresh.status_code == 200
    assert returned(program.browser.get(f"{program.address()}&prompt=none"))["error"] == "consent_required"


def test_a_person_takes_it_back(program: Program, world: World) -> None:
    """The settings list each program that was let in; from then on it is out."""
    given = program.tokens()
    family = RefreshToken.objects.get().token_family
    address = f"/settings/consents/{family}/withdraw"

    assert "Report Flex team read and write" in words(program.browser.get("/settings").content)
    led = program.browser.get(address)
    done = program.browser.post(address, follow=True)

    assert led["Location"] == "/settings"
    assert "The program can no longer ask in your name." in words(done.content)
    assert "No program asks in your name." in words(done.content)
    assert program.contracts(given["access_token"]).status_code == 401


def test_what_is_anothers_is_not_taken_back(program: Program) -> None:
    """A consent of somebody else, or a text that is none, is not found."""
    program.tokens()
    family = RefreshToken.objects.get().token_family
    bo = Client()
    bo.force_login(person("bo@example.com"))

    assert bo.post(f"/settings/consents/{family}/withdraw").status_code == 404
    assert program.browser.post("/settings/consents/x/withdraw").status_code == 404


def test_only_get_and_post_are_answered(program: Program) -> None:
    """Other methods find no page."""
    assert program.browser.put(AUTHORIZE).status_code == 405
