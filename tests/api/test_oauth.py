"""Signing in for programs: from the page of consent to a token that opens one team's data (usage-api 1.1)."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from tests.api.programs import (
    AUTHORIZE,
    BOTH,
    PKCE,
    RETURNS,
    TOKEN,
    VERIFIER,
    Program,
    basic,
    body,
    person,
    returned,
)
from tests.world import World

from farebox.domain.clock import DAY
from farebox.domain.rights import Role
from farebox.records.models import AccessToken, Grant, Membership, RefreshToken, User
from farebox.services.oauth import clients
from farebox.wallclock import now


@pytest.fixture
def ann(world: World) -> User:
    """Ann administers both teams."""
    return person("ann@example.com", {world.flex: Role.PRIMARY, world.ent: Role.SECONDARY})


@pytest.fixture
def program(world: World, ann: User, house: None) -> Program:
    """Return a program with a secret, registered for the installation."""
    return Program(world, ann)


def test_a_code_becomes_tokens_that_read_one_team(program: Program, world: World) -> None:
    """The token opens the chosen team alone, though the person administers two; so does every refreshed one."""
    given = program.tokens(team=world.ent)
    again = body(program.refresh(given["refresh_token"]))

    assert (given["token_type"], given["expires_in"], given["scope"]) == ("Bearer", 3600, BOTH)
    assert given["access_token"].startswith("fba_")
    assert given["refresh_token"].startswith("fbr_")
    for token in (given["access_token"], again["access_token"]):
        assert program.numbers(token) == [world.ent_contract.number]
    assert {row.team_id for row in (*AccessToken.objects.all(), *RefreshToken.objects.all())} == {world.ent.pk}


def test_the_secret_may_come_as_basic(program: Program) -> None:
    """HTTP Basic proves a program as well as the members of the form (usage-api 1.1)."""
    form = {"grant_type": "authorization_code", "code": program.code(), "redirect_uri": RETURNS}

    given = program.post(TOKEN, form, Authorization=basic(program.id, program.secret))

    assert given.status_code == 200
    assert given["Cache-Control"] == "no-store"
    assert body(given)["refresh_token"]


def test_nothing_that_opens_anything_is_stored(program: Program) -> None:
    """Codes, tokens and the secret are kept as hashes; what is stored is no code itself (quality: OAuth2)."""
    code = program.code()
    stored = str(Grant.objects.values_list("code", flat=True).get())

    refused = program.exchange(stored)
    given = body(program.exchange(code))

    assert body(refused)["error"] == "invalid_grant"
    kept = str([*Grant.objects.values(), *AccessToken.objects.values(), *RefreshToken.objects.values()])
    program.row.refresh_from_db()
    for secret in (code, given["access_token"], given["refresh_token"]):
        assert secret not in kept
    assert program.secret not in program.row.client_secret


def test_a_code_that_comes_again_ends_what_came_of_it(program: Program) -> None:
    """The second exchange is refused, and the tokens of the first, refreshed or not, are dead (RFC 9700, 4.5)."""
    code = program.code()
    first = body(program.exchange(code))
    second = body(program.refresh(first["refresh_token"]))

    refused = program.exchange(code)

    assert (refused.status_code, body(refused)["error"]) == (400, "invalid_grant")
    for token in (first["access_token"], second["access_token"]):
        assert program.contracts(token).status_code == 401
    assert program.refresh(second["refresh_token"]).status_code == 400


def test_anothers_code_ends_nothing(program: Program, world: World, ann: User) -> None:
    """A program that sends a code of another gets nothing, and does the other no harm."""
    code = program.code()
    given = body(program.exchange(code))

    refused = Program(world, ann).exchange(code)

    assert body(refused)["error"] == "invalid_grant"
    assert program.contracts(given["access_token"]).status_code == 200


def test_a_code_lasts_a_minute(program: Program) -> None:
    """After sixty seconds a code is nothing (quality: OAuth2)."""
    code = program.code()
    lives = Grant.objects.get().expires - Grant.objects.get().created
    Grant.objects.update(expires=timezone.now())

    assert timedelta(seconds=59) < lives <= timedelta(seconds=60)
    assert body(program.exchange(code))["error"] == "invalid_grant"


def test_a_refresh_token_is_used_once(program: Program) -> None:
    """A second use of a refresh token ends its whole family, old and new tokens alike."""
    first = program.tokens()
    second = body(program.refresh(first["refresh_token"]))

    refused = program.refresh(first["refresh_token"])

    assert body(refused)["error"] == "invalid_grant"
    assert program.contracts(second["access_token"]).status_code == 401
    assert program.refresh(second["refresh_token"]).status_code == 400


def test_the_access_token_before_a_refresh_goes_on(program: Program) -> None:
    """Programs keep the first token beside the refreshed one; it ends by its own time (usage-api 1.1)."""
    first = program.tokens()

    program.refresh(first["refresh_token"])

    assert program.contracts(first["access_token"]).status_code == 200


def test_a_chain_of_refreshes_ends(program: Program, settings: Settings) -> None:
    """However often it is refreshed, after ninety days the person is asked again; an idle token ends sooner."""
    given = program.tokens()
    RefreshToken.objects.update(began_us=now() - (settings.OAUTH_CHAIN_DAYS - 1) * DAY)
    given = body(program.refresh(given["refresh_token"]))
    RefreshToken.objects.update(began_us=now() - settings.OAUTH_CHAIN_DAYS * DAY)

    assert body(program.refresh(given["refresh_token"]))["error"] == "invalid_grant"

    idle = program.tokens()
    RefreshToken.objects.update(created=timezone.now() - timedelta(days=settings.OAUTH_IDLE_DAYS))
    assert body(program.refresh(idle["refresh_token"]))["error"] == "invalid_grant"


def test_a_refresh_may_narrow_and_the_next_one_widen_again(program: Program) -> None:
    """A scope that means nothing here leaves a token without rights, and the chain as it was (usage-api 1.1)."""
    first = program.tokens()

    narrowed = body(program.refresh(first["refresh_token"], scope="viewables:read"))
    reading = body(program.refresh(narrowed["refresh_token"], scope="data:read account:read"))
    whole = body(program.refresh(reading["refresh_token"]))

    assert [one["scope"] for one in (narrowed, reading, whole)] == ["", "data:read", BOTH]
    assert program.contracts(narrowed["access_token"]).status_code == 403
    assert program.contracts(reading["access_token"]).status_code == 200


def test_a_refresh_gives_no_more_than_was_granted(program: Program) -> None:
    """Asking for a scope that the person did not grant is refused, and the refresh token still works."""
    given = program.tokens(scope="data:read")

    refused = program.refresh(given["refresh_token"], scope=BOTH)

    assert (refused.status_code, body(refused)["error"], body(refused)["errorCode"]) == (
        400,
        "invalid_scope",
        "AUTH-004",
    )
    assert program.refresh(given["refresh_token"]).status_code == 200


@pytest.mark.parametrize("between", [" ", "%20", "+"])
def test_scopes_are_separated_as_programs_do(program: Program, between: str) -> None:
    """Blanks, and blanks that were encoded once too often, part scopes; unknown scopes are left out."""
    scope = between.join(["data:read", "data:write", "account:read", "viewables:read"])

    assert program.tokens(scope=scope)["scope"] == BOTH


def test_scopes_that_leave_nothing_are_refused(program: Program) -> None:
    """A program that asks only for what is not known here is told so; without any scope it may read."""
    assert returned(program.ask(scope="viewables:read"))["error"] == "invalid_scope"
    assert program.tokens(scope="")["scope"] == "data:read"


def test_a_program_gets_no_more_than_it_is_registered_for(world: World, ann: User, house: None) -> None:
    """A program that may only read gets no scope to write, however it asks."""
    assert Program(world, ann, more={"writes": False}).tokens()["scope"] == "data:read"


def test_a_public_program_needs_pkce(world: World, ann: User, house: None) -> None:
    """Without a challenge it is sent back; with one it needs the verifier, and no secret."""
    public = Program(world, ann, more={"public": True})

    assert returned(public.ask())["error"] == "invalid_request"
    code = public.code(**PKCE)
    assert body(public.exchange(code, client_secret=""))["error"] == "invalid_request"
    assert body(public.exchange(code, client_secret="", code_verifier="x" * 43))["error"] == "invalid_grant"
    assert public.exchange(code, client_secret="", code_verifier=VERIFIER).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"code_challenge": VERIFIER, "code_challenge_method": "plain"},
        {"code_challenge": PKCE["code_challenge"]},
        {"code_challenge": "short", "code_challenge_method": "S256"},
        {"code_challenge": PKCE["code_challenge"] * 9, "code_challenge_method": "S256"},
    ],
)
def test_only_s256_is_a_challenge(program: Program, wrong: dict[str, str]) -> None:
    """A plain challenge, or one of another length, is refused before anybody is asked."""
    assert returned(program.ask(**wrong))["error"] == "invalid_request"


def test_pkce_is_held_to_where_a_program_with_a_secret_sends_it(program: Program, world: World, ann: User) -> None:
    """It may leave PKCE out, unless it is registered with it; a challenge once sent needs its verifier."""
    code = program.code(**PKCE)
    assert program.exchange(code).status_code == 400
    assert program.exchange(code, code_verifier=VERIFIER).status_code == 200

    assert returned(Program(world, ann, more={"pkce": True}).ask())["error"] == "invalid_request"


@pytest.mark.parametrize(
    "wrong",
    [
        f"{RETURNS}?next=1",
        f"{RETURNS}/..",
        f"{RETURNS}#a",
        f"{RETURNS}/",
        "https://app.example.com.evil.example/callback",
        "http://app.example.com/callback",
        "https://app.example.com:8443/callback",
    ],
)
def test_people_are_sent_back_to_the_registered_address_alone(program: Program, wrong: str) -> None:
    """An address that differs in any character shows a page and leads nowhere (quality: OAuth2)."""
    shown = program.ask(redirect_uri=wrong)

    assert shown.status_code == 400
    assert "Location" not in shown.headers


def test_a_public_program_may_listen_on_any_port_of_the_persons_machine(world: World, ann: User, house: None) -> None:
    """The port of a loopback address may differ for a program without a secret, its path may not (RFC 8252, 7.3)."""
    local = ("http://127.0.0.1:8080/callback",)
    public = Program(world, ann, redirects=local, more={"public": True})
    other = {"redirect_uri": "http://127.0.0.1:51234/callback", **PKCE}

    assert returned(public.answered(team=world.flex, **other))["code"]
    assert public.ask(**(other | {"redirect_uri": "http://127.0.0.1:51234/other"})).status_code == 400
    assert Program(world, ann, redirects=local).ask(**other).status_code == 400


def test_a_verifier_without_a_challenge_is_refused(program: Program) -> None:
    """Who takes the challenge out of the address of consent gains nothing: the verifier gives it away (RFC 9700)."""
    answer = program.exchange(program.code(), code_verifier="v" * 50)

    assert answer.status_code == 400
    assert json.loads(answer.content)["error"] == "invalid_grant"


def test_the_address_that_was_named_is_named_again(program: Program) -> None:
    """A code that was asked for with an address is exchanged with it, or not at all (RFC 6749, 4.1.3)."""
    without = program.send(grant_type="authorization_code", code=program.code())
    neither = program.send(grant_type="authorization_code", code=program.code(redirect_uri=""))

    assert (without.status_code, neither.status_code) == (400, 200)


def test_the_state_and_the_issuer_come_back(program: Program, settings: Settings) -> None:
    """A program finds its own state again, and who answers (RFC 9207), whatever the answer was."""
    for answer in ("allow", "deny"):
        told = returned(program.answered(answer, team=program.world.flex, state="x y&z"))
        assert (told["state"], told["iss"]) == ("x y&z", settings.BASE_URL)
    assert told["error"] == "access_denied"


def test_what_a_stranger_adds_to_the_address_means_nothing(program: Program, world: World, ann: User) -> None:
    """Parameters by which the library would know its own findings change nothing: person, team, extra members."""
    bo = person("bo@example.com", {world.flex: Role.USER})
    added = {"user": str(bo.pk), "bound": "1", "client": "x", "extra_credentials": "x=1", "nonce": "n" * 999}

    given = body(program.exchange(program.code(team=world.ent, **added), user=str(bo.pk), bound="1", team="1"))

    row = AccessToken.objects.get()
    assert (row.user_id, row.team_id) == (ann.pk, world.ent.pk)
    assert set(given) == {"access_token", "expires_in", "token_type", "scope", "refresh_token"}


def test_a_persons_end_is_the_tokens_end(program: Program, world: World, ann: User) -> None:
    """Who may not sign in any more, or left the team, has no tokens from the next request on (T3)."""
    given = program.tokens()

    User.objects.update(is_active=False)
    assert program.contracts(given["access_token"]).status_code == 401
    assert program.refresh(given["refresh_token"]).status_code == 400
    User.objects.update(is_active=True)
    assert program.contracts(given["access_token"]).status_code == 200
    Membership.objects.filter(user=ann, team=world.flex).delete()
    assert program.contracts(given["access_token"]).status_code == 401
    assert program.refresh(given["refresh_token"]).status_code == 400


def test_a_lost_role_is_lost_at_once(program: Program, world: World, ann: User) -> None:
    """Without an administrator's role a token finds no contract; with it again, it does (T3, usage-api 1.1)."""
    given = program.tokens()

    Membership.objects.filter(user=ann, team=world.flex).update(role=Role.USER)
    assert program.numbers(given["access_token"]) == []
    Membership.objects.filter(user=ann, team=world.flex).update(role=Role.SSO)
    assert program.numbers(given["access_token"]) == [world.flex_contract.number]


def test_a_revoked_program_is_out(program: Program) -> None:
    """Its tokens are dead at once, its secret proves nothing, and nobody is asked to let it in."""
    given = program.tokens()

    clients.revoke(program.id, actor="test", now=now())

    assert program.contracts(given["access_token"]).status_code == 401
    assert (program.refresh(given["refresh_token"]).status_code, program.ask().status_code) == (401, 400)


def test_a_program_ends_its_own_tokens(program: Program, world: World, ann: User) -> None:
    """Revoking either token ends both; a token of another program, or of nobody, is answered alike and goes on."""
    for name in ("access_token", "refresh_token"):
        given = program.tokens()
        done = program.send("/authentication/v2/revoke", token=given[name])
        assert done.status_code == 200
        assert program.contracts(given["access_token"]).status_code == 401
        assert program.refresh(given["refresh_token"]).status_code == 400
    given = program.tokens()
    other = Program(world, ann)
    answers = [other.send("/authentication/v2/revoke", token=one) for one in (given["access_token"], "fba_nobodys")]
    assert [(one.status_code, one.content) for one in answers] == [(200, b"")] * 2
    assert program.contracts(given["access_token"]).status_code == 200


def test_a_program_may_ask_what_its_token_is(program: Program, world: World, ann: User) -> None:
    """Its own token is described; another's, a dead one and a personal one are not in force (RFC 7662)."""
    given = program.tokens()
    path = "/authentication/v2/introspect"

    told = body(program.send(path, token=given["access_token"]))

    assert (told["active"], told["scope"], told["client_id"], told["sub"]) == (True, BOTH, program.id, str(ann.pk))
    assert told["exp"] - told["iat"] == 3600
    assert body(Program(world, ann).send(path, token=given["access_token"])) == {"active": False}
    assert body(program.send(path, token="fba_x")) == {"active": False}
    assert program.send(path, token=given["access_token"], client_secret="x").status_code == 401
    assert program.send(path).status_code == 400


def test_refusals_speak_both_languages(program: Program) -> None:
    """Each refusal of the token address has the members of RFC 6749 and of the gateway (usage-api 1.2)."""
    code = {"grant_type": "authorization_code", "code": "x", "redirect_uri": RETURNS}
    refused = {
        "AUTH-003": program.send(**code, client_secret="wrong"),
        "AUTH-006": program.send(**code),
        "AUTH-008": program.send(grant_type="authorization_code"),
        "AUTH-009": program.send(grant_type="password", username="ann@example.com", password="x"),
        "AUTH-011": program.send(grant_type="client_credentials"),
    }
    json_body = json.dumps(code | {"client_id": program.id, "client_secret": program.secret})
    refused["AUTH-007"] = program.api.post(TOKEN, json_body, content_type="application/json")  # type: ignore[assignment]

    for number, answer in refused.items():
        told = body(answer)
        assert told["errorCode"] == number
        assert {"error", "developerMessage", "userMessage", "more info"} <= set(told)
        assert answer.status_code == (401 if number == "AUTH-003" else 400)
    assert refused["AUTH-003"]["WWW-Authenticate"] == 'Basic realm="farebox"'
    assert body(program.send())["errorCode"] == "AUTH-008"


def test_a_secret_in_the_address_is_refused(program: Program) -> None:
    """What stands in an address is written into logs: parameters there are refused."""
    query = f"{TOKEN}?client_secret={program.secret}"

    refused = program.post(query, {"grant_type": "authorization_code", "code": program.code()})

    assert body(refused)["error"] == "invalid_request"


@pytest.mark.parametrize("odd", ["\0", "é" * 300, "\ud800", "%zz", "a" * 5000, "'; --", "{}"])
def test_odd_values_are_refused_and_break_nothing(program: Program, odd: str) -> None:
    """Whatever a parameter holds, the answer is a refusal of ours."""
    text = odd.encode(errors="replace").decode()
    for name in ("client_id", "client_secret", "code", "redirect_uri", "code_verifier", "grant_type"):
        sent = {"grant_type": "authorization_code", "code": "x", "redirect_uri": RETURNS} | {name: text}
        assert program.send(**sent).status_code in (400, 401)
    assert program.refresh(text).status_code == 400
    for name in ("client_id", "redirect_uri", "response_type", "scope", "code_challenge"):
        assert program.ask(**{name: text}).status_code in (302, 400)
    raw = program.browser.get(f"{AUTHORIZE}?client_id={program.id}&scope=%zz&state={quote(text)}")
    assert raw.status_code in (302, 400)


def test_the_implicit_grant_needs_the_switch_and_the_registration(
    world: World, ann: User, house: None, settings: Settings
) -> None:
    """The token comes in the fragment where both allow it, without a refresh token, bound to the chosen team."""
    older = Program(world, ann, more={"public": True, "implicit": True})

    assert returned(older.ask(response_type="token"))["error"] == "unauthorized_client"
    settings.OAUTH_COMPATIBILITY = True
    answer = older.answered(team=world.ent, response_type="token", state="s")
    told = returned(answer)

    assert answer["Location"].startswith(f"{RETURNS}#")
    assert (told["token_type"], told["expires_in"], told["state"]) == ("Bearer", "3600", "s")
    assert "refresh_token" not in told
    assert older.numbers(told["access_token"]) == [world.ent_contract.number]
    newer = Program(world, ann)
    assert returned(newer.ask(response_type="token"))["error"] == "unauthorized_client"


def test_the_older_addresses_need_the_switch(program: Program, settings: Settings) -> None:
    """`/authentication/v1` is there for programs that were written for it, while the switch is on."""
    older = "/authentication/v1/authorize"

    assert program.ask(older).status_code == 404
    assert program.send("/authentication/v1/gettoken", grant_type="refresh_token").status_code == 404
    settings.OAUTH_COMPATIBILITY = True
    code = returned(program.answered(team=program.world.flex, path=older))["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": RETURNS}
    assert program.send("/authentication/v1/gettoken/", **form).status_code == 200


def test_the_document_lists_only_what_is_on(client: Client, db: None, settings: Settings) -> None:
    """Programs read where everything is, and of the older ways only while they are open (RFC 8414)."""
    address = "/.well-known/oauth-authorization-server"

    plain = client.get(address).json()
    settings.OAUTH_COMPATIBILITY = True
    older = client.get(address).json()

    assert plain["issuer"] == settings.BASE_URL
    assert plain["token_endpoint"] == f"{settings.BASE_URL}{TOKEN}"
    assert (plain["response_types_supported"], older["response_types_supported"]) == (["code"], ["code", "token"])
    assert "implicit" not in plain["grant_types_supported"]
    assert plain["code_challenge_methods_supported"] == ["S256"]


def test_the_token_in_an_address_opens_nothing(program: Program) -> None:
    """An access token works in the header alone (quality: Tokens)."""
    token = program.tokens()["access_token"]

    refused = program.api.get(f"/tokenflex/v1/contract?access_token={token}")

    assert refused.status_code == 401
    assert refused["WWW-Authenticate"].startswith("Bearer")
