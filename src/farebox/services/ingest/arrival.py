"""One event on its way through a request: what it is, what it was found to be, and what is answered about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from farebox.domain.clock import Instant
from farebox.domain.errors import Problem
from farebox.services.ingest.codes import rank
from farebox.services.ingest.reported import Reported, understand
from farebox.services.ingest.wire import Sent, read_event


class State(StrEnum):
    """The verdict on one event (domain M2, invariant I4)."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"


class SourceKey(NamedTuple):
    """Who sends: the key's number (0 for a command) and its team, or None for the whole installation."""

    id: int
    team: int | None


@dataclass(slots=True)
class Arrival:
    """An event of one request. Steps fill it in; `state` stays None until a step decides."""

    index: int
    id: str
    sent: Sent | None = None
    reported: Reported | None = None
    team: int = 0
    event: int = 0
    use: int = 0
    amends: bool = False
    state: State | None = None
    waits_for: str = ""
    problems: list[Problem] = field(default_factory=list)

    def reject(self, *problems: Problem) -> None:
        """Decide that nothing of the event is kept, and why."""
        self.state = State.REJECTED
        self.problems += sorted(problems, key=lambda p: (rank(p.code), p.pointer))

    def quarantine(self, code: str) -> None:
        """Decide that the event is kept and waits, and for what."""
        self.state = State.QUARANTINED
        self.waits_for = code


def arrive(index: int, raw: bytes, *, key: SourceKey, teams: Mapping[str, int], now: Instant) -> Arrival:
    """Read one event and check all of it that needs no record."""
    read = read_event(raw)
    if not isinstance(read, Sent):
        arrival = Arrival(index, "")
        arrival.reject(*read)
        return arrival
    arrival = Arrival(index, read.envelope.id, read)
    found = understand(read.envelope, read.data, now=now)
    problems = list(found) if isinstance(found, tuple) and not isinstance(found, Reported) else []
    team = _team(read.envelope.team, key, teams)
    if team is None:
        problems.append(Problem("/team", "unknown_team", "no such team that this key may send for"))
    if problems:
        arrival.reject(*problems)
    else:
        arrival.team = team or 0
        arrival.reported = found if isinstance(found, Reported) else None
    return arrival


def _team(slug: str, key: SourceKey, teams: Mapping[str, int]) -> int | None:
    if not slug:
        return key.team
    named = teams.get(slug)
    return named if key.team is None or named == key.team else None
