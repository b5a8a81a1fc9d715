"""What looks left open, when it costs again, and what being left open cost (product B9, domain F2, F4, M4)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.domain.makers import GRACE_US, PRODUCT, THOROUGH, rate

from farebox.domain.amounts import Tokens
from farebox.domain.charging.flex import rate_flex
from farebox.domain.clock import DAY, HOUR, MINUTE, Instant, Span
from farebox.domain.left_open import (
    Ahead,
    Cost,
    Opened,
    Rolled,
    Seen,
    Sign,
    ahead,
    cost,
    next_day,
    next_window,
    signs,
    told_at,
)
from farebox.domain.usage import Use

NOW = Instant(20_000 * DAY)
SILENCE_US = 30 * MINUTE


def opened(since: int, heard: int, active: int | None = None) -> Opened:
    """Return a session by how long ago, in microseconds, it was opened, heard of and worked in."""
    worked = None if active is None else Instant(NOW - active)
    return Opened(Instant(NOW - since), Instant(NOW - heard), worked, SILENCE_US)


def test_a_session_at_work_has_no_sign() -> None:
    """What was opened lately, sends heartbeats and is worked in does not look left open."""
    assert signs(opened(2 * HOUR, MINUTE, 14 * MINUTE), hours=8, now=NOW) == ()


def test_each_sign_has_its_own_limit() -> None:
    """Long from the hours asked about, idle from 15 minutes (F4), silent from ten minutes without a word."""
    assert signs(opened(8 * HOUR, MINUTE), hours=8, now=NOW) == (Sign.LONG,)
    assert signs(opened(8 * HOUR - 1, MINUTE), hours=8, now=NOW) == ()
    assert signs(opened(HOUR, MINUTE, 15 * MINUTE), hours=8, now=NOW) == (Sign.IDLE,)
    assert signs(opened(HOUR, 10 * MINUTE), hours=8, now=NOW) == (Sign.SILENT,)
    assert signs(opened(9 * HOUR, 20 * MINUTE, HOUR), hours=8, now=NOW) == (Sign.LONG, Sign.IDLE, Sign.SILENT)


def test_what_never_sent_a_heartbeat_is_not_silent() -> None:
    """A source without heartbeats says nothing by being quiet; such a session is closed after 24 hours (M4)."""
    quiet = opened(3 * HOUR, 3 * HOUR)
    assert signs(quiet, hours=8, now=NOW) == ()
    assert quiet.closes_at == quiet.since + 24 * HOUR
    assert opened(3 * HOUR, 20 * MINUTE).closes_at == NOW + 10 * MINUTE


def test_the_next_charge_is_at_the_windows_end() -> None:
    """The end of the window that stands, or of the one that is reserved (F2, F7a); none where none stands."""
    window = Instant(NOW - 3 * HOUR)
    assert next_window([window, None], [], now=NOW) == window + DAY
    assert next_window([Instant(NOW - 2 * DAY), window], [], now=NOW) == window + DAY
    assert next_window([Instant(NOW - DAY), None], [window], now=NOW) is None
    assert next_window([None, None], [], now=NOW) is None
    assert next_window([window, Instant(NOW - HOUR)], [], now=NOW) == window + DAY
    assert next_window([window], [Instant(NOW - 4 * HOUR), Instant(NOW - DAY)], now=NOW) == NOW + 20 * HOUR


def due(one: Opened, window: Instant | None) -> Instant | None:
    """Return where a window is due for the only open session, of which only the start was reported."""
    return ahead([Seen(one, GRACE_US, window)], window, None, now=NOW)[0].due


def test_of_a_start_alone_the_window_is_due() -> None:
    """Once outlasting the grace (F3) from its start, or from where a window ended; not once heard of, idle or over."""
    quiet = opened(9 * HOUR, 9 * HOUR)
    assert due(quiet, None) == quiet.since
    assert due(quiet, Instant(NOW - 40 * HOUR)) == quiet.since
    assert due(quiet, Instant(NOW - 30 * HOUR)) == NOW - 6 * HOUR
    assert due(quiet, Instant(NOW - 10 * HOUR)) is None
    assert due(opened(9 * HOUR, 9 * HOUR, 9 * HOUR), None) == quiet.since
    assert due(opened(9 * HOUR, 9 * HOUR, 9 * HOUR), Instant(NOW - 30 * HOUR)) is None
    assert due(opened(9 * HOUR, HOUR), None) is None
    assert due(opened(GRACE_US, GRACE_US), None) is None
    assert due(opened(25 * HOUR, 25 * HOUR), Instant(NOW - 49 * HOUR)) == NOW - 25 * HOUR


def test_a_window_that_is_due_takes_the_place_of_a_later_one() -> None:
    """What closing a start alone charges begins before the window recorded since, and so does the next charge (F2)."""
    first, last = opened(20 * HOUR, 20 * HOUR), opened(HOUR, HOUR)
    for before, after, begins in ((None, 18, 20), (40, 14, 16)):
        window = Instant(NOW - after * HOUR)
        at_first = None if before is None else Instant(NOW - before * HOUR)
        found = ahead([Seen(first, GRACE_US, at_first), Seen(last, GRACE_US, window)], window, None, now=NOW)
        next_at = Instant(NOW + (24 - begins) * HOUR)
        assert found == (Ahead(next_at, Instant(NOW - begins * HOUR), window), Ahead(next_at))


def test_what_may_begin_before_makes_what_is_told_earlier() -> None:
    """What runs with heartbeats goes on over its window's end, if it does; what is due in a start alone comes later."""
    window = Instant(NOW - DAY - 5 * MINUTE)
    beating, quiet = (Seen(opened(30 * HOUR, 10 * MINUTE), GRACE_US, window), Seen(opened(MINUTE, MINUTE), 0, window))

    next_at = Instant(NOW + DAY - 5 * MINUTE)
    assert ahead([beating, quiet], window, None, now=NOW) == (Ahead(next_at), Ahead(next_at, Instant(NOW - MINUTE)))
    assert ahead([beating], window, None, now=NOW) == (Ahead(None),)


def ago(minutes: st.SearchStrategy[int]) -> st.SearchStrategy[Instant]:
    """Draw an instant so long ago."""
    return minutes.map(lambda drawn: Instant(NOW - drawn * MINUTE))


MINUTES = st.integers(0, 4000) | st.integers(0, 66).map(lambda hours: hours * 60)


@st.composite
def whole(draw: st.DrawFn) -> tuple[Instant, Instant]:
    """Draw a session that is over."""
    since = draw(ago(MINUTES))
    return since, min(NOW, Instant(since + draw(st.integers(0, 20) | st.integers(0, 1500)) * MINUTE))


@st.composite
def still(draw: st.DrawFn) -> tuple[Opened, int, tuple[Span, ...] | None]:
    """Draw a session that is open, its grace, and the activity that its end will tell: of its start alone, or more."""
    since = draw(ago(st.integers(1, 1439) | st.integers(1, 23).map(lambda hours: hours * 60)))
    heard = max(since, draw(st.just(since) | st.just(since) | ago(st.integers(0, 29))))
    grace_us = draw(st.sampled_from([0, GRACE_US, GRACE_US, 10 * MINUTE]))
    active = None
    if draw(st.integers(0, 3)) == 0:
        later = [Instant(since + minutes * MINUTE) for minutes in draw(st.lists(st.integers(1, 3000), max_size=3))]
        active = (Span(since, since), *(Span(one, Instant(one + 9 * MINUTE)) for one in sorted(later)))
    told = [] if active is None else [min(span.until, heard) for span in active if span.since <= heard]
    return Opened(since, heard, max(told, default=None), SILENCE_US), grace_us, active


def charged(uses: list[Use]) -> int:
    """Return how many tokens the rules charge for the uses of one person and product."""
    return sum(row.tokens for row in rate_flex(uses, [rate(1)], PRODUCT).rows) // rate(1).tokens


@THOROUGH
@given(st.lists(whole(), max_size=4), st.lists(still(), min_size=1, max_size=3), st.data())
def test_what_is_told_is_never_later_than_what_is_charged(
    over: list[tuple[Instant, Instant]],
    running: list[tuple[Opened, int, tuple[Span, ...] | None]],
    data: st.DataObject,
) -> None:
    """Closing what is open at any time before the told one costs what closing it now does; after it, more (F2)."""
    known = [Use(nth, since, until, nth, GRACE_US) for nth, (since, until) in enumerate(over)]
    opened_so = [
        Use(50 + nth, of.since, of.heard, nth, grace, active) for nth, (of, grace, active) in enumerate(running)
    ]
    heard = [
        use._replace(active=None if use.active is None else tuple(s for s in use.active if s.since <= use.until))
        for use in opened_so
    ]
    windows = rate_flex([*known, *heard], [rate(1)], PRODUCT).windows

    def last(at: Instant) -> Instant | None:
        return max((start for start in windows if start <= at), default=None)

    def closed(*ends: Instant) -> int:
        return charged([*known, *(use._replace(until=end) for use, end in zip(opened_so, ends, strict=True))])

    seen = [Seen(of, grace, last(told_at(of, grace))) for of, grace, _ in running]
    found = ahead(seen, last(NOW), None, now=NOW)
    next_at, at_once = found[0].next_at, closed(*[NOW] * len(running))

    assert {one.next_at for one in found} == {next_at}
    is_plain = all(active is None for _, _, active in running)
    if is_plain and all(of.heard == of.since for of, _, _ in running):
        assert charged([*known, *heard]) + sum(one.due is not None and one.instead is None for one in found) == at_once
    if next_at is None:
        return
    some_time = st.integers(NOW, next_at) | st.sampled_from([NOW, next_at])
    assert closed(*(Instant(data.draw(some_time)) for _ in running)) == at_once
    if is_plain and all(NOW - of.since > grace for of, grace, _ in running):
        assert closed(*[Instant(next_at + 1)] * len(running)) == at_once + 1


def test_the_next_day_is_that_of_the_licence_server() -> None:
    """Under an enterprise contract the next charge comes with the next date on the server's clock (N1)."""
    assert next_day(NOW, offset_seconds=0) == NOW + DAY
    assert next_day(NOW, offset_seconds=3600) == NOW + 23 * HOUR
    assert next_day(NOW, offset_seconds=-3600) == NOW + HOUR


def rolled(person: int, hours: int, tokens: int, product: int = 1) -> Rolled:
    """Return a charge of a session that had been open for so many hours."""
    return Rolled(person, product, Instant(NOW - hours * HOUR), NOW, Tokens(tokens))


def test_work_across_a_windows_end_is_not_left_open() -> None:
    """Case 1: opened at 07:00 and charged at 08:00 is work; what had been open for hours is not."""
    assert cost([rolled(1, 1, 7), rolled(1, 7, 7)], hours=8) == ()
    assert cost([rolled(1, 8, 7), rolled(1, 32, 7)], hours=8) == (Cost(1, 1, 2, Tokens(14)),)


CHARGES = st.lists(
    st.builds(rolled, st.integers(1, 3), st.integers(0, 48), st.integers(1, 20), st.integers(1, 2)), max_size=20
)


@given(CHARGES, st.integers(1, 24))
def test_costs_add_up(charges: list[Rolled], hours: int) -> None:
    """The costs are all charges of sessions open that long, each once, in any order; the dearest comes first."""
    found = cost(charges, hours=hours)
    counted = [one for one in charges if one.at - one.since >= hours * HOUR]
    assert sum(one.tokens for one in found) == sum(one.tokens for one in counted)
    assert sum(one.times for one in found) == len(counted)
    assert found == cost(reversed(charges), hours=hours)
    assert [one.tokens for one in found] == sorted((one.tokens for one in found), reverse=True)
