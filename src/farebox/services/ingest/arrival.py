"""One event on its way through a request: what it is, what it was found to be, and what is answered about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from farebox.domain.clock import Instant
from farebox.domain.errors import Problem
from farebox.services.ingest.checks import Reported
from farebox.services.ingest.codes import PROBLEMS_MAX, rank
from farebox.services.ingest.faults import Unread, explain
from farebox.services.ingest.reported import understand
from farebox.services.ingest.wire import ADJUSTMENT, BY_HAND, BY_HAND_SOURCE, Envelope, Sent, read_event


class State(StrEnum):
    """The verdict on one event (domain M2, invariant I4)."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"


class SourceKey(NamedTuple):
    """Who sends: the key's number (0: the host, or what is entered by hand) and its team, or None for all teams."""

    id: int
    team: int | None
    actor: str = ""
    """Who entered it by hand, as the audit names them; empty for a program, or a command."""
    reason: str = ""
    """Why something that was entered by hand is taken back."""


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
    was: str = ""
    """The type of the event that it amends."""
    state: State | None = None
    waits_for: str = ""
    problems: tuple[Problem, ...] = ()

    @property
    def may_be_refused(self) -> bool:
        """Whether the packs may not have what it needs: an adjustment, or what changes one or takes it back."""
        return self.was == ADJUSTMENT or (self.sent is not None and self.sent.envelope.type == ADJUSTMENT)

    def reject(self, *problems: Problem) -> None:
        """Decide that nothing of the event is kept, and why."""
        self.state = State.REJECTED
        self.problems += tuple(sorted(problems, key=lambda p: (rank(p.code), p.pointer))[:PROBLEMS_MAX])

    def quarantine(self, code: str) -> None:
        """Decide that the event is kept and waits, and for what."""
        self.state = State.QUARANTINED
        self.waits_for = code


def arrive(index: int, raw: bytes, *, key: SourceKey, teams: Mapping[str, int], now: Instant) -> Arrival:
    """Read one event and check all of it that needs no record."""
    sent = read_event(raw) or explain(raw)
    if isinstance(sent, Unread):
        arrival = Arrival(index, sent.id, team=key.team or 0)
        arrival.reject(*sent.problems, *_further(sent, key, teams, now))
        return arrival
    arrival = Arrival(index, sent.envelope.id, sent)
    found = understand(sent.envelope, sent.data, now=now)
    team, barred = _team(sent.envelope.team, key, teams), _barred(sent.envelope, key)
    if team is not None and not barred and (found is None or isinstance(found, Reported)):
        arrival.team = team
        arrival.reported = found
        return arrival
    problems = () if found is None or isinstance(found, Reported) else found
    arrival.reject(*problems, *barred, *([_UNKNOWN_TEAM] if team is None else []))
    return arrival


def _further(unread: Unread, key: SourceKey, teams: Mapping[str, int], now: Instant) -> list[Problem]:
    """Return what is wrong beyond the structure, as far as the members that can be read tell."""
    if unread.envelope is None or unread.data is None:
        return []
    found = understand(unread.envelope, unread.data, now=now)
    problems = list(found) if isinstance(found, tuple) and not isinstance(found, Reported) else []
    problems += _barred(unread.envelope, key)
    if _team(unread.envelope.team, key, teams) is None:
        problems.append(_UNKNOWN_TEAM)
    return [problem for problem in problems if unread.means(problem)]


def _barred(envelope: Envelope, key: SourceKey) -> tuple[Problem, ...]:
    """Return why a key may not send an event, if so: people enter it by hand (quality: authorization matrix)."""
    if not key.id:
        return ()
    if envelope.type in BY_HAND:
        return (NOT_BY_KEY._replace(pointer="/type"),)
    return (NOT_BY_KEY._replace(pointer="/source"),) if envelope.source == BY_HAND_SOURCE else ()


NOT_BY_KEY = Problem("/id", "entered_by_hand", "people enter this by hand, on a page or by command; no key does")
_UNKNOWN_TEAM = Problem("/team", "unknown_team", "no such team that this key may send for")


def _team(slug: str, key: SourceKey, teams: Mapping[str, int]) -> int | None:
    if not slug:
        return key.team
    named = teams.get(slug)
    return named if key.team is None or named == key.team else None
