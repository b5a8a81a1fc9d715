"""`PUT /v1/contracts/{contract_number}/enrichment/{category}`: charge-back values, a category at a time."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from ninja.errors import ValidationError
from pydantic import Field
from pydantic import ValidationError as Faults

from farebox.api.bodies import Unreadable, read_body
from farebox.api.declared import Body, ExactRenderer, misformed
from farebox.api.errors import problem
from farebox.api.tokenflex.answers import own_answers
from farebox.api.tokenflex.app import AskedRequest
from farebox.api.tokenflex.asker import writes
from farebox.domain.enrichment import PROBLEMS_MAX, ROWS_MAX, VALUE_LENGTH_MAX, Row
from farebox.domain.errors import Forbidden, Problem, Rejected
from farebox.importers.enrichment import lines_of, read_csv
from farebox.services.enrich import enrich
from farebox.services.ingest.strict import read_strictly
from farebox.wallclock import now

CSV, JSON = "text/csv", "application/json"
router = Router(tags=["charge-back"])


class PersonValue(Body):
    """A person's value from a usage date on."""

    person: str = Field(description="E-mail address or login, as uses name the person.", examples=["ann@example.com"])
    value: str = Field(
        description=f"At most {VALUE_LENGTH_MAX} characters; an empty text: no value any more.", examples=["Lund"]
    )
    since: str | None = Field(
        None,
        alias="from",
        description="The first usage date on which it holds; left out or empty: from the beginning.",
        examples=["2026-04-01"],
    )


class PersonValues(Body):
    """All that is told of people under one category."""

    values: list[PersonValue] = Field(max_length=ROWS_MAX, description="All of them; an empty list ends every value.")


def _whole(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of the list with that of its rows inside: the document has no place for definitions here."""
    row = schema.pop("$defs")[PersonValue.__name__]
    schema["properties"]["values"]["items"] = row
    return schema


class Counts(Schema):
    """What a list changed."""

    category: str = Field(description="The name of the category, which queries accept as a field.")
    field: str = Field(description="The custom field that the category is.", examples=["customField1"])
    set: int = Field(description="Values that are new, or others now.")
    unchanged: int = Field(description="Values that were told before, and stay.")
    ended: int = Field(description="Values that were told before and are no more.")
    unknownPeople: int = Field(  # noqa: N815 -- the name on the wire
        0, description="People in the list of whom there is no use yet; left out where the team hides names."
    )


@router.put(
    "contracts/{contract_number}/enrichment/{anything:category}",
    auth=writes,
    response=own_answers(Counts),
    operation_id="replaceEnrichment",
    summary="Tell the values of a category",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                JSON: {"schema": _whole(PersonValues.model_json_schema())},
                CSV: {"schema": {"type": "string"}, "example": "person,value,from\nann@example.com,Lund,2026-04-01\n"},
            },
        }
    },
)
def replace_enrichment(request: AskedRequest, contract_number: str, category: str) -> HttpResponse:
    """
    Replace all that is told of people under a category, or nothing of it if anything in the list is wrong.

    Reports follow within seconds, in one step. The same list again changes nothing. Where names are hidden, a list
    could tell who is behind a pseudonym, so only the primary administrator may send one then.
    """
    contract = request.auth.contract(contract_number)
    if contract.names_hidden and not contract.primary:  # who may resolve a pseudonym (quality P1, authorization matrix)
        raise Forbidden("names are hidden: only the team's primary administrator may send values of people")
    try:
        rows = _rows(request)
    except Unreadable as error:
        return problem(error.status, error.code, str(error))
    done = enrich(contract.number, category, rows, actor=f"account {request.auth.user.pk}", now=now())
    counts = {
        "category": done.category,
        "field": done.field,
        "set": done.set,
        "unchanged": done.unchanged,
        "ended": done.ended,
    }
    if not contract.names_hidden:  # else a list of one would tell whether that person used anything (P1)
        counts["unknownPeople"] = done.unknown
    return HttpResponse(ExactRenderer().render(request, counts, response_status=200), content_type=JSON)


def _rows(request: HttpRequest) -> Iterator[Row]:
    """Return what the body says, a row each. Raises `Rejected` and `Unreadable`."""
    if request.content_type not in (CSV, JSON):
        raise Rejected([Problem("", "unknown_media_type", f"send {JSON} or {CSV}")])
    raw = read_body(request)
    return read_csv(lines_of(BytesIO(raw))) if request.content_type == CSV else _told(_read(raw))


def _read(raw: bytes) -> PersonValues:
    """Return a body as declared. Raises `Rejected` with every fault of its form, up to a bound."""
    body, faults = read_strictly(raw)
    if faults:
        raise Rejected(faults)
    try:
        return PersonValues.model_validate(body)
    except Faults as error:
        found: list[Any] = error.errors(include_url=False, include_input=False)[:PROBLEMS_MAX]
        raise misformed(ValidationError([one | {"loc": ("body", "list", *one["loc"])} for one in found])) from error


def _told(listed: PersonValues) -> Iterator[Row]:
    for place, one in enumerate(listed.values):
        yield Row(f"/values/{place}", one.person, one.value, one.since or "")
