"""
Flex: one charge opens a product to one person for 24 hours.

The chain of windows of a person and product is a function of the *set* of their uses: neither the order of
arrival nor a repetition changes a row (domain N5). A late use is rated by rating its chain again, from a border
that it cannot have moved, and booking the differences; that is the caller's work.

Refuses a chain that reaches an instant without a rate (`no_rate`). Knows nothing of packs, of who may open what,
or of a charge being affordable.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from farebox.domain.amounts import ZERO
from farebox.domain.clock import HOUR, MINUTE, Instant, day_of
from farebox.domain.rates import Rate, price_at
from farebox.domain.usage import ChargeCategory, Reason, Row, Use

WINDOW_US = 24 * HOUR
"""How long one charge covers, whatever the calendar does (domain T3)."""

IDLE_US = 15 * MINUTE
"""So long without activity is idle; exactly so long is, too (domain F4)."""

_FREE, _CASUAL, _CHARGED = ChargeCategory.FREE, ChargeCategory.CASUAL, ChargeCategory.CHARGED
_ORDER = itemgetter(1, 3, 2, 0)
"""since, tie, until: what the event itself says. The internal id only sorts what is alike in all three."""


class Chain(NamedTuple):
    """The rows and window starts of one person and product, in order."""

    rows: tuple[Row, ...]
    windows: tuple[Instant, ...]


class Window(NamedTuple):
    """Twenty-four hours that one charge covers, with the use that opened them and why."""

    since: Instant
    opener: Use
    reason: Reason


class Denial(NamedTuple):
    """The next window was refused to somebody whose product was running, at an instant (domain F7a)."""

    at: Instant
    save_us: int
    """How long the person has to save and close, free of charge."""


def rate_flex(
    uses: Iterable[Use],
    rates: Sequence[Rate],
    product: int,
    *,
    standing: Instant | None = None,
    denials: Sequence[Denial] = (),
) -> Chain:
    """
    Divide the uses of one person and `product` into windows, and price each part.

    `standing` is where to begin: the start of a window of the chain, or its end, that lies at or before everything
    that changed. Only the parts from there on make rows, and they are the same rows that the whole chain has there.
    `uses` must then hold every use that reaches beyond `standing` or starts at it or later; others are ignored.
    None rates the whole chain. `rates` is sorted by `since`. `denials` are those recorded of the chain: what ran on
    is free for the time to save and close, and opens its window after that if it still runs then.

    Rules, in order of precedence; the first that applies decides a part:
    1. It opened its window: CHARGED, at the rate of the window's start.   (domain F1, F2, F4, T7)
    2. It lies in a window: FREE, however short.                            (domain F1)
    3. Its whole session is within the grace: CASUAL.                       (domain F3)
    4. It runs on after a denial, in the time to save and close: FREE.      (domain F7a)
    5. It is idle: FREE.                                                    (domain F4)
    """
    ordered = _in_order(uses, standing)
    windows = tuple(_windows(ordered, standing, {denial.at: denial.save_us for denial in denials}))
    rows = tuple(_rows(ordered, windows, rates, product, standing, denials))
    return Chain(rows, tuple(window.since for window in windows))


def outlasts_grace(use: Use) -> bool:
    """Tell whether a use is long enough to open or roll a window (domain F2, F3)."""
    return use.until - use.since > use.grace_us


def is_idle(use: Use, at: Instant) -> bool:
    """Tell whether `use`, running `at` that instant, has had no activity for 15 minutes (domain F4)."""
    return use.active is not None and at - _last_activity(use, at) >= IDLE_US


def _in_order(uses: Iterable[Use], standing: Instant | None) -> list[Use]:
    """Sort the uses that reach beyond `standing`, each once."""
    if standing is not None:
        uses = [use for use in uses if use.until > standing or use.since >= standing]
    return list(dict.fromkeys(sorted(uses, key=_ORDER)))


def _windows(ordered: Sequence[Use], standing: Instant | None, denied: Mapping[Instant, int]) -> Iterator[Window]:
    """
    Walk from border to border; a window may begin where the one before it ends, or later.

    `standing` is such a border already: what is in use there opens the window that begins there. Where a window was
    denied, the next border is the end of the time to save and close, or a launch before that (domain F7a).
    """
    launches = [use for use in ordered if outlasts_grace(use)]
    if not launches:
        return
    border = launches[0].since if standing is None else standing
    running: list[Use] = []
    started = 0
    while True:
        while started < len(launches) and launches[started].since < border:
            running.append(launches[started])
            started += 1
        running = [use for use in running if use.until > border]
        window = _next_window(running, launches[started] if started < len(launches) else None, border)
        if window is None:
            return
        if window.since in denied:
            refused, border = window.since, Instant(window.since + denied[window.since])
            launch = next((use for use in launches if refused < use.since < border), None)
            if launch is None:
                continue
            window = Window(launch.since, launch, Reason.WINDOW_OPENED)
        yield window
        border = Instant(window.since + WINDOW_US)


def _next_window(running: Sequence[Use], launch: Use | None, border: Instant) -> Window | None:
    """
    Find the first window that begins at `border` or later.

    `running` are the uses in use across the border, `launch` is the first that starts at it or later. Where
    several open a window at one instant, the first of them by start carries the charge.
    """
    for use in running:
        if not is_idle(use, border):
            return Window(border, use, _reason(use, border))
    resumed = _first_resumption(running, border)
    if launch is not None and (resumed is None or launch.since < resumed.since):
        return Window(launch.since, launch, Reason.WINDOW_OPENED)
    return resumed


def _reason(use: Use, at: Instant) -> Reason:
    """Say why a use that is running across `at` opens a window there."""
    return Reason.WINDOW_RESUMED if is_idle(use, Instant(at - 1)) else Reason.WINDOW_ROLLED


def _first_resumption(idle: Sequence[Use], border: Instant) -> Window | None:
    """Find where the first of some idle uses is active again before it ends (domain F4)."""
    resumed: Window | None = None
    for use in idle:
        later = [span.since for span in use.active or () if border < span.since < use.until]
        if later and (resumed is None or min(later) < resumed.since):
            resumed = Window(min(later), use, Reason.WINDOW_RESUMED)
    return resumed


def _last_activity(use: Use, at: Instant) -> Instant:
    """Return the last activity at or before `at`; starting the product is activity."""
    last = use.since
    for span in use.active or ():
        if span.since <= at:
            last = max(last, span.since, min(span.until, at))
    return last


def _rows(
    ordered: Sequence[Use],
    windows: Sequence[Window],
    rates: Sequence[Rate],
    product: int,
    standing: Instant | None,
    denials: Sequence[Denial],
) -> Iterator[Row]:
    """Cut each use at the borders of the windows (domain T2); a use of no length makes one row."""
    first = 0
    for use in ordered:
        start = use.since if standing is None or use.since > standing else standing
        while first < len(windows) and windows[first].since + WINDOW_US <= start:
            first += 1
        upcoming = first
        while True:
            window = windows[upcoming] if upcoming < len(windows) else None
            if window is not None and window.since <= start:
                stop = min(use.until, Instant(window.since + WINDOW_US))
                yield _covered(use, product, start, stop, window, rates)
                upcoming += 1
            else:
                stop = use.until if window is None else min(use.until, window.since)
                yield _uncovered(use, product, start, stop, denials)
            if stop >= use.until:
                break
            start = stop


def _covered(use: Use, product: int, start: Instant, stop: Instant, window: Window, rates: Sequence[Rate]) -> Row:
    """Price a part that lies in a window: the part that opened it pays for all of it (domain F1)."""
    since, opener, reason = window
    day = day_of(since)
    if use is opener:
        rate = price_at(rates, since)
        return Row(use.id, product, start, stop, day, _CHARGED, rate.tokens, since, reason, since, rate.id)
    return Row(use.id, product, start, stop, day, _FREE, ZERO, since, Reason.IN_WINDOW, since, 0)


def _uncovered(use: Use, product: int, start: Instant, stop: Instant, denials: Sequence[Denial]) -> Row:
    """Price a part that lies in no window: within the grace (F3), after a denial (F7a), or idle (F4)."""
    category, reason = _FREE, Reason.IDLE
    if not outlasts_grace(use):
        category, reason = _CASUAL, Reason.WITHIN_GRACE
    elif any(denial.at <= start < denial.at + denial.save_us for denial in denials):
        reason = Reason.GRACE_AFTER_DENIAL
    return Row(use.id, product, start, stop, day_of(start), category, ZERO, start, reason, None, 0)
