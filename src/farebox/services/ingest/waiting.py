"""What events wait for: by reason, team and what they name; the oldest of each (domain M2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from farebox.domain.clock import Instant
from farebox.domain.errors import NotFound
from farebox.records import db, events
from farebox.records.catalogue import snapshot
from farebox.records.events import WaitingRow
from farebox.records.models import Event, Team
from farebox.records.models.events import EventState
from farebox.services.ingest.wire import read_payload

PAGE = 5_000
"""Waiting events that are read at a time."""

READ_MAX = 20_000
"""Waiting events that are read for a page, the oldest first: what waits for one thing is there by the thousand."""


class Waiting(NamedTuple):
    """What a quarantined event waits for: why, for which team, and the product or API that it names."""

    problem: str
    team: str
    product: str
    kind: str


class Held(NamedTuple):
    """Events that wait for the same: why, whose, what they name, how many, and when the first of them came."""

    problem: str
    team_id: int
    team: str
    product: str
    version: str
    events: int
    oldest: Instant


class AllHeld(NamedTuple):
    """
    What waits, the most first; `events` are all of them, `read` those that the rows count.

    `name` is that of the team that was asked for, empty for all.
    """

    rows: tuple[Held, ...]
    events: int
    read: int
    name: str


def waiting_for() -> list[tuple[Waiting, int]]:
    """Return what quarantined events wait for, and how many of each, the most first."""
    slugs = {team: slug for slug, team in snapshot().teams.items()}
    found: Counter[Waiting] = Counter()
    for row in _pages(0, None):
        product, _version = _named(row)
        found[Waiting(row.problem, slugs.get(row.team, ""), product, row.kind)] += 1
    return found.most_common()


def held(*, team: int = 0) -> AllHeld:
    """Return what the events of the installation or of one team wait for. Raises `NotFound` for an unknown team."""
    with db.reading():
        names = dict(Team.objects.filter(**({"pk": team} if team else {})).values_list("pk", "name"))
        if team and team not in names:
            raise NotFound(f"no team {team}")
        counts: Counter[tuple[str, int, str, str]] = Counter()
        oldest: dict[tuple[str, int, str, str], Instant] = {}
        for row in _pages(team, READ_MAX):
            kind = (row.problem, row.team, *_named(row))
            counts[kind] += 1
            oldest[kind] = min(oldest.get(kind, row.received), row.received)
        all_of_them = Event.objects.filter(state=EventState.QUARANTINED, **({"team": team} if team else {})).count()
    rows = tuple(
        Held(problem, of, names.get(of, ""), product, version, number, oldest[problem, of, product, version])
        for (problem, of, product, version), number in counts.most_common()
    )
    return AllHeld(rows, all_of_them, counts.total(), names[team] if team else "")


def _pages(team: int, most: int | None) -> Iterator[WaitingRow]:
    """Yield the waiting events, oldest first, page by page, so that no number of them fills the memory."""
    after, read = 0, 0
    while (most is None or read < most) and (page := events.waiting(after=after, limit=PAGE, team=team)):
        after, read = page[-1].id, read + len(page)
        yield from page


def _named(row: WaitingRow) -> tuple[str, str]:
    data = read_payload(row.source, row.event_id, row.kind, row.payload).data
    return getattr(data, "product", "") or getattr(data, "api", ""), getattr(data, "version", "")
