"""
Events as programs send them: their members, declared once, and how a text becomes one or a list of problems.

The fast path decodes with msgspec into typed structs. Only a text that fails it, or that may name a member
twice, is read again slowly, so that the sender learns everything that is wrong at once (docs/events.md).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple, NoReturn

import msgspec
from msgspec import Meta, Struct

from farebox.domain.errors import Problem
from farebox.services.ingest.codes import rank

Word = Annotated[str, Meta(min_length=1, max_length=120)]
Identity = Annotated[str, Meta(min_length=1, max_length=200)]
Text = Annotated[str, Meta(max_length=300)]
Moment = Annotated[datetime, Meta(tz=True)]
Offset = Annotated[str, Meta(pattern=r"^[+-]?([0-9]|1[0-4]):[0-5][0-9]$")]
DecimalText = Annotated[str, Meta(pattern=r"^-?[0-9]{1,13}(\.[0-9]{1,6})?$")]
Attributes = dict[Annotated[str, Meta(min_length=1, max_length=60)], Text]
BODY_DEPTH_MAX = 32


class Activity(Struct, forbid_unknown_fields=True, frozen=True):
    """A stretch of a session in which somebody worked (domain F4)."""

    start: Moment
    end: Moment


class SessionData(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """The data of `farebox.session`: a desktop product from launch to exit."""

    product: Word
    start: Moment
    end: Moment | None = None
    version: Text = ""
    feature: Text = ""
    machine: Text = ""
    server: Text = ""
    utcOffset: Offset = ""  # noqa: N815 — the name on the wire
    usageType: Literal["Normal", "Borrowed"] = "Normal"  # noqa: N815
    active: tuple[Activity, ...] | None = None
    lastHeartbeat: Moment | None = None  # noqa: N815
    attributes: Attributes | None = None


class CloudUseData(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """The data of `farebox.cloud-use`: a cloud product in a hub and a project."""

    product: Word
    start: Moment | None = None
    end: Moment | None = None
    hubId: Text = ""  # noqa: N815
    hubName: Text = ""  # noqa: N815
    projectId: Text = ""  # noqa: N815
    projectName: Text = ""  # noqa: N815
    trigger: Text = ""
    attributes: Attributes | None = None


class JobData(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """The data of `farebox.job`: one result of a cloud service."""

    product: Word
    status: Word
    submitted: Moment
    job_class: Text = msgspec.field(name="class", default="")
    finished: Moment | None = None
    downloadStarted: Moment | None = None  # noqa: N815
    uploadEnded: Moment | None = None  # noqa: N815
    quantity: DecimalText | None = None
    attributes: Attributes | None = None


class ApiCallData(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """The data of `farebox.api-call`: a measured quantity of one API, by one app."""

    app: Word
    api: Word
    quantity: DecimalText
    unit: Word
    engine: Text = ""
    call_class: Text = msgspec.field(name="class", default="")
    status: Text = ""
    attributes: Attributes | None = None


class AdjustmentData(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """The data of `farebox.adjustment`: a change of a pool by hand, with its reason."""

    pool: Literal["FLEX", "CY", "MY", "CREDIT"]
    tokens: DecimalText
    reasonType: Word  # noqa: N815
    transactionDate: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]  # noqa: N815
    reasonComment: Text = ""  # noqa: N815


class ConsumptionData(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """The data of `farebox.consumption`: a use entered by hand."""

    person: Word
    product: Word
    reasonType: Word  # noqa: N815
    transactionDate: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]  # noqa: N815
    tokens: DecimalText | None = None
    quantity: DecimalText | None = None
    reasonComment: Text = ""  # noqa: N815


class NoData(Struct, forbid_unknown_fields=True, frozen=True):
    """The data of `farebox.withdrawal`: none."""


Data = SessionData | CloudUseData | JobData | ApiCallData | AdjustmentData | ConsumptionData | NoData

SESSION, CLOUD_USE, WITHDRAWAL = "farebox.session", "farebox.cloud-use", "farebox.withdrawal"
DATA_TYPES: dict[str, type[Data]] = {
    SESSION: SessionData,
    CLOUD_USE: CloudUseData,
    "farebox.job": JobData,
    "farebox.api-call": ApiCallData,
    "farebox.adjustment": AdjustmentData,
    "farebox.consumption": ConsumptionData,
    WITHDRAWAL: NoData,
}
"""The data of each event type, by the type's name."""


class Envelope(Struct, forbid_unknown_fields=True, frozen=True):
    """The members of a CloudEvents 1.0 event; `team` and `revision` are extensions of ours."""

    specversion: Literal["1.0"]
    id: Identity
    source: Identity
    type: Word
    time: Moment
    subject: Annotated[str, Meta(max_length=254)] = ""
    team: Annotated[str, Meta(max_length=60)] = ""
    revision: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0
    data: msgspec.Raw = msgspec.Raw(b"{}")
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: Text = ""
    traceparent: Text = ""
    tracestate: Text = ""


class Sent(NamedTuple):
    """An event that could be read: its envelope, its data, and its content in canonical form."""

    envelope: Envelope
    data: Data
    payload: bytes
    fingerprint: bytes


_ENVELOPE = msgspec.json.Decoder(Envelope)
_DATA = {name: msgspec.json.Decoder(kind) for name, kind in DATA_TYPES.items()}
_CANONICAL = msgspec.json.Encoder(order="deterministic")
_KEY = re.compile(rb'"([^"\\]*)"\s*:')
_PATH = re.compile(r" - at `\$([^`]*)`$")


def read_event(raw: bytes) -> Sent | tuple[Problem, ...]:
    """Read one event, or return every problem that keeps it from being one."""
    try:
        envelope = _ENVELOPE.decode(raw)
        decoder = _DATA.get(envelope.type)
        if decoder is None or _may_repeat_a_key(raw):
            return _read_slowly(raw)
        data = decoder.decode(envelope.data)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return _read_slowly(raw)
    return _sent(envelope, data)


def read_payload(source: str, event_id: str, kind: str, payload: bytes) -> Sent:
    """Read an event back from its canonical form."""
    stored = _STORED.decode(payload)
    envelope = Envelope("1.0", event_id, source, kind, stored.time, stored.subject)
    return Sent(envelope, _DATA[kind].decode(stored.data), payload, b"")


class _Stored(Struct):
    subject: str
    time: datetime
    data: msgspec.Raw


_STORED = msgspec.json.Decoder(_Stored)


def _sent(envelope: Envelope, data: Data) -> Sent:
    payload = b'{"subject":%b,"time":%b,"data":%b}' % (
        _CANONICAL.encode(envelope.subject),
        _CANONICAL.encode(envelope.time),
        _CANONICAL.encode(data),
    )
    digest = hashlib.blake2b(payload, digest_size=16, person=envelope.type.encode()[:16])
    return Sent(envelope, data, payload, digest.digest())


def _may_repeat_a_key(raw: bytes) -> bool:
    keys = _KEY.findall(raw)
    return len(keys) != len(set(keys)) or b"\\u" in raw


def _read_slowly(raw: bytes) -> Sent | tuple[Problem, ...]:
    value = _plain(raw)
    if isinstance(value, Problem):
        return (value,)
    if not isinstance(value, dict):
        return (Problem("", "not_an_object", "an event is a JSON object"),)
    problems = _problems(value, Envelope, "")
    kind = DATA_TYPES.get(value.get("type", "")) if isinstance(value.get("type", ""), str) else None
    if kind is None and isinstance(value.get("type"), str):
        known = ", ".join(DATA_TYPES)
        problems.append(Problem("/type", "unknown_type", f"no event type {value['type']!r}; known are {known}"))
    if kind is not None:
        problems += _problems_of_data(value.get("data", {}), kind)
    if problems:
        return tuple(sorted(problems, key=lambda p: (rank(p.code), p.pointer)))
    envelope = _ENVELOPE.decode(raw)
    return _sent(envelope, _DATA[envelope.type].decode(envelope.data))


def _problems_of_data(value: object, kind: type[Data]) -> list[Problem]:
    if not isinstance(value, dict):
        return [Problem("/data", "invalid_value", "data is a JSON object")]
    return _problems(value, kind, "/data")


class _Repeated(Exception):
    pass


def _plain(raw: bytes) -> object:
    try:
        return json.loads(raw.decode("utf-8"), object_pairs_hook=_pairs, parse_constant=_no_constant)
    except _Repeated as error:
        return Problem("", "duplicate_key", f"the member {error.args[0]!r} stands twice in one object")
    except (ValueError, RecursionError) as error:
        return Problem("", "invalid_json", f"not JSON: {str(error)[:120]}")


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise _Repeated(key[:60])
        found[key] = value
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _problems(value: dict[str, Any], kind: type[Struct], at: str) -> list[Problem]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    found = [
        Problem(f"{at}/{_escape(name)}", "unknown_field", f"no member {name[:60]!r}; known are {', '.join(fields)}")
        for name in value
        if name not in fields
    ]
    for name, field in fields.items():
        if name not in value:
            if field.required:
                found.append(Problem(f"{at}/{name}", "missing_field", f"{name} is needed"))
        elif field.type is not msgspec.Raw:
            found += _problem(value[name], field.type, f"{at}/{name}")
    return found


def _problem(value: object, kind: Any, at: str) -> Sequence[Problem]:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        text = str(error)
        path = _PATH.search(text)
        pointer = at + (path.group(1).replace(".", "/").replace("[", "/").replace("]", "") if path else "")
        message = _PATH.sub("", text)
        code = "naive_time" if "timezone" in message else "invalid_value"
        return (Problem(pointer, code, message),)
    except OverflowError:
        return (Problem(at, "invalid_value", "the number is too large"),)
    return ()


def _escape(name: str) -> str:
    return name[:60].replace("~", "~0").replace("/", "~1")
