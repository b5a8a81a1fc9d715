"""When recurring report files are due, in a team's own clock, and which usage dates they are about (domain T2, T4)."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawn import few
from tests.world import at

from farebox.domain.clock import DAY, HOUR, Instant, as_date, as_iso, day_of, midnight, moment
from farebox.domain.periods import Days
from farebox.domain.recurring import Every, Rhythm, following, last_complete, latest, problems, zones

ZONES = ("UTC", "Europe/Stockholm", "Asia/Tokyo", "America/Los_Angeles", "Pacific/Apia", "Australia/Lord_Howe")
RHYTHMS = st.one_of(
    st.builds(
        Rhythm,
        every=st.just(Every.WEEK),
        on=st.integers(1, 7),
        hour=st.integers(0, 23),
        zone=st.sampled_from(ZONES),
    ),
    st.builds(
        Rhythm,
        every=st.just(Every.MONTH),
        on=st.integers(1, 31),
        hour=st.integers(0, 23),
        zone=st.sampled_from(ZONES),
    ),
)
MOMENTS = st.integers(at("2020-01-01 00:00"), at("2040-01-01 00:00")).map(Instant)


def shown(days: Days) -> tuple[str, str]:
    """Return the first and the last date of a stretch."""
    return as_date(days.since).isoformat(), as_date(days.until).isoformat()


# fmt: off
CASES = [
    # the first of each month, eight o'clock in Stockholm: an hour earlier in summer than in winter by UTC
    (Every.MONTH, 1, 8, "Europe/Stockholm", "2026-11-22 09:00", "2026-12-01T07:00:00Z", ("2026-11-01", "2026-12-01")),
    (Every.MONTH, 1, 8, "Europe/Stockholm", "2026-06-01 06:00", "2026-07-01T06:00:00Z", ("2026-06-01", "2026-07-01")),
    # a 31st is the last day of a shorter month
    (Every.MONTH, 31, 23, "UTC", "2026-02-01 00:00", "2026-02-28T23:00:00Z", ("2026-01-01", "2026-02-01")),
    # eight in the morning of 1 December in Tokyo is still November in UTC: the run waits until November is over
    (Every.MONTH, 1, 8, "Asia/Tokyo", "2026-11-22 09:00", "2026-12-01T00:00:00Z", ("2026-11-01", "2026-12-01")),
    (Every.WEEK, 1, 0, "Asia/Tokyo", "2026-11-22 09:00", "2026-11-23T00:00:00Z", ("2026-11-16", "2026-11-23")),
    # whatever the weekday, it is about the whole week before, Monday to Sunday (domain R6)
    (Every.WEEK, 3, 7, "UTC", "2026-11-22 09:00", "2026-11-25T07:00:00Z", ("2026-11-16", "2026-11-23")),
    # an hour that the clock leaves out in spring comes an hour later; one that comes twice is the first
    (Every.WEEK, 7, 2, "Europe/Stockholm", "2026-03-28 00:00", "2026-03-29T01:00:00Z", ("2026-03-16", "2026-03-23")),
    (Every.WEEK, 7, 2, "Europe/Stockholm", "2026-10-24 00:00", "2026-10-25T00:00:00Z", ("2026-10-12", "2026-10-19")),
]
# fmt: on


@pytest.mark.parametrize(("every", "on", "hour", "zone", "after", "due", "days"), CASES)
def test_the_next_run(every: Every, on: int, hour: int, zone: str, after: str, due: str, days: tuple[str, str]) -> None:
    """The day and hour are the team's; the dates are UTC, and over when the run begins."""
    found = following(Rhythm(every=every, on=on, hour=hour, zone=zone), after=at(after))

    assert (as_iso(found.at), shown(found.days)) == (due, days)


@settings(max_examples=few(200))
@given(RHYTHMS, MOMENTS)
def test_runs_follow_one_another(rhythm: Rhythm, now: Instant) -> None:
    """The run before and the run after enclose every moment, and no week or month is left out or told twice."""
    before, after = latest(rhythm, until=now), following(rhythm, after=now)

    assert before.at <= now < after.at
    assert following(rhythm, after=before.at) == after
    assert latest(rhythm, until=after.at) == after
    assert before.days.until == after.days.since


@settings(max_examples=few(200))
@given(RHYTHMS, MOMENTS)
def test_a_run_is_about_dates_that_are_over(rhythm: Rhythm, now: Instant) -> None:
    """No run begins before its last date has ended in UTC, and none waits longer than its clock is ahead."""
    due = following(rhythm, after=now)
    clock = moment(due.at).astimezone(ZoneInfo(rhythm.zone))

    assert due.at >= midnight(due.days.until)
    assert clock.hour == rhythm.hour or due.at == midnight(due.days.until) or clock.hour == rhythm.hour + 1
    assert due.at - midnight(due.days.until) < 32 * DAY + 13 * HOUR


def test_every_problem_is_told() -> None:
    """A day that no week has, and an hour that no day has."""
    wrong = Rhythm(every=Every.WEEK, on=8, hour=24)

    assert [problem.pointer for problem in problems(wrong)] == ["/on", "/hour"]
    assert problems(Rhythm(every=Every.MONTH, on=31, hour=0)) == []


def test_clocks_have_names() -> None:
    """UTC comes first, then places; aliases such as GMT+1 are left out, since their signs mislead."""
    offered = zones()

    assert offered[0] == "UTC"
    assert set(ZONES) <= set(offered)
    assert not [name for name in offered[1:] if "/" not in name or name.startswith(("Etc/", "posix/"))]


def test_between_two_runs_the_last_whole_period_is_meant() -> None:
    """On Sunday 22 November that is the week to the 15th, and October, whatever the day of the run (T4)."""
    today = day_of(at("2026-11-22 09:00"))

    assert shown(last_complete(Every.WEEK, today)) == ("2026-11-09", "2026-11-16")
    assert shown(last_complete(Every.MONTH, today)) == ("2026-10-01", "2026-11-01")
