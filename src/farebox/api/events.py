"""
`POST /v1/events`: usage events in, a verdict on each out (docs/events.md).

The hot path: no framework between the socket and the decoder. One event, a JSON array, or one event a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from farebox.api import errors
from farebox.api.bodies import Unreadable, read_body
from farebox.domain.amounts import Tokens, as_text
from farebox.domain.clock import Day, Instant, as_date, as_iso
from farebox.domain.errors import FareboxError
from farebox.domain.ids import charged_item_id
from farebox.domain.usage import Reason
from farebox.services import sources
from farebox.services.ingest import Receipt, SourceKey, State, Verdict, ingest
from farebox.wallclock import now

EVENTS_MAX = 10_000
"""Events that one request may carry."""

_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])
_NDJSON = ("application/x-ndjson", "application/ndjson", "application/jsonl")
_JSON = ("application/json", "application/cloudevents+json", "application/cloudevents-batch+json", *_NDJSON)


@csrf_exempt
def receive(request: HttpRequest) -> HttpResponse:
    """Take events and answer with counts and verdicts; 200 also where some were rejected."""
    outcome = _take(request)
    if isinstance(outcome, HttpResponse):
        return outcome
    receipt, one_event = outcome
    return _json(_answer(receipt, whole=_wants_all(request)), _status(receipt, one_event=one_event))


@csrf_exempt
def receive_quietly(request: HttpRequest) -> HttpResponse:
    """Take events and answer 204 unless one was rejected: the manner of published metering SDKs."""
    outcome = _take(request)
    if isinstance(outcome, HttpResponse):
        return outcome
    receipt, _ = outcome
    if receipt.tally.rejected == 0:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return _json(_answer(receipt, whole=False), HTTPStatus.BAD_REQUEST)


def _take(request: HttpRequest) -> tuple[Receipt, bool] | HttpResponse:
    if request.method != "POST":
        allow = {"Allow": "POST"}
        detail = "send events with POST"
        return errors.problem(HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed", detail, headers=allow)
    at = now()
    source = sources.of_key(_bearer(request), now=at)
    if source is None or "events:write" not in source.scopes:
        return errors.unauthorised("send a source key with the scope events:write as a bearer token", realm="events")
    kind = (request.content_type or "").lower()
    if kind not in _JSON:
        detail = f"send one of {', '.join(_JSON)}"
        return errors.problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unknown_media_type", detail)
    try:
        raws, one_event = _split(read_body(request), by_line=kind in _NDJSON)
        key = SourceKey(source.id, source.team)
        return ingest(raws, key=key, now=at, with_charges=_wants_all(request)), one_event
    except Unreadable as error:
        return errors.problem(error.status, error.code, str(error))
    except FareboxError as error:
        return errors.refused(error)


def _bearer(request: HttpRequest) -> str:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def _split(body: bytes, *, by_line: bool) -> tuple[Sequence[bytes], bool]:
    """Return the texts of the events, and whether the request was one event and no list."""
    if by_line:
        lines = [line for line in body.split(b"\n") if line.strip()]
        return _counted(lines), False
    begins = body.lstrip()[:1]
    if begins != b"[":
        return _counted([body] if begins else []), True
    try:
        return _counted([bytes(raw) for raw in _ARRAY.decode(body)]), False
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Unreadable(HTTPStatus.BAD_REQUEST, "invalid_json", f"the body is not a JSON array: {error}") from error


def _counted(raws: list[bytes]) -> list[bytes]:
    if not raws:
        raise Unreadable(HTTPStatus.BAD_REQUEST, "no_events", "the body holds no event")
    if len(raws) > EVENTS_MAX:
        detail = f"{len(raws)} events; a request carries at most {EVENTS_MAX}"
        raise Unreadable(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_many_events", detail)
    return raws


def _wants_all(request: HttpRequest) -> bool:
    return "return=representation" in request.headers.get("Prefer", "")


def _status(receipt: Receipt, *, one_event: bool) -> HTTPStatus:
    """One event that was rejected is a failed request: 409 for a conflict, else 422; a list is always 200."""
    if not one_event or receipt.tally.rejected == 0:
        return HTTPStatus.OK
    conflict = receipt.verdicts[0].problems[0].code == "conflict"
    return HTTPStatus.CONFLICT if conflict else HTTPStatus.UNPROCESSABLE_ENTITY


def _answer(receipt: Receipt, *, whole: bool) -> dict[str, object]:
    shown = [v for v in receipt.verdicts if whole or v.state is not State.ACCEPTED]
    return receipt.tally._asdict() | {"events": [_verdict(verdict, whole=whole) for verdict in shown]}


def _verdict(verdict: Verdict, *, whole: bool) -> dict[str, object]:
    answer: dict[str, object] = {"index": verdict.nth, "id": verdict.id, "state": verdict.state.value}
    if verdict.problems:
        answer["problems"] = [problem._asdict() for problem in verdict.problems]
    if whole and verdict.state is State.ACCEPTED:
        answer["charge"] = _charge(verdict)
    return answer


def _charge(verdict: Verdict) -> dict[str, object]:
    total = Tokens(sum(charge.tokens_micro for charge in verdict.charges))
    rows = [
        {
            "chargedItemID": charged_item_id(charge.id),
            "usageDate": as_date(Day(charge.usage_day)).isoformat(),
            "chargeCategory": str(charge.category),
            "tokens": as_text(Tokens(charge.tokens_micro)),
            "shortfall": as_text(Tokens(charge.shortfall_micro)),
            "start": as_iso(Instant(charge.since)),
            "end": as_iso(Instant(charge.until)),
            "reason": str(charge.reason),
        }
        for charge in verdict.charges
    ]
    late = any(charge.reason == Reason.LATE for charge in verdict.charges)
    return {"tokens": as_text(total), "rows": rows} | ({"late": True} if late else {})


def _json(body: object, status: HTTPStatus) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(body), status=status, content_type="application/json")
