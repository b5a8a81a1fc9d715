"""The requests of the client, as values: what is sent where, without sending it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import quote
from uuid import uuid4

EVENTS_MAX = 10_000
"""Events that one request may carry."""

BYTES_MAX = 8_000_000
"""Bytes that one request may carry, a little below what the server takes."""

LIVE_SOURCE = "farebox:live"
"""The source of sessions that Farebox itself opened: an event with such a session's id is about that session."""

Event = Mapping[str, Any]
"""A usage event: a JSON object as docs/events.md has it."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request to send; it may be sent again, as the server knows it by what it carries."""

    path: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Reply(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Lost(NamedTuple):
    """Nothing came back, and why."""

    why: str


class Pause(NamedTuple):
    """Time to wait before the next step."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """Who wants to open what, and where."""

    person: str
    product: str
    version: str = ""
    machine: str = ""
    team: str = ""


def authorisation(launch: Launch, mode: str, *, agreed: Decimal | None = None, key: str = "") -> Call:
    """Ask whether somebody may open a product; `key` lets the server know the same launch again."""
    body = {"person": launch.person, "product": launch.product, "mode": mode, **_more(launch)}
    if agreed is not None:
        body["agreed"] = format(agreed, "f")
    return Call("/v1/authorizations", _json(body), {"Idempotency-Key": key or str(uuid4())})


def heartbeat(session: str, *, active: bool) -> Call:
    """Tell that a session runs on."""
    return Call(f"/v1/authorizations/{quote(session, safe='')}/heartbeat", _json({"active": active}))


def closing(session: str) -> Call:
    """Tell that a session ended."""
    return Call(f"/v1/authorizations/{quote(session, safe='')}/close", b"{}")


def batch(people: Sequence[str], products: Sequence[str], pairs: Sequence[tuple[str, str]], team: str) -> Call:
    """Ask for the quotes of many people and products: all of both lists, or pairs."""
    body: dict[str, Any] = {"pairs": pairs} if pairs else {"people": people, "products": products}
    return Call("/v1/authorizations/batch", _json(body | ({"team": team} if team else {})))


def batches(events: Iterable[Event]) -> Iterator[Call]:
    """Cut events into requests that the server takes: at most 10,000 events and 8 MB each, in order."""
    written: list[bytes] = []
    size = 0
    for event in events:
        one = _json(event)
        if written and (len(written) == EVENTS_MAX or size + len(one) + 1 > BYTES_MAX):
            yield _batch(written)
            written, size = [], 0
        written.append(one)
        size += len(one) + 1
    if written:
        yield _batch(written)


def _batch(written: Sequence[bytes]) -> Call:
    return Call("/v1/events", b"[" + b",".join(written) + b"]")


class Span(NamedTuple):
    """A stretch of time in which somebody worked."""

    start: datetime
    end: datetime


def session_event(
    launch: Launch,
    session: str,
    start: datetime,
    end: datetime,
    *,
    source: str = LIVE_SOURCE,
    active: Sequence[Span] | None = None,
) -> dict[str, Any]:
    """Write a whole session as the event that tells of it afterwards, under the session's own id."""
    data: dict[str, Any] = {"product": launch.product, "start": moment(start), "end": moment(end)}
    data |= {name: text for name, text in (("version", launch.version), ("machine", launch.machine)) if text}
    if active is not None:
        data["active"] = [{"start": moment(one.start), "end": moment(one.end)} for one in active]
    return {
        "specversion": "1.0",
        "id": session,
        "source": source,
        "type": "farebox.session",
        "time": moment(end),
        "subject": launch.person,
        **({"team": launch.team} if launch.team else {}),
        "data": data,
    }


def moment(at: datetime) -> str:
    """Write an aware moment in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _more(launch: Launch) -> dict[str, str]:
    named = {"version": launch.version, "machine": launch.machine, "team": launch.team}
    return {name: text for name, text in named.items() if text}


def _json(body: object) -> bytes:
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False, default=_decimal).encode()


def _decimal(value: object) -> str:
    """Write amounts as texts: JSON's own numbers would lose digits on the way."""
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} cannot be sent")
