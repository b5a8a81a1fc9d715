"""What holds for every log: uses survive being written and read, junk changes nothing, a prefix agrees."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.drawn import few
from tests.importers.flexnet_logs import read

from farebox.domain.clock import SECOND, Instant, instant
from farebox.domain.errors import Rejected
from farebox.importers.flexnet import ClosedBy, DateFormat, Imported, Session
from farebox.importers.flexnet.lines import recognise

ZONES = ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "UTC"]
FIRST_DAYS = ["2016-03-26", "2016-10-29", "2016-12-30", "2016-04-02", "2016-11-05", "2016-06-04", "2016-02-28"]
FEATURES = [("64300ACD_F", "85730ACD_2012_0F"), ("64300ACD_F", "86295ACD_2015_0F"), ("", "MATLAB"), ("65400MAP_F", "")]
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A slow machine is no failure."""
HOUR = timedelta(hours=1)
QUARTER = timedelta(minutes=15)
"""At night, when clocks change, lines are near enough to tell an hour that comes twice."""


@dataclass(frozen=True)
class Launch:
    """One launch: who, what, when from the first second of the log, and for how long."""

    user: str
    host: str
    package: str
    version: str
    daemon: str
    start: int
    duration: int


@dataclass(frozen=True)
class Written:
    """A log, and what it was written from."""

    lines: list[str]
    launches: list[Launch]
    since: datetime
    zone: ZoneInfo

    def read(self, lines: list[str] | None = None) -> Imported:
        """Read the log, or other lines in its place."""
        chosen = self.lines if lines is None else lines
        return read(*chosen, zone=self.zone, date_format=DateFormat.MDY)


@st.composite
def launch(draw: st.DrawFn) -> Launch:
    """Draw a launch within four days."""
    package, version = draw(st.sampled_from(FEATURES))
    return Launch(
        user=draw(st.sampled_from(["ann", "Jean Paul", "ACME\\bob", "zoë@acme.example"])),
        host=draw(st.sampled_from(["pc1", "PC 12"])),
        package=package,
        version=version,
        daemon=draw(st.sampled_from(["adskflex", "other"])),
        start=draw(st.integers(0, 4 * 86_400)),
        duration=draw(st.integers(0, 100_000) | st.integers(0, 5)),
    )


@st.composite
def log(draw: st.DrawFn) -> Written:
    """Draw launches, a zone and a first day, and write the log of them."""
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    since = datetime.fromisoformat(draw(st.sampled_from(FIRST_DAYS))).replace(tzinfo=zone).astimezone(UTC)
    launches = draw(st.lists(launch(), max_size=12))
    return Written(_write(launches, since, zone), launches, since, zone)


def _write(launches: list[Launch], since: datetime, zone: ZoneInfo) -> list[str]:
    """Write launches in the order of time; in one second, dates come first and check-ins last."""
    said: list[tuple[datetime, int, int, str, str]] = []
    last = since
    for place, one in enumerate(launches):
        who = f"{one.user}@{one.host}  "
        begins = since + timedelta(seconds=one.start)
        ends = begins + timedelta(seconds=one.duration)
        last = max(last, ends)
        for feature in filter(None, (one.package, one.version)):
            said += [(begins, 1, place, one.daemon, f'OUT: "{feature}" {who}')]
        for feature in filter(None, (one.version, one.package)):
            said += [(ends, 2, place, one.daemon, f'IN: "{feature}" {who}')]
    at = since
    while at <= last:
        local = at.astimezone(zone)
        said.append((at, 0, 0, "lmgrd", f"TIMESTAMP {local.month}/{local.day}/{local.year}"))
        at += QUARTER if local.hour < 5 else HOUR
    said.sort(key=lambda entry: entry[:3])
    return [f"{_clock(at.astimezone(zone))} ({daemon}) {message}" for at, _, _, daemon, message in said]


def _clock(local: datetime) -> str:
    return f"{local.hour:2}:{local:%M:%S}"


def _key(session: Session) -> tuple[str, str, str, str, Instant, Instant | None]:
    return session.daemon, session.user, session.machine, session.feature, session.since, session.until


def _expected(written: Written) -> Counter[tuple[str, str, str, str, Instant, Instant | None]]:
    """Pair starts and ends, first out, first in, per daemon, person, machine and feature."""
    by_key: dict[tuple[str, str, str, str], list[Launch]] = {}
    for one in written.launches:
        key = (one.daemon, one.user, one.host, one.version or one.package)
        by_key.setdefault(key, []).append(one)
    first = instant(written.since)
    return Counter(
        (*key, Instant(first + start * SECOND), Instant(first + end * SECOND))
        for key, ones in by_key.items()
        for start, end in zip(
            sorted(one.start for one in ones), sorted(one.start + one.duration for one in ones), strict=True
        )
    )


@UNHURRIED
@given(log())
def test_what_is_written_is_read(written: Written) -> None:
    """Uses written as a log, over midnights and both changes of the clock, are read as the same uses."""
    result = written.read()

    assert Counter(map(_key, result.sessions)) == _expected(written)
    assert all(session.closed_by is ClosedBy.CHECK_IN for session in result.sessions)
    assert result.summary.skipped == {}
    assert result.summary.notes == ()
    assert result.summary.merged == sum(1 for one in written.launches if one.package and one.version)
    assert len({session.id for session in result.sessions}) == len(written.launches)


junk = st.text(max_size=60).filter(lambda text: recognise(text).seconds is None) | st.just('OUT: "f" ann@pc1')


@UNHURRIED
@given(log(), st.lists(st.tuples(st.integers(0, 300), junk), max_size=8))
def test_junk_changes_nothing_but_the_counts(written: Written, places: list[tuple[int, str]]) -> None:
    """Lines that carry no time may stand anywhere."""
    lines = list(written.lines)
    for place, text in places:
        lines.insert(min(place, len(lines)), text)

    clean, littered = written.read(), written.read(lines)

    assert littered.sessions == clean.sessions
    assert littered.summary.lines == clean.summary.lines + len(places)
    same = {"lines": 0, "kinds": {}, "notes": ()}
    assert replace(littered.summary, **same) == replace(clean.summary, **same)  # type: ignore[arg-type]


@UNHURRIED
@given(log(), st.integers(0, 300))
def test_a_prefix_agrees_with_the_whole(written: Written, length: int) -> None:
    """What a shorter log has closed is the same in the longer one; what it left open is there under its identity."""
    whole = {session.id: session for session in written.read().sessions}

    for session in written.read(written.lines[:length]).sessions:
        assert session.id in whole
        if session.closed_by is not ClosedBy.OPEN:
            assert session == whole[session.id]


@UNHURRIED
@given(log(), st.integers(0, 300))
def test_a_later_log_that_overlaps_gives_the_same_identities(written: Written, place: int) -> None:
    """A file that begins at some later date line knows nothing under a new identity."""
    dates = [at for at, line in enumerate(written.lines) if "TIMESTAMP" in line]
    begins = dates[place % len(dates)]

    later = written.read(written.lines[begins:]).sessions

    assert {session.id for session in later} <= {session.id for session in written.read().sessions}


@UNHURRIED
@given(log(), st.integers(0, 300), st.integers(0, 3))
def test_a_restart_ends_all_that_is_out(written: Written, place: int, hours: int) -> None:
    """Check-outs before a restart are closed by it or before it, and none of them later than the log's last word."""
    lines = written.lines[:place] or written.lines[:1]
    last = recognise(lines[-1])
    restart = [f"{(last.seconds or 0) // 3600:2}:59:59 (lmgrd) FlexNet Licensing (v11 build 1) started on S (linux)"]

    before, after = written.read(lines), written.read(lines + restart * (hours + 1))

    assert not any(session.closed_by is ClosedBy.OPEN for session in after.sessions)
    assert {session.id for session in after.sessions} == {session.id for session in before.sessions}
    assert all(session.until is not None and session.until >= session.since for session in after.sessions)


times = st.sampled_from([" 9:00:00 ", "23:59:59 ", "0:00:01 "])
daemons = st.sampled_from(["(lmgrd) ", "(x) "])
words = st.sampled_from(
    ["OUT: ", "IN: ", "DENIED: ", '"f" ', '"64300ACD_F" ', "ann@pc1  ", "(2 licenses)", "^^^ a b c"]
)
days = st.sampled_from(["TIMESTAMP ", "4/5/2016", "3/30/2016", "31/3/2016", "12/31/2199", "(@x@) Time: "])
starts = st.sampled_from(["EXITING", "Server started on S for:", "Server's System Date and Time: "])
spelled = st.just("Wed Mar 30 2016 05:56:18 CEST")
rest = st.lists(words | days | starts | spelled | st.text(max_size=5), max_size=4).map("".join)
lines_of_anything = st.lists(st.builds("".join, st.tuples(times, daemons, rest)) | rest | st.binary(max_size=40))


@settings(UNHURRIED, max_examples=few(300))
@given(lines_of_anything, st.sampled_from(ZONES), st.sampled_from([None, *DateFormat]))
def test_no_log_is_an_error(lines: list[str | bytes], zone: str, order: DateFormat | None) -> None:
    """Any lines are read to the end and all are counted, unless the order of day and month stays open."""
    try:
        result = read(*lines, zone=ZoneInfo(zone), date_format=order)
    except Rejected:
        assert order is None
        return

    assert result.summary.lines == sum(result.summary.kinds.values()) == len(lines)
    assert all(session.until is None or session.until >= session.since for session in result.sessions)
    assert len({session.id for session in result.sessions}) == len(result.sessions)
