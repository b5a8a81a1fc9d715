"""A window that was refused at a roll-over, and the time to save and close (domain F7a, N5)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from farebox.domain.amounts import Tokens
from farebox.domain.charging.flex import Denial, rate_flex
from farebox.domain.clock import HOUR, MINUTE, Instant
from farebox.domain.rates import Rate
from farebox.domain.usage import Reason, Use

RATES = [Rate(1, Instant(0), Tokens(7))]
SAVE = 15 * MINUTE
DAY = 24 * HOUR


def use(since: int, until: int, number: int = 1) -> Use:
    """Make a use with the usual grace."""
    return Use(number, Instant(since), Instant(until), number, 5 * MINUTE)


def rated(uses: list[Use], denied: int | None) -> list[tuple[str, str, int, int]]:
    """Rate a chain with one denial and return category, reason, since and tokens of its rows."""
    denials = () if denied is None else (Denial(Instant(denied), SAVE),)
    chain = rate_flex(uses, RATES, 1, denials=denials)
    return [(row.category, row.reason, row.since, row.tokens) for row in chain.rows]


def test_what_closes_in_time_is_free() -> None:
    """Denied at the window's end and closed ten minutes later: one charge, and a free row that says why."""
    rows = rated([use(0, DAY + 10 * MINUTE)], DAY)
    assert rows == [("CHARGED", "window_opened", 0, 7), ("FREE", "grace_after_denial", DAY, 0)]


def test_what_runs_on_is_charged_from_the_end_of_the_time_to_save() -> None:
    """Denied and never closed: the next window begins fifteen minutes later, and is charged (domain F8)."""
    rows = rated([use(0, DAY + 20 * MINUTE)], DAY)
    assert rows[1:] == [
        ("FREE", "grace_after_denial", DAY, 0),
        ("CHARGED", "window_rolled", DAY + SAVE, 7),
    ]


def test_exactly_the_time_to_save_is_free() -> None:
    """What ends at the very end of the time to save is not in use then (domain F2)."""
    assert len(rated([use(0, DAY + SAVE)], DAY)) == 2


def test_a_launch_in_the_time_to_save_opens_its_own_window() -> None:
    """Tokens came meanwhile and somebody launched: the window begins at the launch and covers what runs."""
    rows = rated([use(0, DAY + HOUR), use(DAY + 5 * MINUTE, DAY + 2 * HOUR, 2)], DAY)
    assert (Reason.WINDOW_OPENED.value, DAY + 5 * MINUTE, 7) in {(reason, at, paid) for _, reason, at, paid in rows}
    assert sum(row[3] for row in rows) == 14


def test_a_denial_that_no_window_ends_at_changes_nothing() -> None:
    """A late use can move the chain away from a recorded denial; the denial is then without effect."""
    uses = [use(HOUR, DAY + 3 * HOUR)]
    assert rated(uses, DAY) == rated(uses, None)


@given(st.lists(st.tuples(st.integers(0, 80), st.integers(0, 60)), min_size=1, max_size=5), st.integers(0, 4))
def test_a_denial_never_makes_a_chain_dearer(spans: list[tuple[int, int]], nth: int) -> None:
    """With a denial at any border, the total is never more than without it, and the time is still all accounted for."""
    uses = [use(since * HOUR, (since + hours) * HOUR, number) for number, (since, hours) in enumerate(spans, 1)]
    plain = rate_flex(uses, RATES, 1)
    if not plain.windows:
        return
    denied = Denial(plain.windows[nth % len(plain.windows)], SAVE)
    chain = rate_flex(uses, RATES, 1, denials=[denied])
    assert sum(row.tokens for row in chain.rows) <= sum(row.tokens for row in plain.rows)
    assert sum(row.until - row.since for row in chain.rows) == sum(one.until - one.since for one in uses)
