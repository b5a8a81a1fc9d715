"""
What people enter by hand: changes of a pool, consumption that no product told of, and taking both back.

Each is an event and is ingested, so that it is deduplicated, amended, withdrawn and rated like any other (domain N6).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from django.db import transaction

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Day, Instant, as_date, as_iso, midnight
from farebox.domain.errors import Problem, Rejected
from farebox.domain.packs import Pool
from farebox.records import audit, db, events
from farebox.services.ingest.arrival import SourceKey, State
from farebox.services.ingest.service import Verdict, ingest
from farebox.services.ingest.wire import BY_HAND_SOURCE

SOURCE = BY_HAND_SOURCE
"""The source of the events that are entered by hand."""


class Entry(NamedTuple):
    """Under which id something is entered, and for which date; the same id and revision again count once (I2)."""

    id: str
    on: Day
    revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """Tokens that are added to a pool, or taken from it where they have a minus."""

    event_type: ClassVar = "farebox.adjustment"
    pool: Pool
    tokens: str
    reason: str
    comment: str = ""

    def data(self) -> dict[str, str]:
        """Return what the event tells of it, but for its date and reason."""
        return {"pool": self.pool.value, "tokens": self.tokens.removeprefix("+")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumption:
    """A use that nothing reported: tokens, or how many units at the product's rate."""

    event_type: ClassVar = "farebox.consumption"
    person: str
    product: str
    reason: str
    tokens: str = ""
    quantity: str = ""
    comment: str = ""

    def data(self) -> dict[str, str]:
        """Return what the event tells of it, but for its date and reason."""
        amounts = {"tokens": self.tokens, "quantity": self.quantity}
        return {"person": self.person, "product": self.product} | {name: text for name, text in amounts.items() if text}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What became of an entry: its state, the tokens that it consumed, and why it waits if it does."""

    id: str
    state: State
    tokens: Tokens | None
    problems: tuple[Problem, ...]


def enter(
    team: int, entry: Entry, asked: Adjustment | Consumption, *, now: Instant, actor: str = audit.COMMAND
) -> Entered:
    """Change a pool, or enter a use of tokens or of units, by hand. Raises `Rejected`, `Busy`."""
    if isinstance(asked, Consumption) and asked.tokens and asked.quantity:
        raise Rejected([Problem("/quantity", "invalid_value", "a use has tokens or units, not both")])
    told = asked.data() | {"reasonType": asked.reason} | ({"reasonComment": asked.comment} if asked.comment else {})
    told["transactionDate"] = as_date(entry.on).isoformat()
    return _enter(team, _event(asked.event_type, told, entry), actor, now)


def rehearse(team: int, entry: Entry, asked: Adjustment | Consumption, *, now: Instant) -> Entered:
    """Tell what would become of an entry, and leave everything as it is. Raises as `enter` does."""

    def once() -> Entered:
        with db.atomic():
            entered = enter(team, entry, asked, now=now)
            transaction.set_rollback(True)
            return entered

    return db.insist(once)


def withdraw(team: int, entry: Entry, *, now: Instant, actor: str = audit.COMMAND) -> Entered:
    """Take back what was entered under an id. Raises `Rejected`, `Busy`."""
    return _enter(team, _event("farebox.withdrawal", None, entry), actor, now)


def _event(kind: str, data: dict[str, str] | None, entry: Entry) -> dict[str, object]:
    """Write an entry; it is said at the start of its date, so that the same entry again is the same event."""
    event: dict[str, object] = {"specversion": "1.0", "id": entry.id, "source": SOURCE, "type": kind}
    return event | {"time": as_iso(midnight(entry.on)), "revision": entry.revision, "data": data or {}}


def _enter(team: int, event: dict[str, object], actor: str, now: Instant) -> Entered:
    return db.insist(lambda: _enter_once(team, event, actor, now))


def _enter_once(team: int, event: dict[str, object], actor: str, now: Instant) -> Entered:
    with db.atomic():
        key = SourceKey(0, team, actor)
        is_new = not events.known(team, SOURCE, [str(event["id"])])
        verdict = ingest([json.dumps(event).encode()], key=key, now=now, with_charges=True).verdicts[0]
        if verdict.state is State.REJECTED:
            raise Rejected(verdict.problems)
        if verdict.state is not State.DUPLICATE and is_new:
            audit.note([_change(team, event, verdict)], actor, at=now)
    return _entered(verdict)


def _change(team: int, event: dict[str, object], verdict: Verdict) -> audit.Change:
    """Return the row of a first entry; what amends or withdraws one has its row already (quality T5)."""
    verb = "tokens.adjust" if event["type"] == Adjustment.event_type else "tokens.consume"
    facts = {"tokens_micro": -sum(charge.tokens_micro for charge in verdict.charges), "state": verdict.state.value}
    return audit.Change(team, verb, f"team {team}", facts)


def _entered(verdict: Verdict) -> Entered:
    consumed = Tokens(sum(charge.tokens_micro for charge in verdict.charges)) if verdict.charges else None
    return Entered(id=verdict.id, state=verdict.state, tokens=consumed, problems=verdict.problems)
