"""`GET /v1/charges/{chargedItemID}/explanation`: who may read one, and that nobody else learns anything."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.test import Client
from tests.api.sending import Answer
from tests.world import NOW, World, event

from farebox.domain.ids import charged_item_id
from farebox.domain.rights import Role
from farebox.records.models import Charge, PersonalToken, Team, User
from farebox.services import catalogue, tokens
from farebox.wallclock import now

PASSWORD = "correct horse battery"
Ask = Callable[..., Answer]


@pytest.fixture
def boss(world: World) -> User:
    """Return an administrator of the Flex team."""
    world.give("100")
    world.send(event("e1", "ann@example.com", "A", "2026-03-02 08:00", "2026-03-02 17:00"))
    return catalogue.add_account("boss@example.com", PASSWORD, "Boss", roles={world.flex: Role.PRIMARY}, now=NOW)


@pytest.fixture
def ask(client: Client, boss: User) -> Ask:
    """Return a way to ask for an explanation, as the administrator's script unless told otherwise."""
    _, secret = tokens.make(boss, name="script", days=1, now=now())

    def asked(item: str, *, token: str | None = secret, method: str = "GET") -> Answer:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        got = client.generic(method, f"/v1/charges/{item}/explanation", headers=headers)
        return Answer(got.status_code, dict(got.headers), json.loads(got.content))

    return asked


def the_charge() -> str:
    """Return the id of the first charge."""
    return charged_item_id(Charge.objects.order_by("pk")[0].pk)


def test_an_administrator_reads_why(ask: Ask) -> None:
    """The answer has the charge, its rule, what paid, what would have changed it, and the same amount again."""
    answer = ask(the_charge())

    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    told = answer.body
    assert (told["charged_item_id"], told["category"], told["tokens"]) == (the_charge(), "CHARGED", "7")
    assert told["rule"]["number"] == "domain F1"
    assert [(paid["kind"], paid["pack"]["had"]) for paid in told["payments"]] == [("DRAWN", "100")]
    assert told["replayed"] == {"category": "CHARGED", "tokens": "7", "same": True}
    assert told["person"] == "ann@example.com"


def test_the_session_of_a_page_reads_it_too(client: Client, boss: User, ask: Ask) -> None:
    """Who is signed in needs no token."""
    client.force_login(boss)

    assert ask(the_charge(), token=None).status == 200


@pytest.mark.parametrize("token", [None, "fbp_wrong", "fbs_wrong"])
def test_without_a_token_nobody_reads_it(ask: Ask, token: str | None) -> None:
    """No token and a wrong one are refused in the same words."""
    answer = ask(the_charge(), token=token)

    assert (answer.status, answer.body["code"]) == (401, "unauthorised")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="charges"'


def test_a_token_without_the_scope_reads_nothing(ask: Ask) -> None:
    """A token that may not read data is refused."""
    PersonalToken.objects.update(scopes="")

    assert ask(the_charge()).status == 401


def test_another_method_is_refused(ask: Ask) -> None:
    """An explanation is asked for with GET."""
    answer = ask(the_charge(), method="POST")

    assert (answer.status, answer.headers["Allow"]) == (405, "GET")


def test_what_is_not_there_and_what_is_not_yours_look_the_same(world: World, ask: Ask) -> None:
    """A charge of another team, one that never was and a text that is no id are answered byte for byte alike (T2)."""
    world.send(event("x1", "eve@example.com", "A", "2026-03-02 08:00", "2026-03-02 17:00"), ent=True)
    foreign = charged_item_id(Charge.objects.get(contract=world.ent_contract).pk)

    answers = [ask(item) for item in (foreign, charged_item_id(10**9), "NOTANID", "7zk3m0qw9a1b", "%00")]

    assert {(answer.status, answer.body["code"], json.dumps(answer.body)) for answer in answers} == {
        (404, "not_found", json.dumps(answers[0].body))
    }


@pytest.mark.parametrize("role", list(Role))
def test_only_administrators_read(client: Client, world: World, boss: User, role: Role) -> None:
    """Each administrative role may read it, a mere user may not (quality: authorization matrix)."""
    roles = {world.ent: role}
    other = catalogue.add_account("other@example.com", PASSWORD, "Other", roles=roles, now=NOW)
    world.send(event("x1", "eve@example.com", "A", "2026-03-02 08:00", "2026-03-02 17:00"), ent=True)
    item = charged_item_id(Charge.objects.get(contract=world.ent_contract).pk)
    client.force_login(other)

    status = client.get(f"/v1/charges/{item}/explanation").status_code

    assert status == (404 if role is Role.USER else 200)


def test_another_team_changes_no_byte(world: World, ask: Ask) -> None:
    """The same bytes come with and without another team's use of the same products by the same people (T1)."""
    before = ask(the_charge()).body

    world.give("50", ent=True)
    world.send(event("e1", "ann@example.com", "A", "2026-03-02 08:00", "2026-03-02 17:00"), ent=True)
    world.send(event("e2", "ann@example.com", "B", "2026-03-02 07:00", "2026-03-02 17:00"), ent=True)

    assert ask(the_charge()).body == before


def test_hidden_names_stay_hidden(world: World, ask: Ask) -> None:
    """Where the team hides names, neither the name nor the event's id is in the answer (quality T4)."""
    Team.objects.filter(pk=world.flex.pk).update(names_hidden=True)

    told = ask(the_charge()).body

    assert told["person"].startswith("u-")
    assert told["use"]["event"] is None
    assert "ann@" not in json.dumps(told)
