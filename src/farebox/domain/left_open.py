"""
What is open, whether somebody forgot it, when it costs again, and what being left open cost.

A session that is in use at a window's end is charged again there (domain F2), as one is that runs into another day
(domain N3): who closes in time what is no longer needed saves that [S 003]. Nothing here closes or charges anything.
(product B9, domain F4, M4)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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


class Seen(NamedTuple):
    """
    An open session under Flex that tokens pay for, with what is recorded of it.

    `window` is the start of the last window at `told_at`, so far as sessions are known; `grace_us` is None where the
    server allowed it live: what it may cost is reserved then (domain F7, F7a).
    """

    opened: Opened
    grace_us: int | None
    window: Instant | None


class Ahead(NamedTuple):
    """
    What an open session costs next: at `next_at` if it is still in use then; None where nothing covers it now.

    `due` is where a window begins that it costs already, though it is not charged yet, and `instead` the start of a
    charged window that is charged no more then.
    """

    next_at: Instant | None
    due: Instant | None = None
    instead: Instant | None = None


def told_at(one: Opened, grace_us: int | None) -> Instant:
    """Return until when the windows of an open session are recorded: its last word, once that is beyond the grace."""
    return one.heard if one.heard - one.since > (grace_us or 0) else one.since


def ahead(
    sessions: Sequence[Seen], window: Instant | None, reserved: Instant | None, *, now: Instant
) -> tuple[Ahead, ...]:
    """
    Return what is ahead of each of the open sessions of one person and product.

    `window` is the start of their last recorded window, `reserved` the instant from which tokens are reserved. What
    is told is never later than what is charged: closing everything before it costs what closing everything now does.

    Of a session of which only the start was reported, nothing is charged before its end, or before it counts as over
    (domain M4). Once it has outlasted the grace, its window is due: at its start, or where the window ended that
    stood then (domain F1, F2). That one comes before, and takes the place of, a window recorded meanwhile; the next
    one follows from it. Sessions that may open an earlier one only if they go on make what is told earlier, never
    later.
    """
    begun = [(nth, at) for nth, one in enumerate(sessions) if (at := _begins(one, now=now)) is not None]
    due, payer = min(((at, nth) for nth, at in begun if _is_due(sessions[nth], at, now=now)), default=(None, 0))
    starts = (window if due is None else due, reserved)
    told = [Ahead(next_window(starts, [at for _, at in begun], now=now))] * len(sessions)
    if due is not None and due != window:
        told[payer] = Ahead(told[payer].next_at, due, window if window is not None and window > due else None)
    return tuple(told)


def next_window(starts: Iterable[Instant | None], perhaps: Iterable[Instant], *, now: Instant) -> Instant | None:
    """
    Return when a session under Flex is charged again if it is still in use then (domain F2, F7a).

    `starts` are those of windows that stand, or are reserved; `perhaps` where one may have begun before. None where
    no window stands: then it costs as soon as somebody works in it, or nothing yet.
    """
    standing = [start for start in starts if start is not None and start + WINDOW_US > now]
    if not standing:
        return None
    ends = (Instant(start + WINDOW_US) for start in (*standing, *perhaps))
    return min(end for end in ends if end > now)


def _begins(seen: Seen, *, now: Instant) -> Instant | None:
    """Return where a window begins that is not recorded yet if a session was in use until now, and goes on."""
    one, told = seen.opened, told_at(seen.opened, seen.grace_us)
    if one.heard > one.since and now >= one.closes_at:
        return None  # it counts as over with its last word
    begins = told if seen.window is None else max(told, Instant(seen.window + WINDOW_US))
    return begins if begins < min(now, one.closes_at) else None


def _is_due(seen: Seen, begins: Instant, *, now: Instant) -> bool:
    """Tell whether closing a session now is charged a window that begins there: of its start alone, if not idle."""
    one = seen.opened
    if seen.grace_us is None or one.heard > one.since or now - one.since <= seen.grace_us:
        return False
    return one.active is None or begins - one.active < IDLE_US


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
