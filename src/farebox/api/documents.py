"""
The OpenAPI documents: what the declarations say, and what ninja does not write of it.

It knows one media type for all answers, but problem documents have their own (RFC 9457); it leaves out which scope a
token needs; and answers that tell when to come back do so in a header. It writes that what may be left out is an empty
text then, which is no value of a number or a moment, and no news of a text.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

PROBLEM = "#/components/schemas/ProblemDocument"
LATER = (429, 503, 507)
"""The statuses that say when to come back."""
RETRY_AFTER = {
    "Retry-After": {
        "description": "After how many seconds to ask again.",
        "schema": {"type": "integer", "minimum": 0},
    }
}

PARAMETERS = {
    "contract_number": "The number of a contract that you may read.",
    "category": "The contract's own name of a custom field, or customField1 to customField10.",
    "field": "The field whose values are listed.",
    "query_id": "The id that the reply to the question has.",
    "request_key": "The requestKey of an export, percent-encoded: # is %23.",
    "schedule_id": "The scheduleID of a schedule.",
    "fromDate": "From this moment on; UTC if it names no zone.",
    "toDate": "To before this moment.",
    "usageCategory": "One usage category, by its present or older name; left out or empty: all.",
    "contractYear": "One contract year; left out or empty: all.",
}
"""What parameters mean that do not say it themselves."""


class Document(OpenAPISchema):
    """An OpenAPI document that says of every answer what it is, and of every endpoint which scope it needs."""

    def responses(self, operation: Operation) -> dict[int, dict[str, Any]]:
        """Return the answers of an endpoint by status."""
        found = super().responses(operation)
        for status, answer in found.items():
            body = answer.get("content", {}).get("application/json", {}).get("schema", {})
            if body.get("$ref") == PROBLEM:
                answer["content"] = {"application/problem+json": {"schema": body}}
            if status in LATER:
                answer["headers"] = RETRY_AFTER
        return found

    def operation_parameters(self, operation: Operation) -> list[dict[str, Any]]:
        """Return the parameters of an endpoint; one that is in many addresses means the same in all of them."""
        found = super().operation_parameters(operation)
        for parameter in found:
            if parameter["name"] in PARAMETERS:
                parameter.setdefault("description", PARAMETERS[parameter["name"]])
        return found

    def operation_security(self, operation: Operation) -> list[dict[str, Any]] | None:
        """Return what an endpoint wants to see of who asks: a bearer token with a scope."""
        schemes = super().operation_security(operation) or []
        scopes = [auth.scope for auth in operation.auth_callbacks if hasattr(auth, "scope")]
        return [dict.fromkeys(scheme, scopes) for scheme in schemes] or None


class DescribedAPI(NinjaAPI):
    """An API whose OpenAPI document is complete."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """Return the OpenAPI document, which is written once: anybody may ask for it."""
        return _written(self, self.get_root_path(path_params or {}) if path_prefix is None else path_prefix)


@cache
def _written(api: DescribedAPI, prefix: str) -> OpenAPISchema:
    document = Document(api, prefix)
    _forget_empty_defaults(document)
    return document


def _forget_empty_defaults(part: object) -> None:
    """Take every default out of a document that stands for nothing."""
    match part:
        case dict():
            if part.get("default") == "":
                del part["default"]
            for inner in part.values():
                _forget_empty_defaults(inner)
        case list():
            for inner in part:
                _forget_empty_defaults(inner)
