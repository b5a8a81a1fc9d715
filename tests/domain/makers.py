"""Short ways to write instants, uses and rates, and to draw them at random."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from tests.drawn import few

from farebox.domain.amounts import MICRO, Tokens
from farebox.domain.clock import HOUR, MINUTE, Instant, Span, read_instant
from farebox.domain.rates import Rate
from farebox.domain.usage import Use

THOROUGH = settings(max_examples=few(200), deadline=None)
"""Enough random cases for a rule; no case is timed."""

MONDAY = read_instant("2026-03-02T00:00:00Z")
EPOCH_START = Instant(0)
GRACE_US = 5 * MINUTE
PRODUCT = 7


def at(hours: int, minutes: int = 0, microseconds: int = 0) -> Instant:
    """Return the instant so long after Monday 00:00; hours may exceed 24."""
    return Instant(MONDAY + hours * HOUR + minutes * MINUTE + microseconds)


def use(number: int, since: Instant, until: Instant, active: tuple[Span, ...] | None = None) -> Use:
    """Make a use with the ordinary grace, whose number is its id and orders it among equal starts."""
    return Use(number, since, until, number, GRACE_US, active)


def rate(tokens: int, since: Instant = EPOCH_START, number: int = 1) -> Rate:
    """Make a rate of so many whole tokens."""
    return Rate(number, since, Tokens(tokens * MICRO))


@st.composite
def spans(draw: st.DrawFn, until_minute: int, *, longest: int = 600) -> Span:
    """Draw a span of whole minutes after Monday 00:00, often short and often at a round hour."""
    since = draw(st.integers(0, until_minute) | st.integers(0, until_minute // 60).map(lambda hour: hour * 60))
    length = draw(st.integers(0, 20) | st.integers(0, longest))
    return Span(at(0, since), at(0, since + length))


@st.composite
def uses(draw: st.DrawFn, *, most: int = 6, days: int = 4) -> list[Use]:
    """Draw the uses of one person and product; some starts are equal, some uses tell their activity."""
    made = []
    for number in range(draw(st.integers(0, most))):
        since, until = draw(spans(days * 1440, longest=2000))
        active = None
        if draw(st.booleans()):
            parts = draw(st.lists(spans(until_minute=2000, longest=300), max_size=4))
            active = tuple(Span(Instant(since + a - MONDAY), Instant(since + b - MONDAY)) for a, b in parts)
        tie = draw(st.integers(0, 2**63 - 1))
        made.append(Use(number, since, until, tie, draw(st.sampled_from([0, GRACE_US, 10 * MINUTE])), active))
    return made
