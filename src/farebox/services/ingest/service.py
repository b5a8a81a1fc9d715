"""The whole of one request: its events recorded, charged and answered, or nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Instant
from farebox.domain.errors import Busy, Problem, Rejected
from farebox.records import audit, db, events, late, ledger, usage
from farebox.records.catalogue import Catalogue, snapshot
from farebox.records.events import EventRow, Tally, WaitingRow
from farebox.records.recording import record, settle
from farebox.records.tenancy import acting_for
from farebox.records.usage import ChargeRow
from farebox.services.ingest import place, reported, reserving
from farebox.services.ingest.arrival import Arrival, SourceKey, State, arrive
from farebox.services.ingest.claim import claim, rounds
from farebox.services.ingest.codes import QUARANTINE
from farebox.services.ingest.takeover import refuse_waiting, take_over, tie
from farebox.services.ingest.wire import WITHDRAWAL, read_payload

ATTEMPTS = 5
"""How often a transaction is tried when another process keeps changing the same pack."""

PAGE = 5_000
"""Waiting events that are read, and released in one transaction, at a time."""


class Verdict(NamedTuple):
    """What became of one event; `charges` are the rows it was charged as, where they were asked for."""

    nth: int
    id: str
    state: State
    problems: tuple[Problem, ...]
    charges: tuple[ChargeRow, ...] = ()


class Receipt(NamedTuple):
    """The answer to one request: counts that add up, and a verdict on each event, in order."""

    tally: Tally
    verdicts: tuple[Verdict, ...]


def ingest(raws: Sequence[bytes], *, key: SourceKey, now: Instant, with_charges: bool = False) -> Receipt:
    """
    Record and charge the events of one request, each with its own verdict (domain M2, M3).

    `raws` are the JSON texts of the events, `now` is the server's clock. One bad event does not lose the others.
    Everything accepted is committed when this returns. Raises `Busy` if other processes kept winning.
    """
    with acting_for(key.team):
        return _ingest(raws, key, now=now, with_charges=with_charges)


def _ingest(raws: Sequence[bytes], key: SourceKey, *, now: Instant, with_charges: bool) -> Receipt:
    teams = snapshot().teams
    for attempt in range(1, ATTEMPTS + 1):
        arrivals = [arrive(nth, raw, key=key, teams=teams, now=now) for nth, raw in enumerate(raws)]
        try:
            with db.atomic():
                charged = _record(arrivals, key, now=now)
                _count(arrivals, key, now=now)
            break
        except Busy:
            if attempt == ATTEMPTS:
                raise
    return _receipt(arrivals, charged if with_charges else ())


def _record(arrivals: Sequence[Arrival], key: SourceKey, *, now: Instant) -> list[ChargeRow]:
    read = [arrival for arrival in arrivals if arrival.state is None]
    if not read:
        return []
    ledger.lock(sorted({arrival.team for arrival in read}))
    catalogue = snapshot()  # after the lock: books that another process just closed are closed here too
    tie(read, catalogue)
    charged: list[ChargeRow] = []
    for dealt in rounds(arrival for arrival in read if arrival.state is None):
        claimed = _not_closed(claim(dealt, key))
        charged += _record_round(claimed, catalogue, now=now)
        amended = [one for one in claimed if one.amends and one.state is not State.REJECTED]
        audit.note([_correction(one, key.reason) for one in amended], key.actor or audit.source(key.id), at=now)
    return charged


def _not_closed(claimed: list[Arrival]) -> list[Arrival]:
    """Return the arrivals that do not take back what is charged in closed books; the others are rejected (L5a)."""
    closed = late.closed_events([arrival.event for arrival in claimed if arrival.amends and _withdraws(arrival)])
    for arrival in claimed:
        if arrival.event in closed and _withdraws(arrival):
            arrival.reject(Problem("/id", "books_closed", "the books that count this event are closed; amend it"))
    return [arrival for arrival in claimed if arrival.state is None]


def _correction(arrival: Arrival, reason: str) -> audit.Change:
    assert arrival.sent is not None
    facts: audit.Facts = {"revision": arrival.sent.envelope.revision, **({"reason": reason} if reason else {})}
    verb = "withdrew" if _withdraws(arrival) else "amended"
    return audit.Change(arrival.team, verb, f"event {arrival.event}", facts)


def _record_round(claimed: Sequence[Arrival], catalogue: Catalogue, *, now: Instant) -> list[ChargeRow]:
    charged = _keep([arrival for arrival in claimed if not arrival.may_be_refused], catalogue, now=now)
    for arrival in claimed:
        charged += _try_to_keep(arrival, catalogue, now=now) if arrival.may_be_refused else []
    return charged


def _try_to_keep(arrival: Arrival, catalogue: Catalogue, *, now: Instant) -> list[ChargeRow]:
    """Keep an event that may be refused for lack of tokens; nothing of it is kept then, and the others stay."""
    try:
        with db.atomic():
            return _keep([arrival], catalogue, now=now)
    except Rejected as refusal:
        arrival.reject(*refusal.problems)
        return []


def _keep(claimed: Sequence[Arrival], catalogue: Catalogue, *, now: Instant) -> list[ChargeRow]:
    if not claimed:
        return []
    live = [arrival for arrival in claimed if not _withdraws(arrival)]
    placed = place.place(live, catalogue)
    refuse_waiting(live)
    claimed = [arrival for arrival in claimed if arrival.state is not State.REJECTED]
    for arrival in claimed:
        arrival.state = arrival.state or State.ACCEPTED
    rows = [_event_row(arrival, now) for arrival in claimed]
    events.add([row for row, arrival in zip(rows, claimed, strict=True) if not arrival.amends])
    events.amend([row for row, arrival in zip(rows, claimed, strict=True) if arrival.amends])
    return _charge(placed, [arrival for arrival in claimed if arrival.amends], catalogue, now=now)


def _charge(
    placed: Sequence[place.Placed], amending: Sequence[Arrival], catalogue: Catalogue, *, now: Instant
) -> list[ChargeRow]:
    """Record the uses, rate what they touch, and book what differs; jobs release and reserve tokens (domain S1)."""
    first = db.reserve("use", len(placed)) if placed else 0
    uses = place.number(placed, first_use=first, now=now)
    removed = usage.live_uses_of([arrival.event for arrival in amending]) if amending else []
    released = set(reserving.release(placed, amending, catalogue, now=now))
    told = [(a.id, a.team, a.event) for a in (*(one.arrival for one in placed), *amending)]
    released |= take_over(told, uses, catalogue, now=now)
    charged = record(uses, removed, catalogue, now=now)
    settle(released, catalogue, now=now)
    reserving.reserve(placed, uses, now=now)
    return charged


def _withdraws(arrival: Arrival) -> bool:
    return arrival.sent is not None and arrival.sent.envelope.type == WITHDRAWAL


def _event_row(arrival: Arrival, now: Instant) -> EventRow:
    assert arrival.sent is not None
    envelope = arrival.sent.envelope
    waits = arrival.state is State.QUARANTINED
    state = "WITHDRAWN" if _withdraws(arrival) else "QUARANTINED" if waits else "ACCEPTED"
    return EventRow(
        arrival.event,
        arrival.team,
        envelope.source,
        arrival.id,
        envelope.revision,
        envelope.type,
        state,
        arrival.waits_for,
        arrival.sent.fingerprint,
        arrival.sent.payload,
        now,
    )


def _count(arrivals: Sequence[Arrival], key: SourceKey, *, now: Instant) -> None:
    by_team: dict[int, list[Arrival]] = defaultdict(list)
    for arrival in arrivals:
        by_team[arrival.team].append(arrival)
    for team, of_team in by_team.items():
        events.count(key.id, team, _tally(of_team), at=now)


def _tally(arrivals: Sequence[Arrival]) -> Tally:
    states = [arrival.state for arrival in arrivals]
    return Tally(
        len(states),
        states.count(State.ACCEPTED),
        states.count(State.DUPLICATE),
        states.count(State.REJECTED),
        states.count(State.QUARANTINED),
    )


def _receipt(arrivals: Sequence[Arrival], charged: Sequence[ChargeRow]) -> Receipt:
    of_use: dict[int, list[ChargeRow]] = defaultdict(list)
    for charge in charged:
        of_use[charge.use].append(charge)
    return Receipt(
        _tally(arrivals),
        tuple(
            Verdict(a.index, a.id, a.state or State.ACCEPTED, _problems(a), tuple(of_use.get(a.use, ())))
            for a in arrivals
        ),
    )


def _problems(arrival: Arrival) -> tuple[Problem, ...]:
    if arrival.state is State.QUARANTINED:
        return (Problem("/data/product", arrival.waits_for, QUARANTINE[arrival.waits_for]),)
    return arrival.problems


def release_waiting(*, now: Instant, team: int = 0, actor: str = "command") -> int:
    """
    Charge the quarantined events that the catalogue knows enough for by now; return how many (domain M2).

    With `team` only its events. Each page of events is kept on its own, with a row of the audit for each team.
    """
    released, after = 0, 0
    while page := events.waiting(after=after, limit=PAGE, team=team):
        after = page[-1].id
        with db.atomic():
            of_teams = _release(page, now=now)
            audit.note([_released(*one) for one in sorted(of_teams.items())], actor, at=now)
        released += of_teams.total()
    return released


def _released(team: int, number: int) -> audit.Change:
    return audit.Change(team, "events released", f"team {team}", {"events": number})


def charged_from(team: int, source: str) -> tuple[dict[str, int], Tokens]:
    """Return what all uses that a source reported cost now: rows by category, and tokens."""
    found = usage.charged_from(team, source)
    return {category: number for category, number, _ in found}, Tokens(sum(tokens for _, _, tokens in found))


def _release(page: Sequence[WaitingRow], *, now: Instant) -> Counter[int]:
    """Release what can be of a page; return how many of each team."""
    ledger.lock(sorted({row.team for row in page}))
    page = events.still_waiting(page)
    catalogue = snapshot()
    waiting = [_kept(nth, row) for nth, row in enumerate(page)]
    released = _release_all([one for one in waiting if not one.may_be_refused], catalogue, now=now)
    for one in waiting:
        if one.may_be_refused:
            released += _try_to_release(one, catalogue, now=now)
    return released


def _try_to_release(arrival: Arrival, catalogue: Catalogue, *, now: Instant) -> Counter[int]:
    """Release an event that may be refused for lack of tokens; it waits for them then."""
    try:
        with db.atomic():
            return _release_all([arrival], catalogue, now=now)
    except Rejected as refusal:
        events.restate([(refusal.problems[0].code, arrival.event)])
        return Counter()


def _release_all(waiting: Sequence[Arrival], catalogue: Catalogue, *, now: Instant) -> Counter[int]:
    placed = place.place(waiting, catalogue)
    events.release([one.arrival.event for one in placed])
    events.restate([(a.waits_for, a.event) for a in waiting if a.state is State.QUARANTINED])
    _charge(placed, (), catalogue, now=now)
    return Counter(one.arrival.team for one in placed)


def _kept(nth: int, row: WaitingRow) -> Arrival:
    sent = read_payload(row.source, row.event_id, row.kind, row.payload)
    found = reported.read_back(sent.envelope.subject, sent.envelope.time, sent.data)
    return Arrival(nth, row.event_id, sent, found, row.team, row.id)
