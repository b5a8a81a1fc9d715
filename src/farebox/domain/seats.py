"""
Seats and trials of one person for one product: over which span they may be given, and how they end  [S 003].

While one is held, no tokens are used for this product by the same identity; a use is judged at its start (domain F9).
What is given therefore begins now or later, and ends now or later: uses that were judged stay as they are. Of each
kind a person holds one at a time for a product; a seat and a trial may overlap, and the seat comes first.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from farebox.domain.clock import DAY, LAST, Day, Instant, as_date, day, day_of, midnight
from farebox.domain.errors import Problem
from farebox.domain.usage import Funding

KINDS = (Funding.SEAT, Funding.TRIAL)

DATE_MAX = day(date(2999, 12, 31))
"""Later ends are typing errors: who means for ever gives no end."""


class Standing(StrEnum):
    """Where a seat or a trial stands in time."""

    HELD = "held"
    LATER = "later"
    ENDED = "ended"


class Held(NamedTuple):
    """A seat or a trial that somebody holds over a span; without `until` it has no end."""

    id: int
    kind: Funding
    since: Instant
    until: Instant | None

    def has_ended(self, now: Instant) -> bool:
        """Tell whether it is over."""
        return self.until is not None and self.until <= now

    def stands(self, at: Instant) -> bool:
        """Tell whether it is held at an instant: its span is half-open."""
        return self.since <= at and not self.has_ended(at)

    def standing(self, now: Instant) -> Standing:
        """Return where it stands now."""
        if self.has_ended(now):
            return Standing.ENDED
        return Standing.HELD if self.stands(now) else Standing.LATER


def begins(on: Day | None, *, judged: Instant | None = None, now: Instant) -> Instant:
    """
    Return when something begins that is given from a day on: at 00:00 UTC; today, or without a day, at once.

    `judged` is the start of the last use that was judged without it from `now` on, if there is one: it begins after.
    """
    since = now if on is None or on == day_of(now) else midnight(on)
    return since if judged is None else max(since, Instant(judged + 1))


def ends(on: Day | None) -> Instant | None:
    """Return when something ends that is given until a day, that day included."""
    return None if on is None else Instant(midnight(on) + DAY)


def problems_of(
    kind: Funding, since: Instant, until: Instant | None, held: Iterable[Held], now: Instant
) -> list[Problem]:
    """Return all that is against giving something to a person who holds these of the same product."""
    problems = []
    if since < now:
        problems.append(
            Problem("/start", "past", "it begins today or later: what was used before stays as it was charged")
        )
    if kind == Funding.TRIAL and until is None:
        problems.append(Problem("/end", "no_end", "a trial has an end"))
    problems += _problems_of_end(since, until)
    if not problems:
        problems += [_overlaps(one) for one in held if one.kind == kind and _meet(one, since, until)]
    return problems


def problems_of_change(one: Held, until: Instant | None, others: Iterable[Held], now: Instant) -> list[Problem]:
    """Return all that is against another end of something that is held; `others` are of the same product."""
    if one.has_ended(now):
        return [Problem("/end", "over", "it has ended already")]
    if until is None and one.kind == Funding.TRIAL:
        return [Problem("/end", "no_end", "a trial has an end")]
    if until is not None and until < now:
        return [Problem("/end", "past", "it ends now or later: what was used before stays as it was charged")]
    problems = _problems_of_end(one.since, until)
    if (until or LAST) <= (one.until or LAST):
        return problems  # two names that were joined may hold two at a time, and each can be ended
    rest = [other for other in others if other.id != one.id and other.kind == one.kind]
    return problems + [_overlaps(other) for other in rest if _meet(other, one.since, until)]


def soonest_end(one: Held, now: Instant) -> Instant:
    """Return when something ends at once: now, or as soon as it begins where it would begin later."""
    return max(now, Instant(one.since + 1))


def _problems_of_end(since: Instant, until: Instant | None) -> list[Problem]:
    if until is None:
        return []
    if until <= since:
        return [Problem("/end", "no_time", "it ends after it begins")]
    return [Problem("/end", "too_late", "that end is too far away")] if day_of(until) > DATE_MAX + 1 else []


def _meet(one: Held, since: Instant, until: Instant | None) -> bool:
    return since < (one.until or LAST) and one.since < (until or LAST)


def _overlaps(one: Held) -> Problem:
    until = f"until {as_date(day_of(Instant(one.until - 1))).isoformat()}" if one.until else "without an end"
    since = as_date(day_of(one.since)).isoformat()
    return Problem("/product", "held", f"the person holds one already, from {since} {until}")
