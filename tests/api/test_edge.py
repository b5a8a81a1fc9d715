"""What all addresses of the API have in common: slashes, methods, addresses that lead nowhere, and other origins."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from tests.world import World

from farebox.domain.rights import Role
from farebox.records.models import User
from farebox.services import catalogue, tokens
from farebox.wallclock import now

ORIGIN = {"Origin": "https://reports.example.com"}
DOORS = ["/tokenflex/v1/contract", "/v1/events", "/authentication/v2/token", "/userinfo", "/downloads/x"]
PAGES = ["/settings", "/reporting/token-usage", "/accounts/login/", "/authentication/v2/authorize", "/livez", "/v10"]


@pytest.fixture
def boss(world: World) -> User:
    """Return the administrator of the Flex team."""
    return catalogue.add_account(
        "boss@example.com", "correct horse", "Boss", roles={world.flex: Role.PRIMARY}, now=now()
    )


@pytest.fixture
def bearing(boss: User) -> dict[str, str]:
    """Return the header by which the administrator asks."""
    _, token = tokens.make(boss, name="script", days=30, now=now(), scopes="data:read data:write")
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def schedules(world: World) -> str:
    """Return an address that can be read and written."""
    return f"/tokenflex/v1/export/{world.flex_contract.number}/schedules"


def test_a_slash_at_the_end_changes_nothing(client: Client, bearing: dict[str, str], schedules: str) -> None:
    """Some addresses of the published pages end in a slash and some do not; both are answered (usage-api 1)."""
    made = client.post(
        f"{schedules}/",
        {
            "dateRangeExpression": "Previous-1-Month",
            "frequencyExpression": "0 0 18 5 * *",
            "scheduleObjects": [{"usageCategory": "CLOUD", "aggregationLevel": ["Daily"]}],
        },
        content_type="application/json",
        headers=bearing,
    ).json()

    for slash in ("", "/"):
        assert client.get(f"{schedules}{slash}", headers=bearing).json() == [made]
        assert client.get(f"{schedules}/{made['scheduleID']}{slash}", headers=bearing).json() == made
    assert client.delete(f"{schedules}/{made['scheduleID']}/", headers=bearing).status_code == 204


def test_one_slash_is_taken_off_and_no_more(client: Client, bearing: dict[str, str], schedules: str) -> None:
    """Two slashes are another address, as they are in the middle."""
    assert client.get(f"{schedules}//", headers=bearing).status_code == 404
    assert client.get(schedules.replace("/export/", "//export/"), headers=bearing).status_code == 404


@pytest.mark.parametrize("path", ["/tokenflex/v1", "/tokenflex/v1/", "/tokenflex/v1/nothing", "/tokenflex/v1/a/b/c/d/"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH"])
def test_an_address_that_leads_nowhere_says_so_in_json(client: Client, method: str, path: str, db: None) -> None:
    """The compatible API answers in its own words, with or without a token."""
    got = client.generic(method, path)

    assert (got.status_code, got["Content-Type"]) == (404, "application/json")
    assert got.json() == {"Code": "NotFoundError", "Message": "NotFoundError: There is no such address"}


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/nothing", "/v1/events/", "/api/v1/nothing"])
def test_our_own_addresses_that_lead_nowhere_say_so_as_problems(client: Client, path: str, db: None) -> None:
    """Farebox's own API answers with a problem document."""
    got = client.get(path)

    assert (got.status_code, got["Content-Type"]) == (404, "application/problem+json")
    assert got.json()["code"] == "not_found"


def test_a_page_that_is_not_there_is_a_page(client: Client, db: None) -> None:
    """People are told in HTML; an address that only begins like the API's is no part of it."""
    for path in ("/nothing", "/tokenflex/v10", "/v1x"):
        got = client.get(path)
        assert (got.status_code, got["Content-Type"].split(";")[0]) == (404, "text/html")


def test_a_wrong_method_is_told_the_right_ones(client: Client, bearing: dict[str, str], schedules: str) -> None:
    """405 has a body and names the methods; it says nothing about who may use them."""
    for headers in (bearing, {}):
        got = client.patch(schedules, headers=headers)
        assert (got.status_code, got["Allow"]) == (405, "GET, HEAD, POST")
        assert got.json() == {
            "Code": "MethodNotAllowedError",
            "Message": "MethodNotAllowedError: Use GET, HEAD, POST",
        }


def test_a_method_is_not_overridden_by_a_header(client: Client, bearing: dict[str, str], schedules: str) -> None:
    """Only the method itself counts (quality: path and route tricks)."""
    overridden = {"X-HTTP-Method-Override": "DELETE", "X-Method-Override": "DELETE", "X-HTTP-Method": "DELETE"}

    assert client.get(f"{schedules}/x", headers=bearing | overridden).status_code == 400
    assert client.post(f"{schedules}/x", headers=bearing | overridden).status_code == 405


def test_head_is_get_without_its_body(client: Client, bearing: dict[str, str], schedules: str) -> None:
    """The same status and headers, the length of the body that is left out, and no body."""
    for headers, status in ((bearing, 200), ({}, 401)):
        head, get = client.head(schedules, headers=headers), client.get(schedules, headers=headers)
        assert (head.status_code, get.status_code, head.content) == (status, status, b"")
        assert int(head["Content-Length"]) == len(get.content)
        assert head["Content-Type"] == get["Content-Type"]
    assert client.head(f"{schedules}/nothing/x", headers=bearing).status_code == 404


def test_options_names_the_methods(client: Client, schedules: str, db: None) -> None:
    """Without an origin that asks, OPTIONS is answered with what is allowed, and needs no token."""
    got = client.options(schedules)

    assert (got.status_code, got["Allow"], got.content) == (204, "GET, HEAD, POST", b"")


@pytest.mark.parametrize("path", DOORS)
def test_another_origin_may_ask_with_a_token(client: Client, path: str, db: None) -> None:
    """A preflight is answered for any origin, with methods and headers by name, and without cookies (usage-api 9)."""
    got = client.options(path, headers=ORIGIN | {"Access-Control-Request-Method": "DELETE"})

    assert got.status_code == 200
    assert got["Access-Control-Allow-Origin"] == "*"
    assert set(got["Access-Control-Allow-Methods"].split(", ")) == {"GET", "POST", "PUT", "DELETE", "OPTIONS"}
    assert {"authorization", "content-type", "adsk-pat"} <= set(got["Access-Control-Allow-Headers"].split(", "))
    assert "*" not in got["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in got


def test_answers_and_refusals_can_be_read_by_another_origin(
    client: Client, bearing: dict[str, str], schedules: str
) -> None:
    """So can a refusal, or a program could not tell why; three headers of ours can be read besides."""
    for headers, status in ((bearing, 200), ({}, 401)):
        got = client.get(schedules, headers=headers | ORIGIN)
        assert (got.status_code, got["Access-Control-Allow-Origin"]) == (status, "*")
        assert set(got["Access-Control-Expose-Headers"].split(", ")) == {
            "retry-after",
            "content-range",
            "content-disposition",
        }
        assert "Access-Control-Allow-Credentials" not in got
    assert client.get("/tokenflex/v1/nothing", headers=ORIGIN)["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_not_for_other_origins(client: Client, path: str, db: None) -> None:
    """Nothing that is made for people, with their cookies, can be read by another site."""
    for got in (
        client.get(path, headers=ORIGIN),
        client.options(path, headers=ORIGIN | {"Access-Control-Request-Method": "GET"}),
    ):
        assert not [name for name in got.headers if name.startswith("Access-Control-")]


def test_cookies_of_another_origin_change_nothing(boss: User, schedules: str) -> None:
    """
    A session sent along from another origin neither writes nor lets its answer be read.

    Browsers give no answer to a page that sent cookies unless the server allows credentials, which it never does.
    """
    client = Client(enforce_csrf_checks=True)
    client.force_login(boss)
    body = json.dumps({"frequencyExpression": "0 0 18 5 * *"})

    for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded"):
        written = client.post(schedules, body, content_type=kind, headers=ORIGIN)
        assert (written.status_code, written.json()["errorCode"]) == (401, "AUTH-012")
    read = client.get(schedules, headers=ORIGIN)
    assert (read["Access-Control-Allow-Origin"], "Access-Control-Allow-Credentials" in read) == ("*", False)
