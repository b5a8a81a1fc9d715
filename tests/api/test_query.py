"""`POST /tokenflex/v1/usage/{contract}/query`: who may ask, what is refused with every problem, and what comes back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from tests.api.sending import Answer, Sender, an_event

from farebox.domain.clock import DAY, Instant
from farebox.domain.rights import Role
from farebox.records.models import Membership, Person, PersonalToken, Team, User
from farebox.services import catalogue, tokens
from farebox.services.project import project
from farebox.wallclock import now

PASSWORD = "correct horse battery"
EVERYTHING = {"fields": ["productName", "userName"], "metrics": ["tokensConsumed", "uniqueUsers", "useCount"]}


@dataclass
class Asker:
    """An administrator of the Flex team, with a personal token."""

    client: Client
    user: User
    number: str
    token: str

    def ask(
        self, body: object, *, number: str | None = None, token: str | None = None, method: str = "POST", **more: Any
    ) -> Answer:
        """Ask about a contract; a body that is bytes is sent as it is."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = self.token if token is None else token
        headers = {"Authorization": f"Bearer {given}"} if given else {}
        got = self.client.generic(
            method,
            f"/tokenflex/v1/usage/{number or self.number}/query{more.pop('page', '')}",
            raw,
            CONTENT_TYPE=more.pop("kind", "application/json"),
            headers=headers | more.pop("headers", {}),
        )
        return Answer(got.status_code, dict(got.headers), json.loads(got.content) if got.content else None)

    def rows(self, body: object, **more: Any) -> list[list[object]]:
        """Ask and return the rows."""
        answer = self.ask(body, **more)
        assert answer.status == 200, answer.body
        rows: list[list[object]] = answer.body["result"]["rows"]
        return rows


def codes(answer: Answer) -> list[str]:
    """Return the problems of a refused question as "pointer code", after checking the body that carries them."""
    assert answer.status == 400
    assert answer.body["Code"] == "BadRequestError"
    assert answer.body["Message"] == "BadRequestError: Invalid request"
    return [f"{problem['pointer']} {problem['code']}" for problem in answer.body["problems"]]


@pytest.fixture
def asker(sender: Sender, house: None) -> Asker:
    """Return an administrator whose team used A twice (14 tokens), B once (10) and Z once (0)."""
    world = sender.world
    world.give("100")
    used = [("ann@example.com", "A"), ("ben@example.com", "A"), ("ann@example.com", "B"), ("cy@example.com", "Z")]
    events = [an_event(str(nth), subject=who, data={"product": what}) for nth, (who, what) in enumerate(used)]
    assert sender.post(events).counts == (4, 4, 0, 0, 0)
    project()
    user = catalogue.add_account("boss@example.com", PASSWORD, "Boss", roles={world.flex: Role.PRIMARY}, now=now())
    _, token = tokens.make(user, name="script", days=30, now=now())
    return Asker(sender.client, user, world.flex_contract.number, token)


def test_columns_come_in_the_order_asked_for_and_rows_sorted(asker: Asker) -> None:
    """Fields, then metrics, in request order; rows ascend by their fields (usage-api Q1, Q6)."""
    answer = asker.ask({"metrics": ["useCount", "tokensConsumed"], "fields": ["userName", "productLineCode"]})

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.body["status"] == "DONE"
    assert answer.body["result"] == {
        "columns": ["userName", "productLineCode", "useCount", "tokensConsumed"],
        "rows": [
            ["ann@example.com", "A", 1, 7],
            ["ann@example.com", "B", 1, 10],
            ["ben@example.com", "A", 1, 7],
            ["cy@example.com", "Z", 1, 0],
        ],
        "total": 4,
        "offset": 0,
        "limit": 100,
    }


def test_an_answer_says_what_it_answers_and_as_of_when(asker: Asker) -> None:
    """Equal questions at one position of the ledger have one id of 56 hexadecimal digits, and an address with it."""
    first, again, other = (asker.ask(body).body for body in (EVERYTHING, EVERYTHING, {"metrics": ["useCount"]}))

    assert first["id"] == again["id"] != other["id"]
    assert len(bytes.fromhex(first["id"])) == 28
    assert first["detail_uri"] == f"/tokenflex/v1/usage/{asker.number}/query/{first['id']}"
    assert first["dataAsOf"].endswith("Z")


def test_numbers_are_json_numbers(asker: Asker) -> None:
    """Clients calculate with what they get; a tenth of a token is exact."""
    raw = asker.client.post(
        f"/tokenflex/v1/usage/{asker.number}/query",
        json.dumps({"metrics": ["tokensConsumed", "usageHours", "uniqueProducts"], "fields": ["contractYear"]}),
        content_type="application/json",
        headers={"Authorization": f"Bearer {asker.token}"},
    ).content.decode()

    assert '"rows":[[1,24,' in raw.replace("24.0", "24")
    (row,) = json.loads(raw)["result"]["rows"]
    assert all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in row)
    assert row[1:] == [24, 4, 3]


def test_pages_share_one_total(asker: Asker) -> None:
    """Offset and limit cut rows; past the end there are none, and the total stays."""
    whole = asker.rows(EVERYTHING)

    assert asker.rows(EVERYTHING, page="?offset=1&limit=2") == whole[1:3]
    assert asker.rows(EVERYTHING, page="?offset=4") == []
    assert asker.rows(EVERYTHING, page="?limit=0") == []
    past = asker.ask(EVERYTHING, page="?offset=999999999&limit=10000").body["result"]
    assert (past["total"], past["rows"], past["offset"], past["limit"]) == (4, [], 999_999_999, 10_000)


@pytest.mark.parametrize(
    ("page", "problems"),
    [
        ("?offset=-1", ["/offset invalid_value"]),
        ("?limit=1.5&offset=x", ["/offset invalid_value", "/limit invalid_value"]),
        ("?limit=10001", ["/limit out_of_range"]),
        ("?limit=1000000000000", ["/limit invalid_value"]),
        ("?limit=%D9%A1%D9%A2", ["/limit invalid_value"]),
        ("?offset=%00", ["/offset invalid_value"]),
    ],
)
def test_a_page_that_is_none_is_refused(asker: Asker, page: str, problems: list[str]) -> None:
    """Offset and limit are whole numbers in ASCII digits, and a page has an end."""
    assert codes(asker.ask(EVERYTHING, page=page)) == problems


@pytest.mark.parametrize("where", ["", " ", "1=1", "productName LIKE '%Prod%'", "usageDate >= '2000-01-01'"])
def test_a_clause_that_holds_for_all_filters_nothing(asker: Asker, where: str) -> None:
    """Connectors always send `where`, often empty."""
    assert asker.rows({**EVERYTHING, "where": where}) == asker.rows(EVERYTHING)


def test_where_filters_by_fields_that_are_not_selected(asker: Asker) -> None:
    """A clause may name any field of the category."""
    question = {"metrics": ["tokensConsumed"], "where": "userName = 'ann@example.com' and productLineCode IN ('A','Z')"}

    assert asker.rows(question) == [[7]]


def test_every_problem_of_a_question_is_listed(asker: Asker) -> None:
    """Form, names, pages and clause are all checked at once."""
    answer = asker.ask(
        {
            "fields": ["productNam", 7, "tokensConsumed"],
            "metrics": "useCount",
            "usageCategory": ["DESKTOP"],
            "where": "colour = 'red'",
            "orderBy": "productName",
            "teamId": 1,
        },
        page="?limit=-1",
    )

    assert codes(answer) == [
        "/limit invalid_value",
        "/fields/1 invalid_value",
        "/metrics invalid_value",
        "/orderBy unknown_field",
        "/teamId unknown_field",
        "/fields/0 unknown_field",
        "/fields/2 metric_as_field",
        "/usageCategory/0 unknown_category",
        "/where where_unknown_field",
    ]


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        (b"", [" invalid_json"]),
        (b"[]", [" not_an_object"]),
        (b'"fields"', [" not_an_object"]),
        (b'{"fields":["productName"]}x', [" invalid_json"]),
        (b'\xef\xbb\xbf{"fields":["productName"]}', [" invalid_json"]),
        ('{"fields":["productName"]}'.encode("utf-16"), [" invalid_json"]),
        (b"[" * 100_000, [" invalid_json"]),
        (b'{"fields":' + b"[" * 100_000 + b"]" * 100_000 + b"}", [" invalid_json"]),
        (b'{"fields":["productName"],"fields":["userName"]}', [" duplicate_key"]),
        (b'{"fields":["productName"],"metrics":[NaN]}', [" invalid_json"]),
        (b'{"fields":["\\ud800"]}', [" invalid_json"]),
        (b'{"fields":null}', ["/fields invalid_value"]),
        (b'{"fields":{"0":"productName"}}', ["/fields invalid_value"]),
        (b'{"fields":["productName"],"where":null}', ["/where invalid_value"]),
        (b"{}", [" nothing_asked"]),
        (b'{"fields":[],"metrics":[],"where":""}', [" nothing_asked"]),
        (json.dumps({"metrics": ["useCount"], "where": "not productName = 'x'"}).encode(), ["/where where_not"]),
        (json.dumps({"metrics": ["useCount"], "where": "a" * 5_000}).encode(), ["/where where_too_long"]),
        (json.dumps({"fields": ["productName"] * 2_000}).encode(), ["/fields too_many_names"]),
        (b'{"fields":["sessionStartDate"],"usageCategory":["DESKTOP_PRODUCT"]}', ["/fields/0 export_only"]),
    ],
)
def test_a_question_that_means_nothing_is_refused(asker: Asker, body: bytes, problems: list[str]) -> None:
    """Each fault has its code and its place; nothing is an error of the server's."""
    assert codes(asker.ask(body)) == problems


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "text/json"])
def test_a_question_is_json(asker: Asker, kind: str) -> None:
    """Another content type is a bad request, like every fault on this API."""
    assert codes(asker.ask(EVERYTHING, kind=kind)) == [" unknown_media_type"]
    assert asker.ask(EVERYTHING, kind="application/json; charset=utf-8").status == 200


def test_a_question_that_is_too_large_is_refused(asker: Asker) -> None:
    """The cap of bodies holds here too, and is a bad request."""
    assert codes(asker.ask(b" " * (8 * 2**20 + 1))) == [" body_too_large"]
    assert codes(asker.ask(b"x", headers={"Content-Encoding": "br"})) == [" unknown_encoding"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_query_is_posted(asker: Asker, method: str) -> None:
    """No other method asks anything."""
    answer = asker.ask(EVERYTHING, method=method)

    assert answer.status == 405
    assert "POST" in answer.headers["Allow"]
    assert answer.body["Code"] == "MethodNotAllowedError"


def refused(answer: Answer) -> tuple[int, str]:
    """Return the status and gateway code of a refused sign-in, after checking the body and the challenge."""
    assert answer.body.keys() == {"developerMessage", "userMessage", "errorCode", "more info"}
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="tokenflex"'
    return answer.status, answer.body["errorCode"]


def test_without_a_token_nobody_asks(asker: Asker) -> None:
    """A missing and an invalid token are told apart, as the gateway of the published API does; contracts are not."""
    assert refused(asker.ask(EVERYTHING, token="")) == (401, "AUTH-012")
    assert refused(asker.ask(EVERYTHING, token="fbp_wrong")) == (401, "AUTH-006")
    assert refused(asker.ask(EVERYTHING, token="wrong")) == (401, "AUTH-006")
    assert refused(asker.ask(EVERYTHING, token="", headers={"Authorization": "Basic eDp5"})) == (401, "AUTH-006")
    assert refused(asker.ask(EVERYTHING, token="", number="nothing")) == (401, "AUTH-012")


def test_a_token_that_ended_is_as_good_as_none(asker: Asker, sender: Sender) -> None:
    """Revoked, expired, of an account that was closed, or a source key: all the same answer."""
    row, revoked = tokens.make(asker.user, name="old", days=1, now=now())
    tokens.revoke(asker.user, row.pk, now=now())
    _, expired = tokens.make(asker.user, name="older", days=1, now=Instant(now() - 2 * DAY))

    bodies = [asker.ask(EVERYTHING, token=token) for token in (revoked, expired, sender.key)]
    User.objects.update(is_active=False)
    bodies.append(asker.ask(EVERYTHING))

    assert {refused(answer) for answer in bodies} == {(401, "AUTH-006")}
    assert len({str(answer.body) for answer in bodies}) == 1


def test_a_token_without_the_scope_is_too_weak(asker: Asker) -> None:
    """Reading usage takes data:read; a token that may only write is 403."""
    PersonalToken.objects.update(scopes="data:write")

    assert refused(asker.ask(EVERYTHING)) == (403, "AUTH-010")


def test_a_token_is_noted_as_used(asker: Asker) -> None:
    """The list of tokens can tell which are still needed."""
    asker.ask(EVERYTHING)

    assert PersonalToken.objects.get().used_us is not None


def test_a_contract_that_is_not_ours_is_as_if_it_were_not_there(asker: Asker, sender: Sender) -> None:
    """Foreign and unknown contracts get equal bytes, whatever was asked (T2)."""
    foreign = sender.world.ent_contract.number
    questions: list[Any] = [EVERYTHING, b"{", {"fields": ["nothing"]}]

    answers = [
        asker.ask(body, number=number) for body in questions for number in (foreign, "900000000000", "x%20y", "\u0661")
    ]

    body = {"Code": "ForbiddenError", "Message": "ForbiddenError: Invalid contract or access level"}
    assert [(answer.status, answer.body) for answer in answers] == [(403, body)] * len(answers)
    assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1


@pytest.mark.parametrize(("role", "status"), [("PRIMARY", 200), ("SECONDARY", 200), ("SSO", 200), ("USER", 403)])
def test_administrators_of_the_team_may_ask(asker: Asker, role: str, status: int) -> None:
    """The role counts that the person has now, not the one when the token was made (T3)."""
    Membership.objects.update(role=role)

    assert asker.ask(EVERYTHING).status == status


def test_who_left_the_team_asks_no_more(asker: Asker) -> None:
    """The token is still valid; the contract is not there any more."""
    Membership.objects.all().delete()

    assert asker.ask(EVERYTHING).status == 403


def test_a_session_asks_with_a_proof_from_our_own_page(asker: Asker) -> None:
    """Signed in, the page's CSRF token is needed: a form on another site asks nothing."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(asker.user)
    address = f"/tokenflex/v1/usage/{asker.number}/query"
    browser.get("/settings")
    proof = browser.cookies["farebox-csrf"].value

    without = browser.post(address, EVERYTHING, content_type="application/json")
    wrong = browser.post(address, EVERYTHING, content_type="application/json", headers={"X-CSRFToken": "x" * 64})
    right = browser.post(address, EVERYTHING, content_type="application/json", headers={"X-CSRFToken": proof})

    assert [(got.status_code, got.json().get("errorCode")) for got in (without, wrong, right)] == [
        (401, "AUTH-012"),
        (401, "AUTH-012"),
        (200, None),
    ]
    assert right.json()["result"]["rows"] == asker.rows(EVERYTHING)


def test_a_wrong_token_is_not_made_good_by_a_session(asker: Asker) -> None:
    """Who shows a token is judged by it."""
    asker.client.force_login(asker.user)

    assert refused(asker.ask(EVERYTHING, token="fbp_wrong")) == (401, "AUTH-006")


def test_hidden_names_are_hidden_in_every_column_and_clause(asker: Asker) -> None:
    """With names hidden a person is a pseudonym, counts stay the same, and no clause can test a name (P1, P2)."""
    shown = asker.rows(EVERYTHING)
    Team.objects.filter(slug="flex").update(names_hidden=True)
    pseudonyms = dict(Person.objects.values_list("key", "pseudonym"))

    hidden = asker.rows(EVERYTHING)

    assert sorted(hidden) == sorted([product, pseudonyms[str(name)], *rest] for product, name, *rest in shown)
    by_pseudonym = f"userName = '{pseudonyms['ann@example.com']}'"
    assert asker.rows({"metrics": ["useCount"], "where": by_pseudonym}) == [[2]]
    for where in (
        "userName = 'ann@example.com'",
        "userName LIKE '%example%'",
        "userName >= 'ann' AND userName < 'ann~'",
    ):
        assert asker.rows({"metrics": ["useCount"], "fields": ["userName"], "where": where}) == []


def test_what_is_asked_never_names_the_contract(asker: Asker, sender: Sender) -> None:
    """No clause reaches beyond the contract of the address (T1)."""
    sender.world.give("50", ent=True)
    sender.world.send(json.dumps(an_event("z", subject="eve@example.com")).encode(), ent=True, now=now())
    project()

    assert all(name != "eve@example.com" for _, name, *_ in asker.rows({**EVERYTHING, "where": "1=1 OR 1=1"}))
    assert asker.rows({"metrics": ["tokensConsumed"]}) == [[24]]
