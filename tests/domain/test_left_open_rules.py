"""What looks left open, when it costs again, and what being left open cost (product B9, domain F2, F4, M4)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from farebox.domain.amounts import Tokens
from farebox.domain.clock import DAY, HOUR, MINUTE, Instant
from farebox.domain.left_open import Cost, Opened, Rolled, Sign, cost, due_from, next_day, next_window, signs

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
    assert next_window(window, None, now=NOW) == window + DAY
    assert next_window(Instant(NOW - 2 * DAY), window, now=NOW) == window + DAY
    assert next_window(Instant(NOW - DAY), None, now=NOW) is None
    assert next_window(None, None, now=NOW) is None


def test_of_a_start_alone_the_window_is_due() -> None:
    """Once outlasting the grace (F3) from its start, or from where a window ended; not once heard of, idle or over."""
    grace_us = 5 * MINUTE
    quiet = opened(9 * HOUR, 9 * HOUR)
    assert due_from(quiet, None, grace_us=grace_us, now=NOW) == quiet.since
    assert due_from(quiet, Instant(NOW - 40 * HOUR), grace_us=grace_us, now=NOW) == quiet.since
    assert due_from(quiet, Instant(NOW - 30 * HOUR), grace_us=grace_us, now=NOW) == NOW - 6 * HOUR
    assert due_from(quiet, Instant(NOW - 3 * HOUR), grace_us=grace_us, now=NOW) is None
    assert due_from(opened(9 * HOUR, 9 * HOUR, 9 * HOUR), None, grace_us=grace_us, now=NOW) == quiet.since
    assert due_from(opened(9 * HOUR, 9 * HOUR, 9 * HOUR), Instant(NOW - 30 * HOUR), grace_us=grace_us, now=NOW) is None
    assert due_from(opened(9 * HOUR, HOUR), None, grace_us=grace_us, now=NOW) is None
    assert due_from(opened(grace_us, grace_us), None, grace_us=grace_us, now=NOW) is None
    assert (
        due_from(opened(25 * HOUR, 25 * HOUR), Instant(NOW - 49 * HOUR), grace_us=grace_us, now=NOW) == NOW - 25 * HOUR
    )


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
