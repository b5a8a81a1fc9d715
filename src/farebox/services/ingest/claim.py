"""Which events are new: every identity is claimed once, for as long as events are kept (invariants I2, I3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from farebox.domain.errors import Problem
from farebox.records import db, events
from farebox.records.events import Known
from farebox.services.ingest.arrival import NOT_BY_KEY, Arrival, SourceKey, State
from farebox.services.ingest.wire import BY_HAND, WITHDRAWAL


def rounds(arrivals: Iterable[Arrival]) -> list[list[Arrival]]:
    """Deal arrivals into rounds in which no identity stands twice, in the order in which they were sent."""
    seen: dict[tuple[int, str, str], int] = defaultdict(int)
    dealt: list[list[Arrival]] = []
    for arrival in arrivals:
        assert arrival.sent is not None
        identity = (arrival.team, arrival.sent.envelope.source, arrival.id)
        nth = seen[identity]
        seen[identity] = nth + 1
        if nth == len(dealt):
            dealt.append([])
        dealt[nth].append(arrival)
    return dealt


def claim(arrivals: Sequence[Arrival], key: SourceKey) -> list[Arrival]:
    """Return the arrivals that are to be recorded, numbered; the others get their verdict here (domain M3)."""
    by_source: dict[tuple[int, str], list[Arrival]] = defaultdict(list)
    for arrival in arrivals:
        assert arrival.sent is not None
        by_source[arrival.team, arrival.sent.envelope.source].append(arrival)
    claimed: list[Arrival] = []
    for (team, source), sent in by_source.items():
        known = events.known(team, source, [arrival.id for arrival in sent])
        claimed += [arrival for arrival in sent if _is_to_record(arrival, known.get(arrival.id), key)]
    first = db.reserve("event", len(claimed)) if claimed else 0
    for nth, arrival in enumerate(claimed):
        if not arrival.amends:
            arrival.event = first + nth
    return claimed


def _is_to_record(arrival: Arrival, known: Known | None, key: SourceKey) -> bool:
    assert arrival.sent is not None
    envelope = arrival.sent.envelope
    if known is None:
        if envelope.type == WITHDRAWAL:
            arrival.reject(Problem("/id", "withdraws_nothing", "no event with this source and id was received"))
            return False
        return True
    if key.id and known.kind in BY_HAND:
        arrival.reject(NOT_BY_KEY)
        return False
    if envelope.revision < known.revision:
        arrival.state = State.DUPLICATE
        return False
    if envelope.revision == known.revision:
        if known.fingerprint == arrival.sent.fingerprint:
            arrival.state = State.DUPLICATE
        else:
            arrival.reject(
                Problem("/id", "conflict", "this id was received with another content; amend it with a higher revision")
            )
        return False
    arrival.amends = True
    arrival.was = known.kind
    arrival.event = known.id
    return True
