"""Cron expressions of six fields: which are understood, which are refused, and when they come true (usage-api 6.9)."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farebox.domain.clock import DAY, SECOND, Instant, as_iso, read_instant
from farebox.domain.errors import Rejected
from farebox.services.schedule import cron

NOW = read_instant("2026-10-20T12:00:00Z")


def times(text: str, count: int = 3, *, after: Instant = NOW) -> list[str]:
    """Return the next moments of an expression."""
    found: list[str] = []
    for _ in range(count):
        after = cron.following(text, after=after)
        found.append(as_iso(after))
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 0 18 5 * *", ["2026-11-05T18:00:00Z", "2026-12-05T18:00:00Z", "2027-01-05T18:00:00Z"]),
        ("0 0 18 5 * ?", ["2026-11-05T18:00:00Z", "2026-12-05T18:00:00Z", "2027-01-05T18:00:00Z"]),
        ("30 15 6 ? * MON", ["2026-10-26T06:15:30Z", "2026-11-02T06:15:30Z", "2026-11-09T06:15:30Z"]),
        ("30 15 6 * * 1", ["2026-10-26T06:15:30Z", "2026-11-02T06:15:30Z", "2026-11-09T06:15:30Z"]),
        ("0 0 0 * * 0", ["2026-10-25T00:00:00Z", "2026-11-01T00:00:00Z", "2026-11-08T00:00:00Z"]),
        ("0 0 0 * * 7", ["2026-10-25T00:00:00Z", "2026-11-01T00:00:00Z", "2026-11-08T00:00:00Z"]),
        ("0 0 1 31 * *", ["2026-10-31T01:00:00Z", "2026-12-31T01:00:00Z", "2027-01-31T01:00:00Z"]),
        ("0 0 1 L * *", ["2026-10-31T01:00:00Z", "2026-11-30T01:00:00Z", "2026-12-31T01:00:00Z"]),
        ("0 0 1 L FEB *", ["2027-02-28T01:00:00Z", "2028-02-29T01:00:00Z", "2029-02-28T01:00:00Z"]),
        ("0 0 1 LW * *", ["2026-10-30T01:00:00Z", "2026-11-30T01:00:00Z", "2026-12-31T01:00:00Z"]),
        ("0 0 1 29 2 *", ["2028-02-29T01:00:00Z", "2032-02-29T01:00:00Z", "2036-02-29T01:00:00Z"]),
        ("0 0 1 1 1 *", ["2027-01-01T01:00:00Z", "2028-01-01T01:00:00Z", "2029-01-01T01:00:00Z"]),
        ("0 0 1 1 jan,jul *", ["2027-01-01T01:00:00Z", "2027-07-01T01:00:00Z", "2028-01-01T01:00:00Z"]),
        ("0 0 8-18/5 1 * *", ["2026-11-01T08:00:00Z", "2026-11-01T13:00:00Z", "2026-11-01T18:00:00Z"]),
        ("0 0 */12 1 */3 *", ["2027-01-01T00:00:00Z", "2027-01-01T12:00:00Z", "2027-04-01T00:00:00Z"]),
        ("0 0 1 * * MON#2", ["2026-11-09T01:00:00Z", "2026-12-14T01:00:00Z", "2027-01-11T01:00:00Z"]),
        ("0 0 1 * * 5L", ["2026-10-30T01:00:00Z", "2026-11-27T01:00:00Z", "2026-12-25T01:00:00Z"]),
        ("0 0 1 1 * MON", ["2026-10-26T01:00:00Z", "2026-11-01T01:00:00Z", "2026-11-02T01:00:00Z"]),
        ("  0 0   18 5 *\t* ", ["2026-11-05T18:00:00Z", "2026-12-05T18:00:00Z", "2027-01-05T18:00:00Z"]),
        ("59 59 23 31 12 *", ["2026-12-31T23:59:59Z", "2027-12-31T23:59:59Z", "2028-12-31T23:59:59Z"]),
    ],
)
def test_an_expression_comes_true_in_utc(text: str, expected: list[str]) -> None:
    """Names, lists, ranges, steps and last days are understood; either day is enough where both are given."""
    cron.check(text, now=NOW)

    assert times(text) == expected


def test_no_clock_change_moves_a_run() -> None:
    """An hour that a zone skips or repeats is an hour like any other."""
    assert times("0 30 2 * * *", 2, after=read_instant("2026-03-28T12:00:00Z")) == [
        "2026-03-29T02:30:00Z",
        "2026-03-30T02:30:00Z",
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "invalid_frequency"),
        ("0 18 5 * *", "invalid_frequency"),
        ("0 0 18 5 * * 2026", "invalid_frequency"),
        ("0 0 24 5 * *", "invalid_frequency"),
        ("0 0 18 32 * *", "invalid_frequency"),
        ("? 0 18 5 * *", "invalid_frequency"),
        ("0 0 18 5 * XYZ", "invalid_frequency"),
        ("0 0 18 15W * *", "invalid_frequency"),
        ("0 0 18 5 */0 *", "invalid_frequency"),
        ("0 0 18 5-1 * *", "invalid_frequency"),
        ("0 0 ١٨ 5 * *", "invalid_frequency"),
        ("0 0 18 5 * \u017fUN", "invalid_frequency"),
        ("0 0 18 5 *\u00a0*", "invalid_frequency"),
        ("0 0 " + "1," * 200 + "1 5 * *", "invalid_frequency"),
        ("0 0 18 31 2 *", "invalid_frequency"),
        ("0 0 18 31 4,6,9,11 *", "invalid_frequency"),
        ("0 0 18 */29 2 7#5", "never_due"),
        ("* 0 18 5 * *", "too_often"),
        ("0 * 18 5 * *", "too_often"),
        ("0 0,30 * * * *", "too_often"),
        ("0 0-4 8-12 5 * *", "too_often"),
    ],
)
def test_an_expression_that_makes_no_schedule_is_refused(text: str, code: str) -> None:
    """What cannot be read, never comes true, or would run more than 24 times on a day is refused, and says why."""
    with pytest.raises(Rejected) as refused:
        cron.check(text, now=NOW)

    (problem,) = refused.value.problems
    assert (problem.pointer, problem.code) == ("/frequencyExpression", code)


def test_a_schedule_may_run_every_hour() -> None:
    """Twenty-four times a day is not too often."""
    cron.check("0 0 * * * *", now=NOW)
    cron.check("0 0,15,30,45 6-11 * * *", now=NOW)


@given(st.text(max_size=30) | st.text("0123456789*/-,?LW#MONJAN ", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes anything but a schedule or a refusal."""
    try:
        cron.check(text, now=NOW)
    except Rejected:
        return
    assert cron.following(text, after=NOW) > NOW


FIELDS = st.tuples(
    st.integers(0, 59).map(str),
    st.integers(0, 59).map(str),
    st.sampled_from(["0", "6", "23", "*", "*/6", "8-18/5"]),
    st.sampled_from(["*", "?", "1", "15", "28", "31", "L", "LW", "1,15"]),
    st.sampled_from(["*", "1-12/2", "2", "JAN,JUL"]),
    st.sampled_from(["*", "?", "MON", "1-5", "5L", "MON#2"]),
).map(" ".join)


@given(FIELDS, st.integers(0, 4 * 366 * DAY))
def test_the_latest_time_is_the_last_before_the_next(text: str, later: int) -> None:
    """Looking back from any moment finds the time after which the next one comes: none between is passed over."""
    try:
        cron.check(text, now=NOW)
    except Rejected:
        return
    at = Instant(NOW + later)

    back, on = cron.latest(text, until=at), cron.following(text, after=at)

    assert back <= at < on
    assert back % SECOND == on % SECOND == 0
    assert cron.following(text, after=back) == on
    assert cron.latest(text, until=back) == back
    assert cron.following(text, after=Instant(back - 1)) == back


def test_times_follow_each_other_for_years() -> None:
    """Ten years of month ends, one by one: each is the last day of its month."""
    found = times("0 0 1 L * *", 120)

    assert all(before < after for before, after in pairwise(found))
    assert {text[5:10] for text in found if text[5:7] == "02"} == {"02-28", "02-29"}
