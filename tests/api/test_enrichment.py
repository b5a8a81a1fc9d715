"""`PUT /v1/contracts/{number}/enrichment/{category}`: who may tell values, in which forms, and what is refused."""

from __future__ import annotations

import gzip
import json
from typing import Any
from urllib.parse import quote

import pytest
from tests.api.askers import Askers, Who
from tests.api.sending import Answer, Sender

from farebox.domain.enrichment import ROWS_MAX
from farebox.records.models import Audit, ContractField, Enrichment, Person
from farebox.services.project import project

LUND = {"person": "ann@example.com", "value": "Lund"}
MOVED = {"person": "ann@example.com", "value": "Malmö", "from": "2026-04-01"}
DEPARTMENT = "Department"


@pytest.fixture
def askers(sender: Sender, house: None) -> Askers:
    """Return everybody who may ask."""
    return Askers(sender)


def put(
    askers: Askers,
    body: object,
    *,
    who: Who = Who.PRIMARY,
    category: str = DEPARTMENT,
    number: str = "",
    kind: str = "application/json",
    **headers: str,
) -> Answer:
    """Tell a category; a body that is bytes is sent as it is."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    address = f"/v1/contracts/{number or askers.own}/enrichment/{quote(category)}"
    sent = askers.headers(who) | headers
    got = askers.sender.client.put(address, raw, content_type=kind, headers=sent)
    return Answer(got.status_code, dict(got.headers), json.loads(got.content))


def values(*rows: dict[str, Any]) -> dict[str, Any]:
    """Return a body that tells some rows."""
    return {"values": list(rows)}


def problems(answer: Answer, status: int = 400) -> list[str]:
    """Return the problems of a refusal as "pointer code"."""
    assert answer.status == status, answer.body
    assert answer.headers["Content-Type"] == "application/problem+json"
    return [f"{problem['pointer']} {problem['code']}" for problem in answer.body.get("problems", [])]


def by(askers: Askers, field: str) -> dict[str, float]:
    """Return the tokens by a field, as the usage API answers the primary administrator."""
    project()
    body = json.dumps({"fields": [field], "metrics": ["tokensConsumed"]})
    address = f"/tokenflex/v1/usage/{askers.own}/query"
    got = askers.sender.client.post(address, body, content_type="application/json", headers=askers.headers(Who.PRIMARY))
    assert got.status_code == 200, got.content
    return dict(got.json()["result"]["rows"])


def test_a_category_is_told_and_asked_by_its_name(askers: Askers) -> None:
    """A new name takes the first free field, and queries know it by both names at once."""
    told = put(askers, values(LUND, {"person": "new@example.com", "value": "Lund"}))

    assert (told.status, told.body) == (
        200,
        {"category": DEPARTMENT, "field": "customField2", "set": 2, "unchanged": 0, "ended": 0, "unknownPeople": 1},
    )
    assert by(askers, DEPARTMENT) == by(askers, "customField2") == {"": 7, "Lund": 17}
    assert put(askers, values(LUND), category="customField2").body["ended"] == 1


def test_json_and_csv_say_the_same(askers: Askers) -> None:
    """The same list in the other form changes nothing; neither does it compressed."""
    put(askers, values(LUND, MOVED))
    raw = "person,value,from\nANN@example.com,Lund,\nann@example.com,Malmö,2026-04-01\n".encode()

    for told in (
        put(askers, raw, kind="text/csv"),
        put(askers, raw, kind="text/csv; charset=utf-8"),
        put(askers, gzip.compress(raw), kind="text/csv", **{"Content-Encoding": "gzip"}),
        put(askers, values(MOVED, LUND | {"from": ""})),
        put(askers, values(MOVED, LUND | {"from": None})),
    ):
        assert (told.status, told.body["set"], told.body["unchanged"]) == (200, 0, 2)


def test_an_empty_list_ends_every_value(askers: Askers) -> None:
    """The category stays, and nobody has a value under it."""
    put(askers, values(LUND))

    assert put(askers, values()).body | {"category": ""} == {
        "category": "",
        "field": "customField2",
        "set": 0,
        "unchanged": 0,
        "ended": 1,
        "unknownPeople": 0,
    }
    assert by(askers, DEPARTMENT) == {"": 24}


@pytest.mark.parametrize("who", Who)
def test_who_may_tell(askers: Askers, who: Who) -> None:
    """Primary, secondary and SSO administrators with a token that may write; nothing is told by anybody else."""
    told = put(askers, values(LUND), who=who)

    wanted = {Who.ANONYMOUS: 401, Who.READER: 403, Who.USER: 404, Who.STRANGER: 404}.get(who, 200)
    assert told.status == wanted, told.body
    assert Enrichment.objects.count() == Audit.objects.filter(verb="enriched").count() == int(wanted == 200)


@pytest.mark.parametrize("which", ["foreign", "unknown", "deleted"])
def test_other_contracts_are_not_there(askers: Askers, which: str) -> None:
    """A contract of others and one that does not exist are refused in the same words (quality T2)."""
    told = put(askers, values(LUND), number=getattr(askers, which))

    assert told.body == put(askers, values(LUND), number="000").body
    assert told.status == 404


def test_a_token_that_only_reads_is_told_what_it_lacks(askers: Askers) -> None:
    """The problem document names the scope, and does not speak of signing in."""
    refused = put(askers, values(LUND), who=Who.READER)

    assert (refused.status, refused.body["code"]) == (403, "missing_scope")
    assert "data:write" in refused.body["detail"]


def test_it_is_written_down_who_told(askers: Askers) -> None:
    """One row of the audit for each change, with counts and without a name; none where nothing changed (T5)."""
    put(askers, values(LUND))
    put(askers, values(LUND))
    put(askers, values(MOVED))

    first, second = Audit.objects.filter(verb="enriched").order_by("pk")
    assert first.facts == {"field": 2, "set": 1, "unchanged": 0, "ended": 0, "unknown": 0}
    assert second.facts == {"field": 2, "set": 1, "unchanged": 0, "ended": 1, "unknown": 0}
    assert first.actor.startswith("account ")


def test_nothing_is_applied_unless_all_is_right(askers: Askers) -> None:
    """Every problem of every row is told, with that of the name, and not even the category is made."""
    told = put(
        askers,
        values(LUND, MOVED | {"person": "?@"}, LUND | {"value": "Kiruna"}, MOVED | {"from": "1 April"}),
        category="userName",
    )

    assert problems(told) == [
        "/category invalid_category",
        "/values/1/person invalid_person",
        "/values/2 contradiction",
        "/values/3/from invalid_time",
    ]
    assert (Enrichment.objects.count(), ContractField.objects.count()) == (0, 1)


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ({}, ["/values missing"]),
        ([], [" invalid_value"]),
        ({"values": [], "more": 1}, ["/more unknown_field"]),
        ({"values": [{"person": "ann"}, {"value": 7, "person": "ann", "since": ""}]}, None),
        ({"values": {"person": "ann"}}, ["/values invalid_value"]),
        (b"{", [" invalid_json"]),
        (b'{"values": [], "values": []}', [" duplicate_key"]),
        (b'{"values": [{"person": "ann", "value": "\\ud800"}]}', [" invalid_json"]),
    ],
)
def test_a_body_of_another_form_is_refused(askers: Askers, body: object, wanted: list[str] | None) -> None:
    """Members that are missing, unknown or of another kind are named, each at its place."""
    refused = put(askers, body)
    found = problems(refused)

    assert not [words for words in ("Input", "Field", "Extra") if words in str(refused.body)]
    assert not refused.body["detail"].startswith(":")
    assert found == (
        wanted or ["/values/0/value missing", "/values/1/value invalid_value", "/values/1/since unknown_field"]
    )


@pytest.mark.parametrize(
    ("raw", "kind", "status", "wanted"),
    [
        (b"person;value\nann;Lund\n", "text/csv", 400, ["/lines/1 wrong_delimiter"]),
        (b"person,value\nann,Lund\nb,\xff\n", "text/csv", 400, ["/lines/3 invalid_encoding"]),
        (
            b"person,value\nann,Lund\nann,Oslo\nben\n",
            "text/csv",
            400,
            ["/lines/3 contradiction", "/lines/4 wrong_columns"],
        ),
        (b"person,value\n", "text/csv", 400, ["/lines/1 no_rows"]),
        (b"{}", "text/plain", 400, [" unknown_media_type"]),
        (b" " * (8 * 2**20 + 1), "text/csv", 413, []),
        (b" " * (8 * 2**20 + 1), "application/json", 413, []),
        (gzip.compress(b" " * (8 * 2**20 + 1)), "text/csv", 413, []),
    ],
)
def test_a_list_of_another_form_is_refused(
    askers: Askers, raw: bytes, kind: str, status: int, wanted: list[str]
) -> None:
    """What is no list, or too long for one, is refused with what to do about it; compressed it is no smaller."""
    headers = {"Content-Encoding": "gzip"} if raw.startswith(b"\x1f\x8b") else {}

    assert problems(put(askers, raw, kind=kind, **headers), status) == wanted


def test_the_longest_list_is_taken_and_one_row_more_is_not(askers: Askers) -> None:
    """A hundred thousand rows fit into one request; told again, all of them are known."""
    lines = [f"p{number},v{number % 300}" for number in range(ROWS_MAX)]
    raw = "\n".join(["person,value", *lines]).encode()

    assert put(askers, raw, kind="text/csv").body["set"] == ROWS_MAX
    assert put(askers, raw, kind="text/csv").body["unchanged"] == ROWS_MAX
    assert problems(put(askers, raw + b"\none-more,x", kind="text/csv")) == [f"/lines/{ROWS_MAX + 2} too_many_rows"]


@pytest.mark.parametrize("category", [DEPARTMENT, "customField5"])
@pytest.mark.parametrize("rows", [[], [LUND | {"value": ""}]])
def test_a_list_without_any_value_takes_no_field(askers: Askers, rows: list[dict[str, Any]], category: str) -> None:
    """A category that is not there, perhaps a mistyped one, is not made for nothing."""
    refused = put(askers, values(*rows), category=category)

    assert problems(refused) == ["/category unknown_category"]
    assert put(askers, values(LUND), category="Other").body["field"] == "customField2"


@pytest.mark.parametrize(
    "name",
    ["tokensConsumed", "USERNAME", "customField11", "site", "x" * 101, 'a"b', "a'b", "a\\b", "a\nb", " a", "\u202ea"],
)
def test_what_cannot_name_a_category(askers: Askers, name: str) -> None:
    """Fields and metrics, also those there might be, names in another letter case, quotes and control characters."""
    refused = put(askers, values(LUND), category=name)

    assert set(problems(refused)) == {"/category invalid_category"}
    assert ("letter case" in str(refused.body)) == (name in ("USERNAME", "site"))


def test_a_contract_has_ten_categories(askers: Askers) -> None:
    """The eleventh is refused and the ten are named; the ten go on working."""
    for nth in range(2, 11):
        assert put(askers, values(LUND), category=f"C{nth}").body["field"] == f"customField{nth}"

    refused = put(askers, values(LUND), category="C11")
    assert problems(refused) == ["/category too_many_categories"]
    assert "Site" in refused.body["problems"][0]["message"]
    assert put(askers, values(LUND), category="Site").status == 200
    assert put(askers, values(LUND), category="customField7").body["category"] == "C7"


def test_a_numbered_field_needs_no_name(askers: Askers) -> None:
    """A field that nobody has named goes by its number, and is taken for the next new name."""
    assert put(askers, values(LUND), category="customField2").body["category"] == "customField2"
    assert put(askers, values(LUND), category=DEPARTMENT).body["field"] == "customField3"


def test_with_names_hidden_nobody_is_found_out(askers: Askers) -> None:
    """Where names are hidden the answer does not tell whether somebody in the list has used anything (P1)."""
    Person.objects.get(key="ann@example.com").team.__class__.objects.update(names_hidden=True)

    known, strange = put(askers, values(LUND)), put(askers, values(LUND | {"person": "nobody@example.com"}))

    assert known.body.keys() == {"category", "field", "set", "unchanged", "ended"}
    assert known.body.keys() == strange.body.keys()


@pytest.mark.parametrize("who", [Who.SECONDARY, Who.SSO, Who.WRITER])
def test_with_names_hidden_only_the_primary_administrator_tells_values(askers: Askers, who: Who) -> None:
    """A value that one person alone has tells who is behind a pseudonym: only the primary may send one (P1)."""
    Person.objects.get(key="ann@example.com").team.__class__.objects.update(names_hidden=True)

    refused = put(askers, values(LUND), who=who)

    assert (refused.status, refused.body["code"]) == (403, "forbidden")
