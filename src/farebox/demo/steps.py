"""Things that happened, each at its instant, done in that order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from farebox.domain.clock import Instant
from farebox.services.expire import expire


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened at an instant."""

    at: Instant
    do: Callable[[], object]


def play(steps: Iterable[Step], said: Callable[[str], None]) -> None:
    """Do the steps, the earliest first, as if it were their time; packs that end meanwhile lapse on the way."""
    ordered = sorted(steps, key=lambda step: step.at)
    for nth, step in enumerate(ordered):
        expire(now=step.at)
        step.do()
        if nth % 10 == 0:
            said(f"building the demonstration year: {nth * 100 // len(ordered)} %")
