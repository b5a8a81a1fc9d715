"""
Sessions that the server saw itself, and that their products report now: the report counts, once (events.md, M3).

A product that was allowed a session sends it afterwards as an event with the session's id. Whatever source it names,
it is the same event that the server keeps for the session, and amends it. An event that cannot be that session is
refused, so that a mistaken id neither takes a session over nor frees what is reserved for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from msgspec import structs

from farebox.domain.clock import Instant
from farebox.domain.errors import Problem
from farebox.records import holds, live
from farebox.records.catalogue import Catalogue
from farebox.records.live import LIVE_SOURCE, Session
from farebox.records.usage import UseRow
from farebox.services.ingest.arrival import Arrival, State
from farebox.services.ingest.wire import SESSION, WITHDRAWAL

_CODE = re.compile(r"ses_[0-9a-f]{32}")


def tie(arrivals: Iterable[Arrival], catalogue: Catalogue) -> None:
    """
    Put the events of allowed sessions under the identity that the server keeps them by; refuse what cannot be theirs.

    An event is of a session if the session was allowed to the event's team, and it is a session of the same person and
    product, or a withdrawal. Only those may stand under the server's own source.
    """
    named = [arrival for arrival in arrivals if _may_be_tied(arrival)]
    if not named:
        return
    sessions = live.with_codes(sorted({arrival.id for arrival in named if _CODE.fullmatch(arrival.id)}))
    asked = {(one.team, one.reported.person) for one in named if one.reported is not None}
    people = live.people(sorted(asked)) if asked else {}
    for arrival in named:
        assert arrival.sent is not None
        session = sessions.get(arrival.id)
        if session is None or session.team != arrival.team:
            if arrival.sent.envelope.source == LIVE_SOURCE:
                arrival.reject(Problem("/source", "reserved_source", "no session of this id was allowed to the team"))
            continue
        problems = _differences(arrival, session, people, catalogue)
        if problems:
            arrival.reject(*problems)
        else:
            envelope = structs.replace(arrival.sent.envelope, source=LIVE_SOURCE)
            arrival.sent = arrival.sent._replace(envelope=envelope)


def _may_be_tied(arrival: Arrival) -> bool:
    assert arrival.sent is not None
    return arrival.id.startswith("ses_") or arrival.sent.envelope.source == LIVE_SOURCE


def _differences(
    arrival: Arrival, session: Session, people: dict[tuple[int, str], live.Known], catalogue: Catalogue
) -> list[Problem]:
    """Return in what an event is not the session that its id names."""
    assert arrival.sent is not None
    kind, reported = arrival.sent.envelope.type, arrival.reported
    if kind == WITHDRAWAL:
        return []
    if kind != SESSION or reported is None:
        return [Problem("/type", "not_the_session", "the id is that of an allowed session")]
    problems = []
    who = people.get((arrival.team, reported.person))
    if who is None or who.id != session.person:
        problems.append(Problem("/subject", "not_the_session", "the session was allowed to another person"))
    product = catalogue.codes.get(reported.product)
    if product is None or product[0] != session.product:
        problems.append(Problem("/data/product", "not_the_session", "the session was allowed for another product"))
    return problems


def refuse_waiting(arrivals: Iterable[Arrival]) -> None:
    """Refuse reports of allowed sessions that would have to wait: what the server saw of them counts until then."""
    for arrival in arrivals:
        assert arrival.sent is not None
        if arrival.state is State.QUARANTINED and arrival.sent.envelope.source == LIVE_SOURCE:
            arrival.state = None
            arrival.reject(Problem("/data", "not_the_session", f"cannot be charged as this: {arrival.waits_for}"))


def take_over(
    events: Iterable[tuple[str, int, int]], uses: Sequence[UseRow], catalogue: Catalogue, *, now: Instant
) -> set[int]:
    """
    Close the live sessions that these events report, as (id, team, event), and release what is held for them.

    What a report charges draws in the same transaction. A report without an end leaves its session running. Returns
    the contracts in which something was released.
    """
    told = {(code, team): event for code, team, event in events if code.startswith("ses_")}
    if not told:
        return set()
    known = live.with_codes(sorted({code for code, _ in told})).values()
    use_of = {use.event: use for use in uses}
    changed = []
    for session in (one for one in known if (one.code, one.team) in told):
        event = told[session.code, session.team]
        runs = event in use_of and bool(use_of[event].open)
        changed.append(session._replace(event=event, closed=session.closed if runs else session.closed or now))
    live.change(changed)
    reported = {session.key for session in changed if _outlasts(use_of.get(session.event), session)}
    return _release({session.key for session in changed}, reported, catalogue, now=now)


def _outlasts(use: UseRow | None, session: Session) -> bool:
    """Tell whether a report is of more than a mistake (domain F3)."""
    return use is not None and use.product == session.product and use.until - use.since > use.grace_us


def _release(keys: set[live.Key], reported: set[live.Key], catalogue: Catalogue, *, now: Instant) -> set[int]:
    """End the holds of what was reported as used, and of what nothing runs of any more."""
    running = live.running(sorted(keys))
    ended = [hold for key, hold in holds.of_keys(sorted(keys)).items() if key in reported or key not in running]
    for contract in {hold.contract for hold in ended}:
        of_contract = [hold for hold in ended if hold.contract == contract]
        holds.end_holds(catalogue.contracts[contract], of_contract, booked=False, now=now)
    holds.mark_booked([hold.id for hold in ended if (hold.contract, hold.person, hold.product) in reported])
    return {hold.contract for hold in ended}
