"""`POST /v1/authorizations` and its companions, as a product sees them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from tests.services.books import faults
from tests.world import START, World

from farebox.records.models import Assignment, Denial, Entry, Hold, LiveSession
from farebox.services import sources
from farebox.services.catalogue import add_person

ADDRESS = "/v1/authorizations"


class Product:
    """A product with a source key of the Flex team, and one of the installation."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.key = sources.add("product", team="flex", now=START)
        self.everywhere = sources.add("products", now=START)
        world.give("50", until="2099-01-01 00:00")
        for team, name in ((world.flex, "ann"), (world.flex, "ben"), (world.ent, "ann")):
            person = add_person(team, name, name.title(), now=START)
            Assignment.objects.create(person=person, since_us=START)

    def post(self, body: Any, path: str = "", *, key: str = "", **headers: str) -> tuple[int, Any]:
        """Ask, and return the status and the answer."""
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = Client().post(
            ADDRESS + path,
            text,
            content_type="application/json",
            HTTP_AUTHORIZATION=f"Bearer {key or self.key}",
            **headers,  # type: ignore[arg-type]
        )
        return answer.status_code, answer.json()

    def launch(self, person: str = "ann", product: str = "A", **more: Any) -> Any:
        """Ask and expect a decision."""
        status, answer = self.post({"person": person, "product": product, **more})
        assert status == 200, answer
        return answer


@pytest.fixture
def product(world: World) -> Product:
    """A product that may ask for a team with fifty tokens."""
    return Product(world)


def test_a_launch_is_allowed_and_named(product: Product) -> None:
    """The answer has everything that a product shows: the price, what is left, until when it is covered."""
    answer = product.launch("Ann", "A", version="2026", machine="WS-1")
    assert {name: answer[name] for name in ("decision", "reason", "cost", "available", "reserved")} == {
        "decision": "allow",
        "reason": "tokens",
        "cost": "7",
        "available": "43",
        "reserved": "7",
    }
    assert answer["session"].startswith("ses_")
    assert answer["covered_until"] == answer["window"]["end"]


def test_a_session_beats_and_closes(product: Product) -> None:
    """Heartbeat and close answer in the same shape; the close releases what a mistake had reserved."""
    session = product.launch()["session"]
    status, beat = product.post({"active": True}, f"/{session}/heartbeat")
    assert (status, beat["decision"], beat["reason"]) == (200, "allow", "reserved")
    status, closed = product.post({}, f"/{session}/close")
    assert (status, closed["closed"], closed["available"], closed["reserved"]) == (200, True, "50", "0")
    assert product.post({}, f"/{session}/close")[0] == 200
    assert product.post({"active": True}, f"/{session}/heartbeat")[0] == 409
    assert faults() == []


def test_a_denial_is_an_answer(product: Product) -> None:
    """A denial is 200 with its reason; an unknown person and an unknown product are denied, and on record."""
    assert product.launch("nobody")["reason"] == "unknown_person"
    assert product.launch(product="Nothing")["reason"] == "unknown_product"
    assert Denial.objects.count() == 2


def test_a_question_is_asked_with_its_price(product: Product) -> None:
    """`confirm` says what it would cost; with the price agreed to, the same request launches."""
    asked = product.launch(mode="confirm")
    assert (asked["decision"], asked["cost"], asked["available"]) == ("ask", "7", "50")
    assert "session" not in asked
    assert product.launch(mode="confirm", agreed=asked["cost"])["decision"] == "allow"


def test_the_key_of_a_request_is_answered_once(product: Product) -> None:
    """The same Idempotency-Key gives the same answer and one session; another request under it is 409 (L8)."""
    ann = {"person": "ann", "product": "A"}
    first = product.post(ann, HTTP_IDEMPOTENCY_KEY="k1")
    assert product.post(ann, HTTP_IDEMPOTENCY_KEY="k1") == first
    assert product.post({"person": "ben", "product": "A"}, HTTP_IDEMPOTENCY_KEY="k1")[0] == 409
    assert (LiveSession.objects.count(), Hold.objects.count()) == (1, 1)


def test_many_quotes_at_once(product: Product) -> None:
    """People by products, or pairs; nothing is reserved and no denial is recorded."""
    status, answer = product.post({"people": ["ann", "nobody"], "products": ["A", "B"]}, "/batch")
    assert (status, answer["available"], answer["reserved"]) == (200, "50", "0")
    assert [(d["person"], d["product"], d["decision"], d["cost"]) for d in answer["decisions"]] == [
        ("ann", "A", "allow", "7"),
        ("ann", "B", "allow", "10"),
        ("nobody", "A", "deny", "0"),
        ("nobody", "B", "deny", "0"),
    ]
    status, pairs = product.post({"pairs": [["ben", "Z"]]}, "/batch")
    assert pairs["decisions"][0]["reason"] == "costs_nothing"
    assert (Denial.objects.count(), LiveSession.objects.count(), Entry.objects.filter(kind="RESERVED").count()) == (
        0,
        0,
        0,
    )


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        (b"{", {("", "invalid_json")}),
        (b"[]", {("", "not_an_object")}),
        (b'{"person":"ann","person":"ben","product":"A"}', {("", "duplicate_key")}),
        ({}, {("/person", "missing_field"), ("/product", "missing_field")}),
        ({"person": 1, "product": ["A"]}, {("/person", "invalid_value"), ("/product", "invalid_value")}),
        (
            {"person": "", "product": "A", "mode": "buy", "balance": "9", "agreed": 7},
            {
                ("/person", "invalid_value"),
                ("/mode", "invalid_value"),
                ("/balance", "unknown_field"),
                ("/agreed", "invalid_value"),
            },
        ),
        ({"person": "ann", "product": "A", "mode": []}, {("/mode", "invalid_value")}),
        ({"person": "ann", "product": "A", "agreed": "1,5"}, {("/agreed", "invalid_value")}),
        ({"person": "ann", "product": "A", "agreed": "-1"}, {("/agreed", "invalid_value")}),
        ({"person": "ann", "product": "A", "agreed": "١٢"}, {("/agreed", "invalid_value")}),
        ({"person": "a\u0430@example.com", "product": "A"}, {("/person", "invalid_person")}),
        ({"person": "ann", "product": "A", "team": "ent"}, {("/team", "unknown_team")}),
        ({"person": "ann", "product": "A\u0000"}, {("/product", "invalid_value")}),
        ({"person": "ann", "product": "A", "machine": "x" * 301}, {("/machine", "invalid_value")}),
    ],
)
def test_every_problem_is_named_and_nothing_changes(
    product: Product, body: Any, problems: set[tuple[str, str]]
) -> None:
    """Bad input is refused with all that is wrong with it, and nothing changes (quality: bad input)."""
    status, answer = product.post(body)
    assert status == 400
    assert {(problem["pointer"], problem["code"]) for problem in answer["problems"]} == problems
    assert (LiveSession.objects.count(), Denial.objects.count(), Hold.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/pairs"),
        ({"pairs": [["ann"]]}, "/pairs"),
        ({"pairs": [], "people": []}, "/pairs"),
        ({"people": "ann", "products": ["A"]}, "/people"),
        ({"people": ["p"] * 101, "products": ["A"] * 100}, ""),
    ],
)
def test_a_batch_that_cannot_be(product: Product, body: Any, pointer: str) -> None:
    """A batch says what is wrong with it, also that it is too large."""
    status, answer = product.post(body, "/batch")
    assert (status, answer["problems"][0]["pointer"]) == (400, pointer)


def test_only_a_source_key_with_the_scope_may_ask(product: Product) -> None:
    """A key for events only, a wrong key and no key are refused alike."""
    events_only = sources.add("events", team="flex", now=START, scopes=("events:write",))
    for key in (events_only, "fbs_wrong", "x"):
        assert product.post({"person": "ann", "product": "A"}, key=key)[0] == 401
    assert Client().get(ADDRESS).status_code == 405


def test_a_team_sees_nothing_of_another(product: Product) -> None:
    """Another team's session is as unknown as one that never was; a key of all teams names the team (T1, T2)."""
    status, answer = product.post({"person": "ann", "product": "A", "team": "ent"}, key=product.everywhere)
    assert (status, answer["reason"]) == (200, "enterprise")
    foreign = product.post({}, f"/{answer['session']}/close")
    assert foreign == product.post({}, "/ses_00000000000000000000000000000000/close")
    assert foreign[0] == 404
    assert product.post({"person": "ann", "product": "A"}, key=product.everywhere)[0] == 400
