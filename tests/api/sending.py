"""How tests talk to the events endpoint: a key, a post, and a look at what the records hold."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from django.test import Client
from tests.world import World

from farebox.records.models import Charge, Entry, Event, Label, Person, Use
from farebox.services import sources
from farebox.wallclock import now

LOUD, QUIET = "/v1/events", "/api/v1/events"
WHO = "ann@example.com"


def ago(**age: float) -> str:
    """Write the moment that lies so long before now (or after it, for a negative age)."""
    return (datetime.now(UTC) - timedelta(**age)).isoformat(timespec="seconds").replace("+00:00", "Z")


START, END = ago(hours=2), ago(hours=1)
"""Of a session, for the whole run: the same event again says the same, however much later that is."""


def an_event(name: str = "e-1", **changes: Any) -> dict[str, Any]:
    """Return a session of product A that ended about an hour ago, with members of it or of its data changed."""
    data = {"product": "A", "start": START, "end": END} | changes.pop("data", {})
    envelope = {"specversion": "1.0", "id": name, "source": "test", "type": "farebox.session", "time": START}
    return envelope | {"subject": WHO, "data": data} | changes


@dataclass(frozen=True)
class Answer:
    """What came back: a status, headers, and the body read as JSON if there is one."""

    status: int
    headers: dict[str, str]
    body: Any

    @property
    def codes(self) -> list[str]:
        """The problems of the only verdict, as "pointer code", in order."""
        (verdict,) = self.body["events"]
        return [f"{problem['pointer']} {problem['code']}" for problem in verdict["problems"]]

    @property
    def counts(self) -> tuple[int, ...]:
        """Received, accepted, duplicate, rejected, quarantined."""
        return tuple(self.body[name] for name in ("received", "accepted", "duplicate", "rejected", "quarantined"))


@dataclass
class Sender:
    """A program with a key of the Flex team."""

    client: Client
    world: World
    key: str = ""

    def __post_init__(self) -> None:
        """Make the key, if none is given."""
        self.key = self.key or sources.add("licence server", team="flex", now=now())

    def post(
        self,
        body: object,
        *,
        path: str = LOUD,
        kind: str = "application/json",
        key: str | None = None,
        headers: dict[str, str] | None = None,
        **environ: Any,
    ) -> Answer:
        """Post a body (bytes as they are, anything else as JSON) and read the answer."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Authorization": f"Bearer {self.key if key is None else key}"} | (headers or {})
        got = self.client.generic("POST", path, raw, content_type=kind, headers=sent, CONTENT_TYPE=kind, **environ)
        read = json.loads(got.content) if got.content else None
        return Answer(got.status_code, dict(got.headers), read)

    def stream(self, body: bytes, *, length: str = "", chunked: bool = False) -> Answer:
        """Post a body as a server hands it over: with a length that may lie, or in chunks without any."""
        environ: dict[str, Any] = {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": length}
        return self.post(b"", headers={"Transfer-Encoding": "chunked"} if chunked else {}, **environ)


def state() -> tuple[int, ...]:
    """Count what the records hold of events; a refusal leaves this as it was."""
    return tuple(model.objects.count() for model in (Event, Use, Charge, Entry, Person, Label))
