"""Every refusal of a program says its reason in a sentence, to both kinds of program (usage-api 1.1, 1.2)."""

from __future__ import annotations

import re

import pytest
from django.http import HttpResponse
from django.utils import timezone
from tests.api.programs import PKCE, RETURNS, Program, body, person, returned
from tests.world import World

from farebox.domain.rights import Role
from farebox.records.models import Grant, Membership, RefreshToken, User
from farebox.services.oauth import clients
from farebox.wallclock import now

SENTENCE = re.compile(r"[A-Z][\x20-\x21\x23-\x5B\x5D-\x7E]{14,}\.")
"""What a description may consist of (RFC 6749, 5.2), and what makes it a sentence."""


@pytest.fixture
def ann(world: World) -> User:
    """Ann administers the Flex team."""
    return person("ann@example.com", {world.flex: Role.PRIMARY})


@pytest.fixture
def program(world: World, ann: User, house: None) -> Program:
    """Return a program with a secret, registered for the installation."""
    return Program(world, ann)


def reason(refused: HttpResponse, error: str) -> str:
    """Return the sentence of a refusal, which both members carry."""
    told = body(refused)
    assert (told["error"], told["developerMessage"]) == (error, told["error_description"])
    assert SENTENCE.fullmatch(told["error_description"])
    return str(told["error_description"])


def test_a_code_is_refused_with_its_reason(program: Program, world: World, ann: User) -> None:
    """Used, expired and unknown are told apart; another program's code is as unknown as none at all."""
    code = program.code()
    strangers = reason(Program(world, ann).exchange(code), "invalid_grant")
    program.exchange(code)
    old = program.code()
    Grant.objects.filter(spent_us__isnull=True).update(expires=timezone.now())

    assert "used before" in reason(program.exchange(code), "invalid_grant")
    assert "expired" in reason(program.exchange(old), "invalid_grant")
    assert reason(program.exchange("nothing"), "invalid_grant") == strangers


def test_a_refresh_token_is_refused_with_its_reason(program: Program, world: World, ann: User) -> None:
    """Used, expired, unknown, and a person who left are told apart; another program's token is as good as none."""
    used, old, left = (program.tokens()["refresh_token"] for _ in range(3))
    strangers = reason(Program(world, ann).refresh(used), "invalid_grant")
    program.refresh(used)
    assert "used before" in reason(program.refresh(used), "invalid_grant")
    assert reason(program.refresh("fbr_nothing"), "invalid_grant") == strangers

    Membership.objects.filter(user=ann).delete()
    assert "left the team" in reason(program.refresh(left), "invalid_grant")
    RefreshToken.objects.update(began_us=0)
    assert "expired" in reason(program.refresh(old), "invalid_grant")


def test_a_wrong_verifier_is_named(program: Program) -> None:
    """A program that sends another verifier reads that this was it."""
    refused = program.exchange(program.code(**PKCE), code_verifier="x" * 43)

    assert "code_verifier" in reason(refused, "invalid_grant")


def test_who_asks_for_too_much_is_told(program: Program) -> None:
    """A refresh beyond what was granted says so."""
    given = program.tokens(scope="data:read")

    refused = program.refresh(given["refresh_token"], scope="data:read data:write")

    assert "granted" in reason(refused, "invalid_scope")


def test_what_the_library_says_without_a_word_gets_one(program: Program) -> None:
    """A wrong secret, a grant that there is not, and one that is not open are told in sentences."""
    code = {"grant_type": "authorization_code", "code": "x", "redirect_uri": RETURNS}

    assert "secret" in reason(program.send(**code, client_secret="wrong"), "invalid_client")
    assert "authorization_code" in reason(program.send(grant_type="password"), "unsupported_grant_type")
    assert "team" in reason(program.send(grant_type="client_credentials"), "unauthorized_client")
    assert "secret" in reason(program.send("/authentication/v2/introspect", client_secret="no"), "invalid_client")
    assert "secret" in reason(
        program.send("/authentication/v2/revoke", token="x", client_secret="no"), "invalid_client"
    )


def test_a_program_reads_in_the_address_why_nobody_was_asked(program: Program, world: World, ann: User) -> None:
    """What sends a person back has a description for every error (RFC 6749, 4.1.2.1)."""
    acting = Program(world, ann, more={"team": world.flex.pk})
    clients.allow_acting(world.flex.pk, allowed=True, actor="test", now=now())
    clients.act_for(acting.id, ann.email, actor="test", now=now())
    answers = {
        "unsupported_response_type": program.ask(response_type="id_token"),
        "unauthorized_client": program.ask(response_type="token"),
        "invalid_scope": program.ask(scope="viewables:read"),
        "access_denied": program.answered("deny"),
    }

    for error, answer in answers.items():
        told = returned(answer)
        assert told["error"] == error
        assert SENTENCE.fullmatch(told["error_description"])
    assert "nobody signs in" in returned(acting.ask())["error_description"]
