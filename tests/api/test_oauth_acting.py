"""A program that acts as one administrator, without anybody signing in (usage-api 1.1, 2-legged)."""

from __future__ import annotations

import pytest
from tests.api.programs import BOTH, TOKEN, Program, basic, body, person, returned
from tests.world import World

from farebox.domain.errors import Conflict, Rejected
from farebox.domain.rights import Role
from farebox.records.models import Audit, Membership, User
from farebox.services.oauth import clients
from farebox.services.oauth.acting import Missing
from farebox.wallclock import now

GRANT = {"grant_type": "client_credentials", "scope": BOTH}


@pytest.fixture
def ann(world: World) -> User:
    """Ann administers both teams."""
    return person("ann@example.com", {world.flex: Role.PRIMARY, world.ent: Role.PRIMARY})


@pytest.fixture
def program(world: World, ann: User, house: None) -> Program:
    """Return a program of the Flex team that acts as Ann, where the team allows that."""
    made = Program(world, ann, more={"team": world.flex.pk})
    allow(world)
    clients.act_for(made.id, "Ann@Example.com", actor="test", now=now())
    return made


def allow(world: World, *, allowed: bool = True) -> None:
    """Open the Flex team to programs that act as its administrators, or close it."""
    clients.allow_acting(world.flex.pk, allowed=allowed, actor="test", now=now())


def token(program: Program) -> str:
    """Return a token that the program got by itself."""
    given = program.send(**GRANT)
    assert given.status_code == 200, given.content
    return str(body(given)["access_token"])


def test_it_sees_what_the_administrator_sees_in_its_team(program: Program, world: World) -> None:
    """Its token opens its own team's contracts, though the administrator has more; there is no refresh token."""
    told = body(program.post(TOKEN, GRANT, Authorization=basic(program.id, program.secret)))

    assert set(told) == {"access_token", "expires_in", "token_type", "scope"}
    assert told["scope"] == BOTH
    assert program.numbers(told["access_token"]) == [world.flex_contract.number]


def test_nobody_signs_in_to_it(program: Program) -> None:
    """As published, such a program is not for people: it is sent back, and codes and refresh tokens are closed."""
    assert returned(program.ask())["error"] == "unauthorized_client"
    assert body(program.exchange("x"))["error"] == "unauthorized_client"
    assert body(program.refresh("fbr_x"))["error"] == "unauthorized_client"


def test_a_team_is_closed_until_its_primary_opens_it(program: Program, world: World) -> None:
    """Closing the team ends tokens at once and refuses new ones; a team is closed at first (quality: OAuth2)."""
    held = token(program)

    allow(world, allowed=False)

    assert not world.ent.two_legged
    assert program.contracts(held).status_code == 401
    refused = body(program.send(**GRANT))
    assert refused["errorCode"] == "AUTH-011"
    assert "has not allowed programs to act by themselves" in refused["error_description"]
    assert refused["developerMessage"] == refused["error_description"]


def test_a_closed_team_binds_nobody(world: World, ann: User, house: None) -> None:
    """The first step comes first: a program that people let in is not cut off for a team that is closed."""
    program = Program(world, ann, more={"team": world.flex.pk})
    given = program.tokens()

    with pytest.raises(Conflict, match="has not allowed programs to act by themselves"):
        clients.act_for(program.id, ann.email, actor="test", now=now())

    assert program.contracts(given["access_token"]).status_code == 200


def test_a_refusal_says_which_step_is_missing(program: Program, world: World, ann: User) -> None:
    """A program of no team, of a closed team, bound to nobody, and bound to one who lost the role are told apart."""
    ours = Program(world, ann, more={"team": world.flex.pk})
    told = [
        Program(world, ann).send(**GRANT),
        Program(world, ann, more={"team": world.ent.pk}).send(**GRANT),
        ours.send(**GRANT),
    ]
    Membership.objects.filter(user=ann, team=world.flex).update(role=Role.USER)
    told.append(program.send(**GRANT))

    assert [(body(one)["error"], body(one)["error_description"]) for one in told] == [
        ("unauthorized_client", missing) for missing in Missing
    ]


@pytest.mark.parametrize("end", ["role", "membership", "account"])
def test_it_ends_with_its_administrator(program: Program, world: World, ann: User, end: str) -> None:
    """A lost role, team or account ends what the program sees, and it gets no further token (T3)."""
    held = token(program)
    member = Membership.objects.filter(user=ann, team=world.flex)

    match end:
        case "role":
            member.update(role=Role.USER)
        case "membership":
            member.delete()
        case _:
            User.objects.update(is_active=False)

    assert program.contracts(held).status_code == 401 or program.numbers(held) == []
    assert program.send(**GRANT).status_code == 400


def test_turning_it_on_or_off_ends_the_tokens_of_before(world: World, ann: User, house: None) -> None:
    """Tokens that people gave end when the program begins to act, and its own when it stops."""
    program = Program(world, ann, more={"team": world.flex.pk})
    allow(world)
    given = program.tokens()

    clients.act_for(program.id, ann.email, actor="test", now=now())
    assert program.contracts(given["access_token"]).status_code == 401
    held = token(program)
    clients.stop_acting(program.id, actor="test", now=now())

    assert program.contracts(held).status_code == 401
    assert body(program.refresh(given["refresh_token"]))["error"] == "invalid_grant"
    assert program.numbers(program.tokens()["access_token"]) == [world.flex_contract.number]


def test_only_a_teams_program_with_a_secret_acts_as_its_administrator(world: World, ann: User) -> None:
    """The installation's programs, public ones, and people without the role are refused, with every problem."""
    person("bo@example.com", {world.flex: Role.USER})
    ours = Program(world, ann, more={"team": world.flex.pk}).id
    wrong = {
        (Program(world, ann, more={"public": True}).id, "ann@example.com"): 2,
        (Program(world, ann).id, "ann@example.com"): 1,
        (ours, "bo@example.com"): 1,
        (ours, "nobody@example.com"): 1,
    }

    for (program, address), count in wrong.items():
        with pytest.raises(Rejected) as refused:
            clients.act_for(program, address, actor="test", now=now())
        assert len(refused.value.problems) == count


def test_each_change_is_written_down(program: Program, world: World) -> None:
    """Registering, acting and opening leave one row each, by number and without a name (T5)."""
    rows = Audit.objects.filter(team=world.flex, verb__startswith="client").order_by("pk")

    assert list(rows.values_list("verb", flat=True)) == ["client.register", "clients.open", "client.act"]
    assert "example.com" not in str(list(rows.values()))
