"""What Farebox answers, as typed values: amounts are decimals read from texts, moments are aware and in UTC."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from farebox.client.errors import Fault


class Decision(StrEnum):
    """The answer to a product that asks."""

    ALLOW = "allow"
    DENY = "deny"
    ASK = "ask"
    """Allowed, but it costs tokens: ask the person first, and launch with the price that they agreed to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The 24 hours that one charge covers."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Whether somebody may use a product, why, what it costs now, and until when that is paid."""

    decision: Decision
    reason: str
    cost: Decimal
    covered_until: datetime | None
    available: Decimal
    reserved: Decimal
    session: str
    """The session that the answer is about; empty for a quote and a denial."""
    window: Window | None

    @property
    def allowed(self) -> bool:
        """Whether the product may be opened now."""
        return self.decision is Decision.ALLOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What one person would be answered for one product."""

    person: str
    product: str
    decision: Decision
    reason: str
    cost: Decimal
    covered_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotes:
    """Many quotes, and the tokens that all of them were weighed against."""

    available: Decimal
    reserved: Decimal
    decisions: tuple[Quote, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """An event that was not plainly accepted, by its place among those sent."""

    index: int
    id: str
    state: str
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of events: counts that add up to `received`, and each event that was not plainly accepted."""

    received: int = 0
    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0
    quarantined: int = 0
    events: tuple[Verdict, ...] = ()

    def __add__(self, other: Receipt) -> Receipt:
        """Join the receipt of the events that were sent next."""
        moved = tuple(
            Verdict(index=one.index + self.received, id=one.id, state=one.state, faults=one.faults)
            for one in other.events
        )
        return Receipt(
            received=self.received + other.received,
            accepted=self.accepted + other.accepted,
            duplicate=self.duplicate + other.duplicate,
            rejected=self.rejected + other.rejected,
            quarantined=self.quarantined + other.quarantined,
            events=self.events + moved,
        )


def read(body: bytes) -> Mapping[str, Any]:
    """Read a JSON object, without a float in it."""
    found = json.loads(body, parse_float=Decimal)
    return found if isinstance(found, dict) else {}


def answer_of(told: Mapping[str, Any]) -> Answer:
    """Read the answer to a launch, a quote, a heartbeat or a close."""
    window = told.get("window")
    return Answer(
        decision=Decision(told["decision"]),
        reason=told["reason"],
        cost=_amount(told.get("cost")),
        covered_until=_moment(told.get("covered_until")),
        available=_amount(told.get("available")),
        reserved=_amount(told.get("reserved")),
        session=told.get("session") or "",
        window=Window(start=_at(window["start"]), end=_at(window["end"])) if window else None,
    )


def quotes_of(told: Mapping[str, Any]) -> Quotes:
    """Read the answer to a batch of quotes."""
    return Quotes(
        available=_amount(told.get("available")),
        reserved=_amount(told.get("reserved")),
        decisions=tuple(
            Quote(
                person=one["person"],
                product=one["product"],
                decision=Decision(one["decision"]),
                reason=one["reason"],
                cost=_amount(one.get("cost")),
                covered_until=_moment(one.get("covered_until")),
            )
            for one in told["decisions"]
        ),
    )


def receipt_of(told: Mapping[str, Any]) -> Receipt:
    """Read what became of a request with events."""
    counts = {name: int(told[name]) for name in ("received", "accepted", "duplicate", "rejected", "quarantined")}
    verdicts = tuple(
        Verdict(index=one["index"], id=one["id"] or "", state=one["state"], faults=faults_of(one))
        for one in told.get("events", ())
    )
    return Receipt(**counts, events=verdicts)


def faults_of(told: Mapping[str, Any]) -> tuple[Fault, ...]:
    """Read the problems of an event or of a problem document."""
    return tuple(Fault(one["pointer"], one["code"], one["message"]) for one in told.get("problems", ()))


def _amount(text: object) -> Decimal:
    return Decimal(str(text or 0))


def _moment(text: str | None) -> datetime | None:
    return None if text is None else _at(text)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
