"""What is known of running sessions becomes uses and charges, and what was reserved for them is given back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from farebox.domain.charging.precedence import funding_at
from farebox.domain.clock import Instant, Span, as_iso
from farebox.domain.ids import tie_of
from farebox.domain.seats import Held
from farebox.domain.usage import Funding, UsageType
from farebox.records import db, events, ledger, live, names, seats, usage
from farebox.records.catalogue import Catalogue
from farebox.records.events import EventRow
from farebox.records.holds import OpenHold, Reserve, mark_booked
from farebox.records.live import LIVE_SOURCE, Session
from farebox.records.recording import record, settle
from farebox.records.seats import Pair
from farebox.records.usage import ChargeRow, UseRow
from farebox.services.authorise.launch import grace_us

PROVISIONAL = -1
"""The revision of what the server itself saw of a session: whatever its product reports amends it (domain M3)."""

_SESSION = "farebox.session"


class Evidence(NamedTuple):
    """A session was in use until an instant, and runs on or is over."""

    session: Session
    until: Instant
    open: bool


def conclude(
    evidence: Sequence[Evidence], holds: Sequence[OpenHold], catalogue: Catalogue, *, now: Instant
) -> dict[int, Session]:
    """
    Give back what `holds` have, and charge what the evidence shows, in one transaction (domain F7, F7a).

    Returns the sessions as they are now, by id: each that became a use knows its event.
    """
    contracts = {hold.contract: catalogue.contracts[hold.contract] for hold in holds}
    if holds:
        reserve = Reserve(contracts.values(), now=now)
        for hold in holds:
            reserve.end(hold, booked=False)
        reserve.write()
    charges, sessions = _charge(_counting(evidence), catalogue, now=now)
    paid = {(c.contract, c.person, c.product) for c in charges if c.tokens_micro}
    mark_booked([hold.id for hold in holds if (hold.contract, hold.person, hold.product) in paid])
    short = [contract for contract in contracts if ledger.open_shortfalls(contract)]
    if short:
        settle(short, catalogue, now=now)
    return sessions


def _counting(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Leave out sessions of which the product itself has reported the end: its word counts (domain M3)."""
    told = events.ended_by_report(sorted({one.session.event for one in evidence if one.session.event}))
    return [one for one in evidence if one.session.event not in told]


def _charge(
    evidence: Sequence[Evidence], catalogue: Catalogue, *, now: Instant
) -> tuple[list[ChargeRow], dict[int, Session]]:
    if not evidence:
        return [], {}
    sessions = _with_events([one.session for one in evidence])
    placed = [one._replace(session=sessions[one.session.id]) for one in evidence]
    people = live.keys_of(one.session.person for one in placed)
    rows = [_event(one, people[one.session.person], catalogue, now) for one in placed]
    known = {one.session.id for one in evidence if one.session.event}
    events.add([row for row, one in zip(rows, placed, strict=True) if one.session.id not in known])
    own = events.at_revision(sorted(one.session.event for one in evidence if one.session.event), PROVISIONAL)
    events.overwrite([row for row, one in zip(rows, placed, strict=True) if one.session.event in own])
    removed = usage.live_uses_of([one.session.event for one in evidence if one.session.event])
    return record(_uses(placed, catalogue), removed, catalogue, now=now), sessions


def _with_events(sessions: Sequence[Session]) -> dict[int, Session]:
    """Give every session that has none the number of an event."""
    new = [session for session in sessions if not session.event]
    first = db.reserve("event", len(new)) if new else 0
    numbered = [session._replace(event=first + nth) for nth, session in enumerate(new)]
    return {session.id: session for session in sessions} | {session.id: session for session in numbered}


def _event(one: Evidence, person: str, catalogue: Catalogue, now: Instant) -> EventRow:
    session = one.session
    data: dict[str, object] = {"product": catalogue.products[session.product].code, "start": as_iso(session.since)}
    data["lastHeartbeat" if one.open else "end"] = as_iso(one.until)
    data |= {name: text for name, text in (("version", session.version), ("machine", session.machine)) if text}
    if session.idles:
        data["active"] = [{"start": as_iso(a), "end": as_iso(b)} for a, b in spans_of(session)]
    payload = json.dumps({"subject": person, "time": as_iso(session.since), "data": data}, sort_keys=True).encode()
    return EventRow(
        session.event, session.team, LIVE_SOURCE, session.code, PROVISIONAL, _SESSION, "ACCEPTED", "",
        hashlib.blake2b(payload, digest_size=16).digest(), payload, now,
    )  # fmt: skip


def _uses(evidence: Sequence[Evidence], catalogue: Catalogue) -> list[UseRow]:
    first = db.reserve("use", len(evidence))
    held = seats.held(sorted({one.session.person for one in evidence}))
    labels = _labels(evidence)
    return [_use(first + nth, one, catalogue, held, labels) for nth, one in enumerate(evidence)]


def _labels(evidence: Sequence[Evidence]) -> dict[int, dict[str, dict[str, int]]]:
    """Return the numbers of versions and machines, by team."""
    teams: dict[int, list[Session]] = {}
    for one in evidence:
        teams.setdefault(one.session.team, []).append(one.session)
    return {
        team: names.labels(team, {"version": {s.version for s in of}, "machine": {s.machine for s in of}})
        for team, of in teams.items()
    }


def _use(
    number: int,
    one: Evidence,
    catalogue: Catalogue,
    held: Mapping[Pair, Sequence[Held]],
    labels: Mapping[int, Mapping[str, Mapping[str, int]]],
) -> UseRow:
    session = one.session
    words = labels[session.team]
    return UseRow(
        number,
        session.event,
        session.contract,
        session.person,
        session.product,
        session.since,
        max(one.until, session.since),
        one.open,
        tie_of(LIVE_SOURCE, session.code),
        grace_us(catalogue.contracts[session.contract], session.since),
        0,
        db.word(UsageType.NORMAL),
        db.word(funding_of(session, held)),
        words["version"][session.version],
        0,
        words["machine"][session.machine],
        0,
        None,
        usage.write_spans(spans_of(session)) if session.idles else None,
    )


def funding_of(session: Session, held: Mapping[Pair, Sequence[Held]]) -> Funding:
    """Return what pays for a session: judged at its start, for all of it (domain F9)."""
    return funding_at(held.get((session.person, session.product), ()), session.since)


def by_tokens(sessions: Iterable[Session], held: Mapping[Pair, Sequence[Held]]) -> list[Session]:
    """Return those of some sessions that tokens pay for."""
    return [session for session in sessions if funding_of(session, held) is Funding.TOKENS]


def spans_of(session: Session) -> list[Span]:
    """Return when somebody worked in a session, as far as it told; launching it is activity (domain F4)."""
    if not session.active:
        return [Span(session.since, session.since)]
    return [Span(Instant(a), Instant(b)) for a, b in json.loads(session.active)]


def with_activity(session: Session, *, active: bool, now: Instant) -> Session:
    """Return a session that was heard of; activity in a row is one span, and the first after a pause begins now."""
    if not active:
        return session._replace(seen=now, idles=True)
    spans = spans_of(session)
    if spans[-1].until == session.seen:
        spans[-1] = Span(spans[-1].since, now)
    else:
        spans.append(Span(now, now))
    return session._replace(seen=now, active=json.dumps(spans, separators=(",", ":")))
