"""
What a debug log yields: uses and refusals, each with an identity that does not depend on the import.

The same file, or a later one that overlaps it, gives the same identities; a use that was still open and is
closed in the later file keeps its identity and gets a higher revision.  (domain M2, M3, events.md)
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, deque
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from farebox.domain.clock import HOUR, MINUTE, SECOND, Instant, as_iso

SERVER_UNKNOWN: Final = ""


class ClosedBy(StrEnum):
    """What ended a use, as far as the log tells."""

    CHECK_IN = "check_in"
    RESTART = "restart"
    """The daemon ended or started anew: the use is cut at the last instant it was heard."""
    OPEN = "open"
    """Nothing did: the log ended first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One use of one product by one person on one machine."""

    id: str
    user: str
    machine: str
    product: str
    feature: str
    version: str
    since: Instant
    until: Instant | None
    heard: Instant
    """The last instant at which the log vouches for the use: its end, or when its daemon was last heard."""
    server: str
    daemon: str
    utc_offset_seconds: int
    """How far the server's clock was ahead of UTC when the use began (domain T2)."""
    closed_by: ClosedBy
    inactive: bool = False
    """Whether the server took the licence back because it lay idle."""
    borrowed: bool = False
    merged: bool = False
    """Whether a package and the version inside it were taken as this one use."""
    licenses: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """A licence that was asked for and not given: a record of its own, never a use (domain A4)."""

    id: str
    user: str
    machine: str
    product: str
    feature: str
    version: str
    at: Instant
    server: str
    daemon: str
    reason: str
    code: str
    unsupported: bool = False
    """Whether the server has no such feature at all; programs ask for several and take the first they get."""


class Identities:
    """Hands out identities; equal things at the same instant are numbered in the order of the log."""

    def __init__(self) -> None:
        self._seen: Counter[tuple[str, ...]] = Counter()
        self._recent: deque[tuple[Instant, tuple[str, ...]]] = deque()

    def next(self, at: Instant, *names: str) -> str:
        """Return the identity of the next thing with these names at this instant."""
        key = (*names, str(at))
        ordinal = self._seen[key]
        self._seen[key] += 1
        if ordinal == 0:
            self._recent.append((at, key))
            self._forget(at)
        text = json.dumps([*key, ordinal], separators=(",", ":"))
        return "flexnet-" + hashlib.sha256(text.encode()).hexdigest()[:32]

    def _forget(self, now: Instant) -> None:
        """Drop what lies more than an hour back: no line straggles that far."""
        while abs(now - self._recent[0][0]) > HOUR:
            del self._seen[self._recent.popleft()[1]]


def as_event(session: Session, source: str) -> dict[str, object]:
    """
    Write a use as the CloudEvents object of `POST /v1/events` (events.md).

    Its revision grows with what is known: a use seen open and later closed is an amendment, not a conflict
    (domain M3). An open use has no end; when to close it is the receiver's rule (domain M4).
    """
    data: dict[str, object] = {
        "product": session.product,
        "start": as_iso(session.since),
        "end": None if session.until is None else as_iso(session.until),
        "version": session.version,
        "feature": session.feature,
        "machine": session.machine,
        "server": session.server,
        "utcOffset": _offset(session.utc_offset_seconds),
        "usageType": "Borrowed" if session.borrowed else "Normal",
    }
    return {
        "specversion": "1.0",
        "id": session.id,
        "source": source,
        "type": "farebox.session",
        "time": as_iso(session.since),
        "subject": session.user,
        "revision": 2 * (session.closed_by is not ClosedBy.OPEN) + session.merged,
        "data": {name: value for name, value in data.items() if value not in (None, "")},
    }


def _offset(seconds: int) -> str:
    """Write `+1:00`, as the usage data API shows a licence server's offset."""
    hours, minutes = divmod(abs(seconds) * SECOND // MINUTE, HOUR // MINUTE)
    return f"{'-' if seconds < 0 else '+'}{hours}:{minutes:02}"
