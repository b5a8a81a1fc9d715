"""`GET /v1/catalogue`: every declaration of a field or metric, where it can be asked for, and that this is true."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from tests.api.getting import Reader, reader_of
from tests.world import World

from farebox.domain.errors import QueryRejected
from farebox.domain.usage import UsageCategory
from farebox.query.fields import FIELDS
from farebox.query.metrics import METRICS
from farebox.query.plan import Asker, Question, make_plan
from farebox.query.rules import Surface
from farebox.services import catalogue

HERE = "/v1/catalogue"
ASKER = Asker(contract_id=1, names_hidden=False)


@pytest.fixture
def reader(client: Client, world: World) -> Reader:
    """Return the primary administrator of the Flex team."""
    return reader_of(client, world.flex)


@pytest.fixture
def told(reader: Reader) -> dict[str, Any]:
    """Return what the endpoint answers."""
    body: dict[str, Any] = reader.body(HERE)
    return body


def declarations(told: dict[str, Any]) -> list[dict[str, Any]]:
    """Return fields and metrics."""
    return [*told["fields"], *told["metrics"]]


def test_every_declaration_is_answered_once_and_in_order(told: dict[str, Any]) -> None:
    """Fields and metrics as they are declared, with meaning, example and label."""
    assert [one["name"] for one in told["fields"]] == [field.name for field in FIELDS]
    assert [one["name"] for one in told["metrics"]] == [metric.name for metric in METRICS]
    assert all(one["label"] and one["doc"] and one["example"] and one["categories"] for one in declarations(told))


def test_a_field_tells_all_about_itself(told: dict[str, Any]) -> None:
    """An enumerated session-level field: where it is, where it may be asked for, and its values."""
    (found,) = [one for one in told["fields"] if one["name"] == "chargeCategory"]
    usage = ["DESKTOP_PRODUCT", "CLOUD_PRODUCT", "CLOUD_SERVICE"]

    assert found == {
        "name": "chargeCategory",
        "label": "Charge category",
        "doc": "How the row was charged.",
        "example": "CHARGED",
        "categories": usage,
        "query": [],
        "export": usage,
        "needsUsageCategory": True,
        "kind": "enum",
        "ownName": "",
        "filter": ["=", "!=", "IN"],
        "values": ["CASUAL", "INCREMENTAL", "CHARGED", "FREE"],
    }


def test_labels_are_in_the_language_of_the_request(reader: Reader) -> None:
    """Names stay; what people read is Swedish for who reads Swedish."""
    headers = {"Authorization": f"Bearer {reader.token}", "Accept-Language": "sv"}
    answer = reader.client.get(HERE, headers=headers)

    labels = {one["name"]: one["label"] for one in declarations(answer.json())}
    assert (labels["usageMonth"], labels["useCount"]) == ("Månad", "Debiterade användningar")
    assert answer.headers["Content-Language"] == "sv"


def test_older_names_of_categories_are_told(told: dict[str, Any]) -> None:
    """The five categories, three with the name that an older version of the API had for them."""
    assert {one["name"]: one["oldNames"] for one in told["usageCategories"]} == {
        "DESKTOP_PRODUCT": ["PRODUCT_CONSUMPTION"],
        "CLOUD_PRODUCT": ["CLOUD_PRODUCT_CONSUMPTION"],
        "CLOUD_SERVICE": ["CLOUD_CONSUMPTION"],
        "MANUAL_ADJUSTMENT": [],
        "MANUAL_CONSUMPTION": [],
    }


def taken(question: Question, surface: Surface) -> bool:
    """Tell whether a question is taken."""
    try:
        make_plan(question, ASKER, surface)
    except QueryRejected:
        return False
    return True


@pytest.mark.parametrize(("surface", "where"), [(Surface.QUERY, "query"), (Surface.EXPORT, "export")])
def test_where_a_name_may_be_asked_for_is_true(told: dict[str, Any], surface: Surface, where: str) -> None:
    """For each name and category, what is told is what a question with that category gets (R5)."""
    wrong = []
    for kind, names in (("fields", told["fields"]), ("metrics", told["metrics"])):
        for one in names:
            for category in UsageCategory:
                question = Question(**{kind: (one["name"],)}, usage_categories=(category.value,))
                if taken(question, surface) is not (category.value in one[where]):
                    wrong.append((one["name"], category.value))
            if taken(Question(**{kind: (one["name"],)}), surface) is one["needsUsageCategory"]:
                wrong.append((one["name"], "without a category"))

    assert wrong == []


def test_the_operators_told_are_those_that_a_clause_takes(told: dict[str, Any]) -> None:
    """Each operator is tried on each field with a value that fits it."""
    forms = {"IN": "{} IN ({})", "BETWEEN": "{} BETWEEN {} AND {}", "LIKE": "{} LIKE '%word%'"}
    wrong = []
    for one in told["fields"]:
        value = one["example"] if one["kind"] == "integer" else f"'{one['example']}'"
        for operator in ("=", "!=", "IN", "<", "<=", ">", ">=", "BETWEEN", "LIKE"):
            clause = forms.get(operator, f"{{}} {operator} {{}}").format(one["name"], value, value)
            categories = tuple(one["export"][:1]) if one["needsUsageCategory"] else ()
            question = Question(metrics=("tokensConsumed",), usage_categories=categories, where=clause)
            if taken(question, Surface.EXPORT) is not (operator in one["filter"]):
                wrong.append((one["name"], operator))

    assert wrong == []


def test_a_contract_has_its_own_names(reader: Reader, world: World) -> None:
    """With the number of a contract, the custom fields carry the names that it gave them."""
    catalogue.name_fields(world.flex_contract, {2: "Kostenstelle", 10: "Geo"})

    fields = reader.body(HERE, {"contract": world.flex_contract.number})["fields"]

    assert {one["name"]: one["ownName"] for one in fields if one["ownName"]} == {
        "customField2": "Kostenstelle",
        "customField10": "Geo",
    }


def test_a_foreign_contract_has_no_names_to_tell(reader: Reader, world: World) -> None:
    """Foreign and unknown numbers are not found, with equal bytes (T2)."""
    got = [reader.raw(HERE, {"contract": number}) for number in (world.ent_contract.number, "900000000000", "\u0661")]

    assert {(answer.status_code, answer.content) for answer in got} == {(404, got[0].content)}
    assert got[0].json()["code"] == "not_found"


def test_the_catalogue_is_for_those_who_are_signed_in(reader: Reader) -> None:
    """Without a token there is no answer."""
    answer = reader.get(HERE, token="")

    assert (answer.status, answer.body["code"]) == (401, "not_signed_in")
