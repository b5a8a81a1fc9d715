"""
Events as programs send them: their members, declared once, and how a text becomes one or a list of problems.

The fast path decodes with msgspec into typed structs. A text that it will not have, or that may
name a member twice, is left to `farebox.services.ingest.faults`, which finds everything that is wrong with it.
"""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime
from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import Meta, Struct

ID_LENGTH_MAX = 200
PERSON_LENGTH_MAX = 254

Word = Annotated[str, Meta(min_length=1, max_length=120)]
Identity = Annotated[str, Meta(min_length=1, max_length=ID_LENGTH_MAX)]
Someone = Annotated[str, Meta(min_length=1, max_length=PERSON_LENGTH_MAX)]
Text = Annotated[str, Meta(max_length=300)]
Moment = Annotated[datetime, Meta(tz=True)]
Date = date
Offset = Annotated[str, Meta(pattern=r"^([+-]?(0?[0-9]|1[0-4]):[0-5][0-9])?\Z")]
Change = Annotated[str, Meta(pattern=r"^-?[0-9]{1,13}(\.[0-9]{1,6})?\Z")]
Quantity = Annotated[str, Meta(pattern=r"^[0-9]{1,13}(\.[0-9]{1,6})?\Z")]
Attributes = dict[Annotated[str, Meta(min_length=1, max_length=60)], Text]


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
    quantity: Quantity | None = None
    attributes: Attributes | None = None


class ApiCallData(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """The data of `farebox.api-call`: a measured quantity of one API, by one app."""

    app: Word
    api: Word
    quantity: Quantity
    unit: Word
    engine: Text = ""
    call_class: Text = msgspec.field(name="class", default="")
    status: Text = ""
    attributes: Attributes | None = None


class AdjustmentData(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """The data of `farebox.adjustment`: a change of a pool by hand, with its reason."""

    pool: Literal["FLEX", "CY", "MY", "CREDIT"]
    tokens: Change
    reasonType: Word  # noqa: N815
    transactionDate: Date  # noqa: N815
    reasonComment: Text = ""  # noqa: N815


class ConsumptionData(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """The data of `farebox.consumption`: a use entered by hand."""

    person: Someone
    product: Word
    reasonType: Word  # noqa: N815
    transactionDate: Date  # noqa: N815
    tokens: Quantity | None = None
    quantity: Quantity | None = None
    reasonComment: Text = ""  # noqa: N815


class NoData(Struct, forbid_unknown_fields=True, frozen=True):
    """The data of `farebox.withdrawal`: none."""


Data = SessionData | CloudUseData | JobData | ApiCallData | AdjustmentData | ConsumptionData | NoData

SESSION, CLOUD_USE, WITHDRAWAL = "farebox.session", "farebox.cloud-use", "farebox.withdrawal"
JOB, ADJUSTMENT, CONSUMPTION = "farebox.job", "farebox.adjustment", "farebox.consumption"
BY_HAND = frozenset({ADJUSTMENT, CONSUMPTION})
"""The types of what people enter by hand: no key sends, amends or withdraws them (quality: authorization matrix)."""

BY_HAND_SOURCE = "farebox:command"
"""The source of what is entered by hand; no key sends events of it."""

DATA_TYPES: dict[str, type[Data]] = {
    SESSION: SessionData,
    CLOUD_USE: CloudUseData,
    JOB: JobData,
    "farebox.api-call": ApiCallData,
    ADJUSTMENT: AdjustmentData,
    CONSUMPTION: ConsumptionData,
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
    subject: Annotated[str, Meta(max_length=PERSON_LENGTH_MAX)] = ""
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
_MEMBER = re.compile(
    rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)"\s*+:'  # the name
    rb'(?:\s*+"[^"\\]*+(?:\\.[^"\\]*+)*+")?+'  # and its value if it is a text, so that nothing in it looks like a name
)
_FINE = re.compile(rb"\.[0-9]{7}")


def read_event(raw: bytes) -> Sent | None:
    """Read one event, or return None for a text that `faults.explain` has to look at."""
    sent = decode(raw)
    return None if sent is None or _needs_care(raw) else sent


def decode(raw: bytes) -> Sent | None:
    """Read an event whose members are known to stand once each, or return None for what is none."""
    try:
        envelope = _ENVELOPE.decode(raw)
        data = _DATA[envelope.type].decode(envelope.data)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError, KeyError):
        return None
    payload = b'{"subject":%b,"time":%b,"data":%b}' % (
        _CANONICAL.encode(envelope.subject),
        _CANONICAL.encode(envelope.time),
        _CANONICAL.encode(data),
    )
    digest = hashlib.blake2b(payload, digest_size=16, person=envelope.type.encode()[:16])
    return Sent(envelope, data, payload, digest.digest())


def _needs_care(raw: bytes) -> bool:
    """Tell whether a text that decodes may repeat a member, hold a NUL, or be finer than a microsecond."""
    names = _MEMBER.findall(raw)
    if len(set(names)) != len(names) or _FINE.search(raw):
        return True
    return b"\\" in raw and (b"\\u0000" in raw or any(b"\\" in name for name in names))


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
