"""`GET /tokenflex/v1/usage/{contract}/query/{id}`: how a query stands, its pages, and who may look (usage-api 5.4)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.test.utils import override_settings
from tests.api.askers import Askers, Who
from tests.api.sending import Answer, Sender, an_event

from farebox.records.models import StoredQuery, Team
from farebox.services import queries
from farebox.services.project import project
from farebox.services.queries import QueryStatus
from farebox.services.queries import service as limits
from farebox.wallclock import now

QUESTION = {"fields": ["productLineCode", "userName"], "metrics": ["tokensConsumed"]}
ROWS = [["A", "ann@example.com", 7], ["A", "ben@example.com", 7], ["B", "ann@example.com", 10]]


@pytest.fixture
def askers(sender: Sender, house: None) -> Askers:
    """Return everybody who may ask."""
    return Askers(sender)


def ask(
    askers: Askers,
    method: str = "GET",
    query: str = "",
    *,
    body: object = QUESTION,
    who: Who = Who.PRIMARY,
    number: str = "",
) -> Answer:
    """Send a request about queries of a contract; `query` is what stands behind the address."""
    got = askers.sender.client.generic(
        method,
        f"/tokenflex/v1/usage/{number or askers.own}/query{query}",
        json.dumps(body),
        content_type="application/json",
        headers=askers.headers(who),
    )
    return Answer(got.status_code, dict(got.headers), json.loads(got.content) if got.content else None)


def submitted(askers: Askers, **more: Any) -> dict[str, Any]:
    """Submit the question and return the reply."""
    answer = ask(askers, "POST", **more)
    assert answer.status == 200, answer.body
    reply: dict[str, Any] = answer.body
    return reply


def unfinished(status: QueryStatus = QueryStatus.PROCESSING) -> None:
    """Put every query back to where another server carries it out."""
    StoredQuery.objects.update(status=status, claimed_until_us=now() + 10**9, expires_us=None)


def test_a_ready_answer_is_in_the_reply_with_its_id_and_address(askers: Askers) -> None:
    """Status 200, never 201 or 202; the first page at once; the address leads from the host's root (usage-api 9)."""
    reply = submitted(askers)

    assert list(reply) == ["status", "id", "detail_uri", "dataAsOf", "result"]
    assert reply["result"] == {
        "columns": ["productLineCode", "userName", "tokensConsumed"],
        "rows": ROWS,
        "total": 3,
        "offset": 0,
        "limit": 100,
    }
    found = askers.sender.client.get(reply["detail_uri"], headers=askers.headers(Who.PRIMARY)).json()
    assert list(found) == ["id", "status", "dataAsOf", "result"]
    assert {**found, "detail_uri": reply["detail_uri"]} == reply


@override_settings(QUERY_HOLD_SECONDS=0)
def test_what_is_not_ready_has_an_id_and_no_result(askers: Askers) -> None:
    """The reply to POST has three members, that to GET two, until the query is done."""
    query = submitted(askers)["id"]
    uri = f"/tokenflex/v1/usage/{askers.own}/query/{query}"

    for status in (QueryStatus.QUEUED, QueryStatus.PROCESSING):
        unfinished(status)
        assert submitted(askers) == {"status": status, "id": query, "detail_uri": uri}
        assert ask(askers, query=f"/{query}").body == {"id": query, "status": status}


@pytest.mark.parametrize("status", [QueryStatus.FAILED, QueryStatus.TIMEOUT])
def test_what_did_not_end_well_says_so_with_200(askers: Askers, status: QueryStatus) -> None:
    """Every state is an answer of its own; submitting again tries again."""
    query = submitted(askers)["id"]
    StoredQuery.objects.update(status=status)

    found = ask(askers, query=f"/{query}")

    assert (found.status, found.body) == (200, {"id": query, "status": status})
    assert submitted(askers)["status"] == "DONE"


def test_an_expired_answer_says_so_with_200(askers: Askers) -> None:
    """EXPIRED means: submit it again, and the id is the same as long as nothing was used."""
    query = submitted(askers)["id"]
    StoredQuery.objects.update(expires_us=now())

    found = ask(askers, query=f"/{query}")

    assert (found.status, found.body) == (200, {"id": query, "status": "EXPIRED"})
    again = submitted(askers)
    assert (again["id"], again["result"]["rows"]) == (query, ROWS)


def test_pages_follow_each_other(askers: Askers) -> None:
    """Offset and limit cut the rows; past the end there are none, and the total stays."""
    query = submitted(askers)["id"]
    pages = [ask(askers, query=f"/{query}?offset={nth}&limit=1").body["result"] for nth in range(4)]

    assert [page["rows"] for page in pages] == [[row] for row in ROWS] + [[]]
    assert {(page["total"], page["limit"]) for page in pages} == {(3, 1)}


def test_what_means_nothing_beside_a_query_is_ignored(askers: Askers) -> None:
    """Some programs send a body with GET, or parameters of their own (usage-api 9.6)."""
    query = submitted(askers)["id"]

    for tail in ("?page=7&foo=bar", "?offset=&limit=", "/"):
        assert ask(askers, query=f"/{query}{tail}", body={"offset": 5}).body["result"]["rows"] == ROWS


@pytest.mark.parametrize(
    ("page", "problems"),
    [
        ("?offset=-1&limit=x", ["/offset invalid_value", "/limit invalid_value"]),
        ("?limit=10001", ["/limit out_of_range"]),
    ],
)
def test_a_page_that_is_none_is_refused(askers: Askers, page: str, problems: list[str]) -> None:
    """A page has an end, and both its numbers are whole."""
    answer = ask(askers, query=f"/{submitted(askers)['id']}{page}")

    assert answer.status == 400
    assert [f"{one['pointer']} {one['code']}" for one in answer.body["problems"]] == problems


def test_pages_stay_while_usage_comes_in(askers: Askers) -> None:
    """An answer that is being paged does not change; asked again there is another, with another id (R4)."""
    first = submitted(askers)
    assert askers.sender.post(an_event("more", subject="cy@example.com")).status == 200
    project()

    assert ask(askers, query=f"/{first['id']}?offset=1").body["result"]["rows"] == ROWS[1:]
    later = submitted(askers)
    assert (later["id"] == first["id"], later["result"]["total"]) == (False, 4)


def test_an_unknown_query_is_a_bad_request(askers: Askers, client: Client) -> None:
    """One that never was, one forgotten and one of another contract look the same (usage-api 1.2)."""
    query = submitted(askers)["id"]
    foreign = ask(askers, query=f"/{query}", number=askers.foreign, who=Who.STRANGER)
    answers = [foreign, *(ask(askers, query=f"/{one}") for one in ("0" * 56, "x", "query:1", "%00", "a" * 2000))]

    assert {answer.status for answer in answers} == {400}
    assert {answer.body["problems"][0]["code"] for answer in answers} == {"unknown_query"}
    assert len({str(answer.body) for answer in answers}) == 1


@pytest.mark.parametrize(
    ("who", "status"),
    [
        (Who.ANONYMOUS, 401),
        (Who.USER, 403),
        (Who.SSO, 200),
        (Who.SECONDARY, 200),
        (Who.PRIMARY, 200),
        (Who.READER, 200),
        (Who.WRITER, 403),
        (Who.STRANGER, 403),
    ],
)
def test_who_may_read_the_contract_may_look(askers: Askers, who: Who, status: int) -> None:
    """Submitting and looking take data:read and a role that reports; answers are shared by those who have both."""
    query = submitted(askers)["id"]

    assert ask(askers, query=f"/{query}", who=who).status == status
    assert ask(askers, "POST", who=who).status == status


def test_hidden_names_end_what_was_shown(askers: Askers) -> None:
    """The switch holds for answers that are stored already: they expire at once (P1)."""
    query = submitted(askers)["id"]
    Team.objects.filter(slug="flex").update(names_hidden=True)

    assert ask(askers, query=f"/{query}").body == {"id": query, "status": "EXPIRED"}
    assert not {row[1] for row in submitted(askers)["result"]["rows"]} & {row[1] for row in ROWS}


def test_too_many_at_once_are_told_when_to_come_back(askers: Askers, monkeypatch: pytest.MonkeyPatch) -> None:
    """429 in the gateway's words, with Retry-After (usage-api 1.2)."""
    submitted(askers)
    unfinished()
    monkeypatch.setattr(limits, "UNFINISHED_MAX", 1)

    answer = ask(askers, "POST", body={"metrics": ["useCount"]})

    assert (answer.status, answer.headers["Retry-After"]) == (429, "60")
    assert answer.body == {"developerMessage": "Quota limit exceeded."}
    assert ask(askers, "POST", body={"metrics": ["useCount"]}, who=Who.SECONDARY).status == 200


def test_a_process_that_ends_leaves_its_pool(askers: Askers) -> None:
    """The pool of the process is made on first use and again after it was ended."""
    first = queries.pool()
    queries.stop()

    assert queries.pool() is not first
    assert submitted(askers)["status"] == "DONE"
