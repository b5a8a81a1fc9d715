"""Who is signed in, as programs of the published services read it (usage-api 1.1)."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings
from tests.api.programs import Program, body, person
from tests.world import World

from farebox.domain.rights import Role
from farebox.records.models import User
from farebox.services import tokens
from farebox.wallclock import now

PROFILE, USERINFO = "/userprofile/v1/users/@me", "/userinfo"


@pytest.fixture
def program(world: World) -> Program:
    """Return a program that Ann Maria Example lets in."""
    return Program(world, person("ann@example.com", {world.flex: Role.USER}, "Ann Maria Example"))


def asked(client: Client, path: str, header: str) -> tuple[int, dict[str, object]]:
    """Ask with a header, and read the answer."""
    answer = client.get(path, headers={"Authorization": header} if header else {})
    return answer.status_code, answer.json()


def test_the_profile_has_the_members_that_programs_read(program: Program, settings: Settings) -> None:
    """Names stand apart, and pictures are addresses of ours, one for each size."""
    token = program.tokens()["access_token"]

    status, told = asked(program.api, PROFILE, f"Bearer {token}")

    assert status == 200
    assert (told["firstName"], told["lastName"], told["emailId"]) == ("Ann", "Maria Example", "ann@example.com")
    images = told["profileImages"]
    assert isinstance(images, dict)
    assert images["sizeX40"] == f"{settings.BASE_URL}/static/farebox/mark.svg"


def test_userinfo_takes_a_bare_token(program: Program) -> None:
    """Some programs send the token without "Bearer"; any scope will do, and a personal token too."""
    narrowed = body(program.refresh(program.tokens()["refresh_token"], scope="viewables:read"))["access_token"]
    _, own = tokens.make(program.user, name="script", days=1, now=now())

    for header in (narrowed, f"Bearer {narrowed}", f"bearer {own}", own):
        status, told = asked(program.api, USERINFO, header)
        assert (status, told["name"], told["sub"]) == (200, "Ann Maria Example", str(program.user.pk))


@pytest.mark.parametrize(
    ("header", "number"),
    [("", "AUTH-012"), ("Basic abc", "AUTH-012"), ("Bearer a b", "AUTH-012"), ("Bearer fba_x", "AUTH-006")],
)
@pytest.mark.parametrize("path", [PROFILE, USERINFO])
def test_nobody_is_told_without_a_token(client: Client, db: None, path: str, header: str, number: str) -> None:
    """A header that is missing, malformed or unknown is refused in the gateway's words."""
    status, told = asked(client, path, header)

    assert (status, told["errorCode"]) == (401, number)


def test_userinfo_may_be_asked_by_post(program: Program) -> None:
    """A program may post for it (OpenID Connect Core 5.3.1), without a token against forgery; refusals are JSON too."""
    token = program.tokens()["access_token"]
    strict = Client(enforce_csrf_checks=True)

    told = strict.post(USERINFO, headers={"Authorization": f"Bearer {token}"})

    assert (told.status_code, told.json()["sub"]) == (200, str(program.user.pk))
    assert strict.post(USERINFO).json()["errorCode"] == "AUTH-012"


def test_who_has_no_name_goes_by_the_address(program: Program) -> None:
    """Without a name the part before the @ stands for it."""
    token = program.tokens()["access_token"]
    User.objects.update(name="")

    _, told = asked(program.api, USERINFO, token)

    assert told["name"] == "ann"
