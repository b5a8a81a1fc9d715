"""
`/tokenflex/v1/export/{contract}/requests`: files with the answer to a question, made in the background (usage-api 6).

The contract `null` is about what schedules and pages asked for, in every contract that the asker may read.
"""

# ruff: noqa: N803, N815 -- parameters and members are called what they are called on the wire

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from ninja import Body, Query, Router, Schema
from pydantic import Field, WithJsonSchema

from farebox.api.tokenflex.answers import answers
from farebox.api.tokenflex.app import AskedRequest
from farebox.api.tokenflex.asker import writes
from farebox.api.tokenflex.asking import QuestionForm
from farebox.domain.clock import Instant, as_iso, instant, moment
from farebox.domain.errors import Conflict, NotFound, Problem, Rejected
from farebox.services import export
from farebox.services.export import ExportState, Shown, Whose
from farebox.services.report import Question
from farebox.wallclock import now

router = Router(tags=["export"])

NULL = "null"
"""The contract number under which the exports of schedules and pages are listed (usage-api 6.3)."""

KEYS_MAX = 1_000
"""Keys that one request may mark as read."""

KEY_MAX = 200
"""The longest idempotency key."""

IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "maxLength": KEY_MAX},
    "description": "A text of your own: sent again with the same body it is the same request, and made once.",
}
"""What the OpenAPI document says of the header; a wrong one is told after the contract was found (T2)."""

_Moment = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
_Key = Annotated[str, Field(max_length=100)]


class Status(StrEnum):
    """How far an export is, in the words of the published API (usage-api 6.1)."""

    REQUESTED = "Requested"
    DOWNLOAD = "Download"
    ERROR = "Error"


_STATUS = {
    ExportState.REQUESTED: Status.REQUESTED,
    ExportState.RUNNING: Status.REQUESTED,
    ExportState.READY: Status.DOWNLOAD,
    ExportState.FAILED: Status.ERROR,
    ExportState.EXPIRED: Status.ERROR,
}


class ExportForm(QuestionForm):
    """A question whose answer becomes a file."""

    downloadFileName: str = Field(
        "",
        description="The file's name, .csv is added; empty: API_Custom_Export. / \\ : * ? \" < > | become _.",
    )


class ExportAnswer(Schema):
    """An export request, and a link to its file while there is one."""

    requestKey: str = Field(description="To be percent-encoded in addresses.", examples=["2026-03-04T09:12:00#…"])
    requestStatus: Status = Field(description="Requested until the file is there, then Download; or Error.")
    downloadFileName: str = Field(description="The file's name, with its ending.")
    downloadUrl: str = Field("", description="Opens the file without any header; left out before Download.")
    downloadUrlExpireDate: _Moment = Field("", description="Until when the link opens it; the next one is fresh.")
    exportRequestDate: _Moment = Field(description="When it was requested.")
    scheduleId: str = Field("", description="Left out unless a schedule asked for it.")
    readFlag: Literal["Y", "N"] = Field("N", description="Left out in the reply to the request itself.")
    rowsWritten: int = Field(0, description="Lines of the file so far, without the first.")
    rowsExpected: int = Field(0, description="Lines that the file will have; left out until it is known.")
    fileSizeBytes: int = Field(0, description="Left out before Download.")
    dataAsOf: _Moment | None = Field(None, description="Up to when usage is counted; left out before Download.")
    namesHidden: bool = Field(False, description="Whether the file has pseudonyms; left out before Download.")
    errorMessage: str = Field("", description="Why there is no file; left out unless the status is Error.")


@router.post(
    "/export/{contract_number}/requests/markRead",
    response=answers(list[str]),
    auth=writes,
    operation_id="markExportsRead",
    summary="Mark exports as read",
)
def mark_read(
    request: AskedRequest,
    contract_number: str,
    request_keys: Body[Annotated[list[_Key], Field(min_length=1, max_length=KEYS_MAX)]],
) -> list[str]:
    """Mark your exports as read, and return the keys of those that were not."""
    return export.mark_read(_whose(request, contract_number), request_keys)


@router.post(
    "/export/{contract_number}/requests",
    response=answers(ExportAnswer),
    exclude_unset=True,
    auth=writes,
    operation_id="requestExport",
    summary="Request an export",
    openapi_extra={"parameters": [IDEMPOTENCY_KEY]},
)
def requested(request: AskedRequest, contract_number: str, form: ExportForm) -> dict[str, Any]:
    """Have a file made; poll the request by its key. With the header Idempotency-Key it is requested once."""
    contract = request.auth.contract(contract_number)
    question = Question(
        fields=tuple(form.fields),
        metrics=tuple(form.metrics),
        usage_categories=tuple(form.usageCategory),
        where=form.where,
    )
    key = _idempotency_key(request)
    try:
        row = export.request(request.auth.user, contract, question, name=form.downloadFileName, key=key, now=now())
    except Conflict as error:
        raise Rejected([Problem("/Idempotency-Key", "conflict", str(error))]) from error
    return {name: value for name, value in _shown(request, row).items() if name != "readFlag"}


@router.get(
    "/export/{contract_number}/requests",
    response=answers(list[ExportAnswer]),
    exclude_unset=True,
    operation_id="listExports",
    summary="Exports of a time",
)
def listed(
    request: AskedRequest, contract_number: str, fromDate: Query[_Moment], toDate: Query[_Moment]
) -> list[dict[str, Any]]:
    """List exports requested from `fromDate` to before `toDate`: yours, and your team's where you are primary."""
    whose = _whose(request, contract_number)
    problems: list[Problem] = []
    since, until = _instant("fromDate", fromDate, problems), _instant("toDate", toDate, problems)
    if problems:
        raise Rejected(problems)
    return [_shown(request, row) for row in export.listed(whose, since=since, until=until)]


@router.get(
    "/export/{contract_number}/requests/{request_key}",
    response=answers(ExportAnswer),
    exclude_unset=True,
    operation_id="getExport",
    summary="One export",
)
def got(request: AskedRequest, contract_number: str, request_key: str) -> dict[str, Any]:
    """Return how far an export is, with a fresh link when its file is there."""
    return _shown(request, export.find(_whose(request, contract_number), request_key))


@router.delete(
    "/export/{contract_number}/requests/{request_key}",
    response=answers(None),
    auth=writes,
    operation_id="deleteExport",
    summary="Delete an export",
)
def deleted(request: AskedRequest, contract_number: str, request_key: str) -> HttpResponse:
    """Delete your export and its file; one that is being made is stopped."""
    export.delete(_whose(request, contract_number), request_key, now=now())
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


@router.post(
    "/export/{contract_number}/requests/{request_key}/refreshUrl",
    response=answers(ExportAnswer),
    exclude_unset=True,
    auth=writes,
    operation_id="refreshExportUrl",
    summary="A fresh link",
)
def refreshed(request: AskedRequest, contract_number: str, request_key: str) -> dict[str, Any]:
    """Return the export with a fresh link to its file."""
    return _shown(request, export.find(_whose(request, contract_number), request_key))


@router.post(
    "/export/{contract_number}/requests/{request_key}/retry",
    response=answers(ExportAnswer),
    exclude_unset=True,
    auth=writes,
    operation_id="retryExport",
    summary="Try again",
)
def retried(request: AskedRequest, contract_number: str, request_key: str) -> dict[str, Any]:
    """Have your export made again where it ended in an error; another stays as it is."""
    return _shown(request, export.retry(_whose(request, contract_number), request_key))


def _whose(request: AskedRequest, number: str) -> Whose:
    """Return who asks about what. Raises `NotFound` for a contract that is not theirs, or where there is none (T2)."""
    if number != NULL:
        return Whose(request.auth.user, [request.auth.contract(number)], named=True)
    contracts = request.auth.contracts()
    if not contracts:
        raise NotFound("there is no contract that you may read")
    return Whose(request.auth.user, contracts, named=False)


def _shown(request: AskedRequest, row: Shown) -> dict[str, Any]:
    """Return a request in the members of the API; those that do not apply are left out (usage-api 6.1)."""
    status, link = _STATUS[ExportState(row.state)], export.link_to(row, reader=request.auth.user.pk, now=now())
    if status is Status.DOWNLOAD and link is None:  # its time is over, and the sweep has not come by yet
        status = Status.ERROR
    shown: dict[str, Any] = {
        "requestKey": row.key,
        "requestStatus": status.value,
        "downloadFileName": row.file_name,
        "exportRequestDate": _exact(Instant(row.requested_us)),
        "readFlag": "Y" if row.read else "N",
        "rowsWritten": row.rows_written,
    }
    if row.rows_expected is not None:
        shown["rowsExpected"] = row.rows_expected
    if row.schedule:
        shown["scheduleId"] = row.schedule
    if status is Status.ERROR:
        shown["errorMessage"] = row.reason or export.EXPIRED
    if link is not None:
        shown["downloadUrl"], shown["downloadUrlExpireDate"] = link.url, _exact(link.expires)
        shown["fileSizeBytes"], shown["namesHidden"] = row.size_bytes, row.names_hidden
        shown["dataAsOf"] = as_iso(Instant(row.as_of_us)) if row.position else None
    return shown


def _exact(at: Instant) -> str:
    """Write a moment with six decimals, as the published API does."""
    return f"{moment(at):%Y-%m-%dT%H:%M:%S.%f}Z"


def _instant(name: str, text: str, problems: list[Problem]) -> Instant:
    """Return the moment that a parameter names; one without a zone is in UTC."""
    try:
        at = datetime.fromisoformat(text.replace(" ", "+"))  # what a plus that was not encoded arrives as
    except ValueError:
        message = "write a moment like 2026-03-04T09:12:00Z, or a date like 2026-03-04"
        problems.append(Problem(f"/{name}", "invalid_value", message))
        return Instant(0)
    return instant(at.replace(tzinfo=UTC) if at.tzinfo is None else at)


def _idempotency_key(request: AskedRequest) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > KEY_MAX:
        raise Rejected([Problem("/Idempotency-Key", "too_long", f"a key has at most {KEY_MAX} characters")])
    return key
