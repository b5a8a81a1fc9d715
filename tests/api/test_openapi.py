"""The OpenAPI documents: valid, complete, and kept by what the endpoints answer, whoever asks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.checks import CHECKS
from tests.api.askers import Askers, Who
from tests.api.sending import Sender

DOCUMENTS = ("/tokenflex/v1/openapi.json", "/v1/openapi.json")
EXAMPLES = int(os.environ.get("FAREBOX_FUZZ_EXAMPLES", "1"))
"""Examples of right and of wrong requests, each, for every endpoint and asker."""

NOT_HELD = {
    "positive_data_acceptance",  # which names are fields, and what is in a clause, is no matter of the schema
    "object_level_authorization",  # is the authorization matrix, in test_usage_matrix.py
}
"""Checks that cannot apply, and why."""

METHODS = ("get", "post", "put", "delete", "patch")


@pytest.fixture
def askers(sender: Sender, house: None) -> Askers:
    """Return everybody who may ask."""
    return Askers(sender)


@pytest.fixture
def application() -> Iterator[WSGIHandler]:
    """Return Farebox as a WSGI application that keeps the test's connection, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield WSGIHandler()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every operation with its method and address."""
    for path, listed in document["paths"].items():
        for method in METHODS:
            if method in listed:
                yield f"{method.upper()} {path}", listed[method]


@pytest.mark.parametrize("address", DOCUMENTS)
def test_the_document_is_valid_and_served_to_everybody(client: Client, db: None, address: str) -> None:
    """Both APIs serve a valid OpenAPI 3.1 document without a sign-in (quality: API contract)."""
    got = client.get(address)

    assert got.status_code == 200
    assert got.headers["Content-Type"].startswith("application/json")
    assert got.json()["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(got.json()).iter_errors()) == []


@pytest.mark.parametrize("address", DOCUMENTS)
def test_every_endpoint_says_what_it_is_and_what_it_answers(client: Client, db: None, address: str) -> None:
    """Each operation has an id of its own, a summary, a sentence, a success with a body or without, and refusals."""
    found = list(operations(client.get(address).json()))
    names = [operation.get("operationId", "") for _, operation in found]

    assert found
    assert len(set(names)) == len(names)
    assert [name for name in names if "farebox" in name or not name.isidentifier()] == []
    assert [at for at, one in found if not one.get("summary") or not one.get("description")] == []
    assert [at for at, one in found if not {"401", "403"} <= set(one["responses"])] == []
    assert [at for at, one in found if sum(status in one["responses"] for status in ("200", "204")) != 1] == []
    assert [at for at, one in found if not one.get("security")] == []


@pytest.mark.parametrize("address", DOCUMENTS)
def test_every_body_has_a_schema(client: Client, db: None, address: str) -> None:
    """An answer without a schema is one without a body: 204."""
    found = [
        f"{at} {status}"
        for at, one in operations(client.get(address).json())
        for status, answer in one["responses"].items()
        if status != "204" and not all(body.get("schema") for body in (answer.get("content") or {"": {}}).values())
    ]

    assert found == []


def fuzz(operation: Any, askers: Askers, who: Who) -> None:
    """Send right and wrong requests to one endpoint, and hold every answer to the document."""
    numbers = st.sampled_from([askers.own, askers.own, askers.own, askers.foreign, askers.unknown])
    names = [parameter.name for parameter in operation.path_parameters]
    checks = [CHECKS.get_one(name) for name in CHECKS.get_all_names() if name not in NOT_HELD]

    def cases(mode: schemathesis.GenerationMode) -> st.SearchStrategy[Any]:
        known = {name for name in names if name in {"number", "contract_number", "contract"}}
        return numbers.flatmap(
            lambda number: operation.as_strategy(
                generation_mode=mode,
                path_parameters=dict.fromkeys(known, number) or None,
                headers=askers.headers(who) or None,
            )
        )

    for mode in schemathesis.GenerationMode:

        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=cases(mode))
        def hold(case: Any) -> None:
            case.call_and_validate(headers=askers.headers(who), checks=checks)

        if mode.is_positive or operation.query or operation.body:  # what consists of its address alone cannot be wrong
            hold()


@pytest.mark.parametrize("who", list(Who))
@pytest.mark.parametrize("address", DOCUMENTS)
def test_no_request_surprises(askers: Askers, application: WSGIHandler, address: str, who: Who) -> None:
    """Whatever is sent, by whomever: no 5xx, only declared codes, bodies as declared, wrong requests refused."""
    schema = schemathesis.openapi.from_wsgi(address, application)

    for operation in schema.get_all_operations():
        fuzz(operation.ok(), askers, who)
