"""
What people enter by hand: changes of a pool, consumption that no product told of, and taking both back.

Each is an event and is ingested, so that it is deduplicated, amended, withdrawn and rated like any other (domain N6).
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.db import transaction

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Day, Instant, as_date, as_iso, midnight
from farebox.domain.errors import Problem, Rejected
from farebox.domain.packs import Pool
from farebox.records import audit, db
from farebox.services.ingest.arrival import SourceKey, State
from farebox.services.ingest.service import Verdict, ingest

SOURCE = "farebox:command"
"""The source of the events that are entered by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """Tokens that are added to a pool, or taken from it where they have a minus."""

    pool: Pool
    tokens: str
    reason: str
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumption:
    """A use that nothing reported: tokens, or how many units at the product's rate."""

    person: str
    product: str
    reason: str
    tokens: str = ""
    quantity: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What became of an entry: its state, the tokens that it consumed, and why it waits if it does."""

    id: str
    state: State
    tokens: Tokens | None
    problems: tuple[Problem, ...]


def adjust(
    team: int,
    asked: Adjustment,
    *,
    on: Day,
    id: str,  # noqa: A002
    now: Instant,
    revision: int = 0,
    actor: str = audit.COMMAND,
) -> Entered:
    """Change a pool by hand on a date; the same id again counts once (I2). Raises `Rejected`, `Busy`."""
    data = {"pool": asked.pool.value, "tokens": asked.tokens.removeprefix("+")} | _told(asked)
    return _enter(team, _event("farebox.adjustment", data, on, id, revision), actor, now)


def consume(
    team: int,
    asked: Consumption,
    *,
    on: Day,
    id: str,  # noqa: A002
    now: Instant,
    revision: int = 0,
    actor: str = audit.COMMAND,
) -> Entered:
    """Enter a use by hand on a date; the same id again counts once (I2). Raises `Rejected`, `Busy`."""
    amounts = {name: text for name, text in (("tokens", asked.tokens), ("quantity", asked.quantity)) if text}
    data = {"person": asked.person, "product": asked.product, **amounts} | _told(asked)
    return _enter(team, _event("farebox.consumption", data, on, id, revision), actor, now)


def rehearse_use(
    team: int,
    asked: Consumption,
    *,
    on: Day,
    id: str,  # noqa: A002
    now: Instant,
    revision: int = 0,
) -> Entered:
    """Tell what would become of a use by hand, and leave everything as it is. Raises as `consume` does."""

    def once() -> Entered:
        with db.atomic():
            entered = consume(team, asked, on=on, id=id, now=now, revision=revision)
            transaction.set_rollback(True)
            return entered

    return db.insist(once)


def withdraw(
    team: int,
    id: str,  # noqa: A002
    *,
    on: Day,
    now: Instant,
    revision: int = 1,
    actor: str = audit.COMMAND,
) -> Entered:
    """Take back what was entered under an id. Raises `Rejected`, `Busy`."""
    return _enter(team, _event("farebox.withdrawal", None, on, id, revision), actor, now)


def _told(asked: Adjustment | Consumption) -> dict[str, str]:
    return {"reasonType": asked.reason} | ({"reasonComment": asked.comment} if asked.comment else {})


def _event(kind: str, data: dict[str, str] | None, on: Day, id: str, revision: int) -> dict[str, object]:  # noqa: A002
    """Write an entry; it is said at the start of its date, so that the same entry again is the same event."""
    told = {} if data is None else {**data, "transactionDate": as_date(on).isoformat()}
    event: dict[str, object] = {"specversion": "1.0", "id": id, "source": SOURCE, "type": kind}
    return event | {"time": as_iso(midnight(on)), "revision": revision, "data": told}


def _enter(team: int, event: dict[str, object], actor: str, now: Instant) -> Entered:
    return db.insist(lambda: _enter_once(team, event, actor, now))


def _enter_once(team: int, event: dict[str, object], actor: str, now: Instant) -> Entered:
    with db.atomic():
        key = SourceKey(0, team, actor)
        verdict = ingest([json.dumps(event).encode()], key=key, now=now, with_charges=True).verdicts[0]
        if verdict.state is State.REJECTED:
            raise Rejected(verdict.problems)
        if verdict.state is not State.DUPLICATE and not event["revision"]:
            audit.note([_change(team, event, verdict)], actor, at=now)
    return _entered(verdict)


def _change(team: int, event: dict[str, object], verdict: Verdict) -> audit.Change:
    """Return the row of a first entry; what amends or withdraws one has its row already (quality T5)."""
    verb = "tokens.adjust" if event["type"] == "farebox.adjustment" else "tokens.consume"
    facts = {"tokens_micro": -sum(charge.tokens_micro for charge in verdict.charges), "state": verdict.state.value}
    return audit.Change(team, verb, f"team {team}", facts)


def _entered(verdict: Verdict) -> Entered:
    consumed = Tokens(sum(charge.tokens_micro for charge in verdict.charges)) if verdict.charges else None
    return Entered(id=verdict.id, state=verdict.state, tokens=consumed, problems=verdict.problems)
