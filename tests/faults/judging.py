"""The verdict after a run under faults: what was acknowledged is there, once, and the books are sound."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from tests.faults.estate import RATE_TOKENS
from tests.faults.traffic import History
from tests.faults.zygote import Zygote
from tests.services.books import faults

from farebox.domain.amounts import MICRO
from farebox.records.models import Charge, Event, Hold, LiveSession, Use
from farebox.services.verify import verify

LIVE_SOURCE = "farebox:live"
"""The source of the events that launched sessions become."""


class Verdict(NamedTuple):
    """How many acknowledged events are lost, how many of all count more than once, and what is wrong in the books."""

    stored: int
    lost: int
    doubled: int
    faults: list[str]

    @classmethod
    def of(cls, zygote: Zygote, folder: Path, history: History) -> Verdict:
        """Judge a data folder, in a child that opens it as the program does."""
        kept = folder / "acked.json"
        kept.write_text(json.dumps(sorted(history.acked)), encoding="utf-8")
        return cls(*zygote.call(folder, "tests.faults.judging:judge_file", path=str(kept)))

    @property
    def is_good(self) -> bool:
        """Whether nothing is lost, doubled or wrong."""
        return not (self.lost or self.doubled or self.faults)


def judge(acked: Collection[str]) -> Verdict:
    """
    Compare the records with what clients were promised (quality I1–I3, I7).

    Each event is one use and one charge, each launch one session and one reservation.
    """
    stored = Event.objects.filter(source="faults").count()
    live = Charge.objects.filter(use__event__source="faults", ended_us=None)
    charges = Counter(live.values_list("use__event__event_id", flat=True))
    launched = Event.objects.filter(source=LIVE_SOURCE)
    uses = Counter(Use.objects.filter(ended_us=None).exclude(event__in=launched).values_list("person__key", flat=True))
    sessions = Counter(LiveSession.objects.values_list("person__key", flat=True))
    holds = Counter(Hold.objects.values_list("person__key", flat=True))
    there = charges.keys() | {_name(person) for person in sessions.keys() & holds.keys()}
    doubled = {_name(key) for count in (charges, uses, sessions, holds) for key, number in count.items() if number > 1}
    cost = sum(live.values_list("tokens_micro", flat=True))
    wrong = [] if cost == stored * RATE_TOKENS * MICRO else [f"{stored} events cost {cost}"]
    return Verdict(stored, len(set(acked) - there), len(doubled), [*wrong, *broken()[:10]])


def broken() -> list[str]:
    """Return what the tests' own reading of the books finds wrong, and what `farebox verify` does."""
    return [*faults(), *(f"{line.rule} {line.name}: {line.offences}" for line in verify() if line.breaks)]


def _name(person: str) -> str:
    return person.removesuffix("@example.com")


def judge_file(path: str) -> Verdict:
    """Judge by the acknowledged ids that a file holds."""
    return judge(json.loads(Path(path).read_text(encoding="utf-8")))
