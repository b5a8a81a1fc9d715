"""
`/tokenflex/v1/usage/{contract_number}/query`: a question in fields, metrics and a where clause, and its answer by page.

A question that is answered within the hold time is answered at once; else its id is, under which it can be asked for.
"""

# ruff: noqa: N815 -- members are called what they are called on the wire

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from django.conf import settings
from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field, WithJsonSchema

from farebox.api.tokenflex.answers import answers
from farebox.api.tokenflex.app import AskedRequest
from farebox.api.tokenflex.asking import DESCRIBED, LIMIT_DEFAULT, MEMBERS, ROWS_MAX, PageForm, Window, asked, window_of
from farebox.domain.clock import as_iso
from farebox.services import queries
from farebox.services.queries import Page, QueryStatus, Standing
from farebox.services.report import Readable
from farebox.wallclock import now

__all__ = ["LIMIT_DEFAULT", "MEMBERS", "ROWS_MAX", "router"]

router = Router(tags=["usage"])

Cell = Annotated[Any, WithJsonSchema({"type": ["string", "number"]})]
_Moment = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]


class Result(Schema):
    """A page of an answer."""

    columns: list[str] = Field(description="Fields, then metrics, in the order asked for.")
    rows: list[list[Cell]] = Field(description="Metrics and the contract year are numbers, everything else texts.")
    total: int = Field(description="Rows of the whole answer.")
    offset: int = Field(description="How many rows come before the page.")
    limit: int = Field(description="How many rows the page has at most.")


class QueryState(Schema):
    """How a query stands, and a page of its answer when it is done."""

    status: QueryStatus = Field(description="How far it is; every status is an answer with 200.")
    id: str = Field(description="56 hexadecimal digits; the same for equal questions over unchanged usage.")
    detail_uri: str = Field("", description="Where to ask for it, from the root of the host; in the reply to POST.")
    dataAsOf: _Moment | None = Field(None, description="Up to when usage is counted; null before the first use.")
    result: Result | None = Field(None, description="Left out until the query is done.")


@router.post(
    "/usage/{contract_number}/query",
    response=answers(QueryState),
    operation_id="submitUsageQuery",
    summary="Ask about usage",
    openapi_extra=DESCRIBED,
)
def submit(request: AskedRequest, contract_number: str, page: Query[PageForm]) -> HttpResponse:
    """Ask for metrics by fields. What is ready within the hold time is in the reply; else poll `detail_uri`."""
    contract = request.auth.contract(contract_number)
    question, window = asked(request, page, contract)
    asker = int(request.auth.user.pk)
    query = queries.submit(question, contract, asker=asker, clock=now)
    queries.hold(query, contract, seconds=settings.QUERY_HOLD_SECONDS, clock=now)
    standing = _look(request, query, contract, window)
    uri = f"/tokenflex/v1/usage/{quote(contract.number, safe='')}/query/{query}"
    return _shown({"status": standing.status, "id": query, "detail_uri": uri}, standing.page, window)


@router.get(
    "/usage/{contract_number}/query/{query_id}",
    response=answers(QueryState),
    operation_id="getUsageQuery",
    summary="Poll a query, and read its answer by page",
)
def get(request: AskedRequest, contract_number: str, query_id: str, page: Query[PageForm]) -> HttpResponse:
    """Return how a query stands; all pages of its answer show the same moment. Answers are kept for some minutes."""
    contract = request.auth.contract(contract_number)
    window = window_of(page)
    standing = _look(request, query_id, contract, window)
    return _shown({"id": query_id, "status": standing.status}, standing.page, window)


def _look(request: AskedRequest, query: str, contract: Readable, window: Window) -> Standing:
    asker = int(request.auth.user.pk)
    return queries.look(query, contract, asker=asker, offset=window.offset, limit=window.limit, clock=now)


def _shown(head: dict[str, object], page: Page | None, window: Window) -> HttpResponse:
    """Return a query's state; rows are written as they are stored, number by number."""
    body = head
    if page is not None:
        result = {"columns": page.columns, "rows": page.rows, "total": page.total}
        body["dataAsOf"] = as_iso(page.as_of) if page.position else None
        body["result"] = {**result, "offset": window.offset, "limit": window.limit}
    return HttpResponse(msgspec.json.encode(body), content_type="application/json")
