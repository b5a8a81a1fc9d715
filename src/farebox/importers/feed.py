"""What parsers read, fed to the same ingest that programs use, a batch at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import msgspec

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Instant
from farebox.domain.errors import Problem
from farebox.services.ingest import SourceKey, charged_from, ingest

BATCH = 5_000
PROBLEMS_MAX = 50
"""How many rejected events are described; all are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fed:
    """What became of what was fed, and what all that ever came from the same source costs now."""

    received: int
    accepted: int
    duplicate: int
    rejected: int
    quarantined: int
    waits_for: Mapping[str, int]
    problems: tuple[tuple[str, Problem], ...]
    charges: Mapping[str, int]
    tokens: Tokens


def feed(events: Iterable[Mapping[str, Any]], *, team: int, source: Callable[[], str], now: Instant) -> Fed:
    """
    Ingest events in batches, each committed whole; the same events again change nothing (invariant I2).

    `source` tells, once all is read, what the events name as theirs. Interrupted, it can be run again from the start.
    """
    counts: Counter[str] = Counter()
    waits_for: Counter[str] = Counter()
    problems: list[tuple[str, Problem]] = []
    for batch in _batches(events):
        receipt = ingest(batch, key=SourceKey(0, team), now=now)
        counts.update(receipt.tally._asdict())
        for verdict in receipt.verdicts:
            if verdict.state == "quarantined":
                waits_for.update(problem.code for problem in verdict.problems)
            elif len(problems) < PROBLEMS_MAX:
                problems += [(verdict.id, problem) for problem in verdict.problems]
    charges, cost = charged_from(team, source())
    return Fed(
        received=counts["received"],
        accepted=counts["accepted"],
        duplicate=counts["duplicate"],
        rejected=counts["rejected"],
        quarantined=counts["quarantined"],
        waits_for=waits_for,
        problems=tuple(problems),
        charges=charges,
        tokens=cost,
    )


def _batches(events: Iterable[Mapping[str, Any]]) -> Iterator[Sequence[bytes]]:
    texts = (msgspec.json.encode(event) for event in events)
    while batch := list(islice(texts, BATCH)):
        yield batch
