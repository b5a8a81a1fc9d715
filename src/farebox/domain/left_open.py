"""
What is open, whether somebody forgot it, when it costs again, and what being left open cost.

A session that is in use at a window's end is charged again there (domain F2), as one is that runs into another day
(domain N3): who closes in time what is no longer needed saves that [S 003]. Nothing here closes or charges anything.
(product B9, domain F4, M4)
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.charging.flex import IDLE_US, WINDOW_US
from farebox.domain.clock import HOUR, MINUTE, Day, Instant, day_of, midnight
from farebox.domain.silence import OPEN_US

SILENT_US = 10 * MINUTE
"""For how long nothing is heard of a session before it is shown as silent; its close comes later (domain M4)."""

HOURS = (4, 8, 12, 24)
"""The lengths from which on a session may be asked about; the second is what a page asks by itself."""

HOURS_USUAL = 8


class Sign(StrEnum):
    """Why a session looks left open."""

    LONG = "long"
    """It has been open for as long as was asked about."""
    IDLE = "idle"
    """It runs, and nobody has worked in it for 15 minutes (domain F4)."""
    SILENT = "silent"
    """Nothing has been heard of it for some time; it will be closed (domain M4)."""


class Opened(NamedTuple):
    """
    A session that is open, as it is known.

    `heard` is the last word of it, its start where there was none since; `active` the last activity, None where the
    product tells none; `silence_us` how old the last heartbeat may be before it is closed.
    """

    since: Instant
    heard: Instant
    active: Instant | None
    silence_us: int

    @property
    def closes_at(self) -> Instant:
        """When it is closed if nothing more is heard of it (domain M4)."""
        return Instant(self.heard + self.silence_us if self.heard > self.since else self.since + OPEN_US)


def signs(one: Opened, *, hours: int, now: Instant) -> tuple[Sign, ...]:
    """Return why a session looks left open; nothing where it does not."""
    found = []
    if now - one.since >= hours * HOUR:
        found.append(Sign.LONG)
    if one.active is not None and now - one.active >= IDLE_US:
        found.append(Sign.IDLE)
    if one.heard > one.since and now - one.heard >= SILENT_US:
        found.append(Sign.SILENT)
    return tuple(found)


def next_window(window: Instant | None, reserved: Instant | None, *, now: Instant) -> Instant | None:
    """
    Return when a session under Flex is charged again if it is still in use then (domain F2, F7a).

    `window` is the start of the last window, `reserved` the instant from which tokens are reserved. None where no
    window stands: then it costs as soon as somebody works in it, or nothing yet.
    """
    ends = [Instant(start + WINDOW_US) for start in (window, reserved) if start is not None]
    return max((end for end in ends if end > now), default=None)


def due_from(one: Opened, window: Instant | None, *, grace_us: int, now: Instant) -> Instant | None:
    """
    Return where a window begins that is due, though not charged yet: closing the session now saves nothing of it.

    Of a session of which only the start was reported, nothing is charged before its end, or before it counts as over
    (domain M4); once it has outlasted the grace, it opens a window at its start, or rolls the one that stood then
    (domain F1, F2). `window` is the start of the last window. None where more was heard, or where nothing is due.
    """
    if one.heard > one.since or now - one.since <= grace_us:
        return None
    begins = one.since if window is None else max(one.since, Instant(window + WINDOW_US))
    idles = one.active is not None and begins - one.active >= IDLE_US
    return begins if begins < min(now, one.closes_at) and not idles else None


def next_day(now: Instant, *, offset_seconds: int) -> Instant:
    """Return when the next day begins on the clock of a licence server (domain N1, N3)."""
    return midnight(Day(day_of(now, offset_seconds) + 1), offset_seconds)


class Rolled(NamedTuple):
    """A charge for the part of a session after its window's end, or after midnight: whose, of what, when, how much."""

    person: int
    product: int
    since: Instant
    """When the session was opened."""
    at: Instant
    """When it was charged again."""
    tokens: Tokens


class Cost(NamedTuple):
    """What being left open cost one person with one product."""

    person: int
    product: int
    times: int
    tokens: Tokens


def cost(charges: Iterable[Rolled], *, hours: int) -> tuple[Cost, ...]:
    """
    Add up the charges of sessions that had been open for `hours` when they were charged again, the dearest first.

    A session that was opened shortly before a window's end and charged there is work, not something left open.
    """
    found: dict[tuple[int, int], Cost] = {}
    for one in charges:
        if one.at - one.since < hours * HOUR:
            continue
        key = one.person, one.product
        before = found.get(key, Cost(*key, 0, ZERO))
        found[key] = Cost(*key, before.times + 1, Tokens(before.tokens + one.tokens))
    return tuple(sorted(found.values(), key=lambda cost: (-cost.tokens, cost.person, cost.product)))
