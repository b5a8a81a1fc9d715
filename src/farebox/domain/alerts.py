"""
What an administrator should know about the tokens of a contract before it hurts, the most urgent first.

Pure: from a balance, its outlook and its packs at an instant to a list. Who is told, and how, is the page's job.
(product N2, C5; pages.md: low at 20 %)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.clock import Instant, day_of
from farebox.domain.outlook import Ending, Outlook
from farebox.domain.packs import Pack

LOW_PERCENT = 20
"""At or below this share of what the packs alive held, the balance is low."""

STEPS_DAYS = (7, 30, 90)
"""How many days ahead something is told: the nearer, the more urgent."""


class Warned(StrEnum):
    """What an alert is about."""

    NOTHING_LEFT = "nothing_left"
    LOW = "low"
    SHORT = "short"
    """Used beyond the packs, for the next one to cover (domain F8)."""
    OVER = "over"
    """Used beyond the tokens of a contract year (domain N7)."""
    RUNS_OUT = "runs_out"
    """At the pace of lately everything is used."""
    ALL_LAPSE = "all_lapse"
    """The last pack ends, with tokens left in it."""
    PACK_ENDS = "pack_ends"
    """A pack ends with tokens that nobody will have used by then."""


class Urgency(IntEnum):
    """How soon somebody should act; the lower, the sooner."""

    NOW = 7
    SOON = 30
    LATER = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One thing to know: how much is concerned, of which pack, and when it happens."""

    what: Warned
    urgency: Urgency
    tokens: Tokens = ZERO
    pack: int = 0
    at: Instant | None = None


def is_low(available: Tokens, held: Tokens) -> bool:
    """Tell whether a fifth or less is left of what there was."""
    return held > 0 and available * 100 <= held * LOW_PERCENT


def days_until(end: Instant, at: Instant) -> int:
    """Count the dates from one instant to another, as people do: tomorrow is one day (UTC)."""
    return day_of(end) - day_of(at)


def urgency(end: Instant, at: Instant) -> Urgency | None:
    """Return how urgent it is that something happens then; None for what is more than 90 days away."""
    days = days_until(end, at)
    return next((Urgency(step) for step in STEPS_DAYS if days <= step), None)


def alerts(
    *,
    available: Tokens,
    held: Tokens,
    short: Tokens,
    over: Tokens,
    outlook: Outlook,
    packs: Iterable[Pack],
    at: Instant,
) -> tuple[Alert, ...]:
    """
    Return what there is to know, the most urgent first; `held` is what the packs alive had at first.

    A contract that never had anything has nothing to be warned of: what comes next for it is another matter.
    """
    found = [*_balance(available, held, short, over), *_run_out(outlook, held, at), *_ends(outlook, packs, at)]
    return tuple(sorted(found, key=lambda one: (one.urgency, -1 if one.at is None else one.at, one.pack)))


def _balance(available: Tokens, held: Tokens, short: Tokens, over: Tokens) -> Iterator[Alert]:
    if short > 0:
        yield Alert(what=Warned.SHORT, urgency=Urgency.NOW, tokens=short)
    if over > 0:
        yield Alert(what=Warned.OVER, urgency=Urgency.NOW, tokens=over)
    if held > 0 and available <= 0:
        yield Alert(what=Warned.NOTHING_LEFT, urgency=Urgency.NOW)
    elif is_low(available, held):
        yield Alert(what=Warned.LOW, urgency=Urgency.SOON, tokens=available)


_RUN_OUTS = {Ending.USED_UP: Warned.RUNS_OUT, Ending.LAPSED: Warned.ALL_LAPSE}


def _run_out(outlook: Outlook, held: Tokens, at: Instant) -> Iterator[Alert]:
    what = _RUN_OUTS.get(outlook.ending)
    near = urgency(outlook.ends, at) if outlook.ends is not None else None
    if what is not None and near is not None and held > 0:
        yield Alert(what=what, urgency=near, at=outlook.ends)


def _ends(outlook: Outlook, packs: Iterable[Pack], at: Instant) -> Iterator[Alert]:
    lapsing = {fate.pack: fate.lapsed for fate in outlook.fates if fate.lapsed}
    for pack in packs:
        near = urgency(pack.until, at)
        if near is not None and pack.id in lapsing:
            yield Alert(what=Warned.PACK_ENDS, urgency=near, tokens=lapsing[pack.id], pack=pack.id, at=pack.until)
