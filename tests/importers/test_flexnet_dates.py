"""Dates for lines without one: anchors, midnights, silence, summer time, and the order of day and month."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from tests.importers.flexnet_logs import FIRST_DAY, PARIS, back, dated, lmgrd_start, out, read, said, span, spans

from farebox.domain.clock import day
from farebox.domain.errors import InvalidTime, Rejected
from farebox.importers.flexnet import DateFormat, LineKind, Skip, zone_named
from farebox.importers.flexnet.dating import Dater
from farebox.importers.flexnet.gate import FormatGate
from farebox.importers.flexnet.lines import recognise
from farebox.importers.flexnet.tally import Tally
from farebox.importers.flexnet.wall import WallClock


def test_a_time_of_day_is_read_in_the_servers_zone() -> None:
    """Nine in the morning in Paris in summer is seven in UTC, and the offset is kept (domain T1, T2)."""
    (session,) = read(FIRST_DAY, out("9:00:00"), back("9:30:00")).sessions

    assert span(session) == ("03-30 07:00:00", "03-30 07:30:00")
    assert session.utc_offset_seconds == 7200


def test_the_day_goes_on_when_the_hour_falls_back() -> None:
    """Past midnight without an anchor it is the next day."""
    log = read(FIRST_DAY, out("23:50:00"), back(" 0:10:00"), out("23:00:00"), back(" 1:00:00"))

    assert spans(log.sessions) == [
        ("03-30 21:50:00", "03-30 22:10:00"),
        ("03-31 21:00:00", "03-31 23:00:00"),
    ]


def test_lines_before_the_first_anchor_are_dated_backwards() -> None:
    """A log that begins in the middle of a day is dated by the first date that it tells."""
    log = read(out("22:00:00"), back(" 0:30:00"), dated(" 2:00:00", "3/31/2016"))

    assert spans(log.sessions) == [("03-30 20:00:00", "03-30 22:30:00")]


def test_days_of_silence_are_found_at_the_next_anchor() -> None:
    """A date that is days later than counted moves the lines since midnight with it, and is noted."""
    log = read(
        FIRST_DAY, out("9:00:00"), back("10:00:00"), out("8:30:00"), dated("9:00:00", "4/2/2016"), back("9:30:00")
    )

    assert spans(log.sessions) == [
        ("03-30 07:00:00", "03-30 08:00:00"),
        ("04-02 06:30:00", "04-02 07:30:00"),
    ]
    assert [(note.code, note.line) for note in log.summary.notes] == [("days_of_silence", 5)]


def test_silence_before_a_start_moves_nothing_before_it() -> None:
    """When a server says the date as it starts, it was down before: the night shift stays where it was."""
    start = lmgrd_start("7:30:00", "Mon Apr 04 2016 07:30:00", "4/4/2016")
    log = read(FIRST_DAY, out("23:00:00"), back(" 0:30:00"), *start, out("9:00:00"), back("9:10:00"))

    assert spans(log.sessions) == [
        ("03-30 21:00:00", "03-30 22:30:00"),
        ("04-04 07:00:00", "04-04 07:10:00"),
    ]
    assert [note.code for note in log.summary.notes] == ["days_of_silence"]


def test_a_clock_that_was_set_back_is_put_right_by_the_anchor() -> None:
    """A fall that was no midnight is undone at the next date, for the lines that wait for it too."""
    log = read(FIRST_DAY, out("12:00:00"), back("11:50:00"), dated("14:00:00", "3/30/2016"), out("15:00:00"))

    assert spans(log.sessions) == [("03-30 10:00:00", "03-30 10:00:00"), ("03-30 13:00:00", None)]
    assert [note.code for note in log.summary.notes] == ["days_back"]


def test_a_straggler_keeps_its_own_time() -> None:
    """Daemons share a file: a line some seconds behind the one before it is no midnight, also across one."""
    log = read(
        dated("23:00:00", "3/30/2016"),
        out("23:59:50"),
        said(" 0:00:01", "hello", "lmgrd"),
        back("23:59:59"),
        out(" 0:00:03"),
        back(" 0:00:02"),
    )

    assert spans(log.sessions) == [
        ("03-30 21:59:50", "03-30 21:59:59"),
        ("03-30 22:00:03", "03-30 22:00:03"),
    ]
    assert log.summary.notes == ()


def test_a_spelled_out_date_may_stand_on_the_other_side_of_midnight() -> None:
    """The date belongs to the time written with it, not to the line's."""
    log = read(
        said(" 0:00:00", "(@adskflex-SLOG@) Time: Wed Mar 30 2016 23:59:59 Romance Daylight Time"),
        out("1:00:00"),
    )

    assert spans(log.sessions) == [("03-30 23:00:00", None)]


def test_the_hour_that_comes_twice_is_told_apart_by_the_lines_around_it() -> None:
    """At the end of summer time a fall inside the repeated hour is its second pass, not midnight (domain T3)."""
    log = read(
        dated("1:00:00", "10/30/2016"),
        out("2:10:00"),
        back("2:50:00"),
        out("2:20:00"),
        back("2:40:00"),
        out("3:00:00"),
    )

    assert spans(log.sessions) == [
        ("10-30 00:10:00", "10-30 00:50:00"),
        ("10-30 01:20:00", "10-30 01:40:00"),
        ("10-30 02:00:00", None),
    ]
    assert [session.utc_offset_seconds for session in log.sessions] == [7200, 3600, 3600]


def test_the_first_pass_is_assumed_where_nothing_tells() -> None:
    """A lone line in the repeated hour is of the hour's first pass, whatever it was."""
    assert spans(read(dated("1:00:00", "10/30/2016"), out("2:10:00"), out("3:10:00")).sessions) == [
        ("10-30 00:10:00", None),
        ("10-30 02:10:00", None),
    ]


def test_a_second_fall_in_the_repeated_hour_is_a_new_day() -> None:
    """The hour comes twice, not three times."""
    log = read(dated("1:00:00", "10/30/2016"), out("2:50:00"), back("2:20:00"), out("2:10:00"))

    assert spans(log.sessions) == [("10-30 00:50:00", "10-30 01:20:00"), ("10-31 01:10:00", None)]


def test_the_missing_hour_is_jumped_over() -> None:
    """At the start of summer time 01:59 is followed by 03:00: two minutes, not sixty-two."""
    log = read(dated("1:00:00", "3/27/2016"), out("1:59:00"), back("3:01:00"))

    assert spans(log.sessions) == [("03-27 00:59:00", "03-27 01:01:00")]


def test_a_time_inside_the_missing_hour_is_the_jump_and_is_noted() -> None:
    """A clock of this zone never shows it: the zone is probably wrong, and time never runs backwards meanwhile."""
    log = read(dated("1:00:00", "3/27/2016"), out("2:30:00"), back("3:01:00"))

    assert spans(log.sessions) == [("03-27 01:00:00", "03-27 01:01:00")]
    assert [note.code for note in log.summary.notes] == ["impossible_time"]


def test_a_zone_may_change_by_half_an_hour() -> None:
    """Lord Howe repeats half an hour, and skips one (quality X10)."""
    wall = WallClock(ZoneInfo("Australia/Lord_Howe"))
    autumn = day(date(2016, 4, 3))
    spring = day(date(2016, 10, 2))

    assert [wall.comes_twice(autumn, minutes * 60) for minutes in (89, 90, 119, 120)] == [False, True, True, False]
    assert wall.at(autumn, 100 * 60, second_pass=True).at - wall.at(autumn, 100 * 60).at == 1_800_000_000
    assert [wall.at(spring, minutes * 60).real for minutes in (119, 120, 149, 150)] == [True, False, False, True]
    assert wall.at(spring, 130 * 60).at == wall.at(spring, 150 * 60).at


def test_a_date_with_one_reading_tells_the_order() -> None:
    """Lines behind an ambiguous date wait for one that is not: 13 is no month."""
    log = read(dated("8:00:00", "4/12/2016"), out("9:00:00"), back("9:10:00"), dated("2:00:00", "4/13/2016"))

    assert log.summary.date_format is DateFormat.MDY
    assert spans(log.sessions) == [("04-12 07:00:00", "04-12 07:10:00")]


@pytest.mark.parametrize(
    ("on", "order"), [("4/5/2016", DateFormat.MDY), ("5/4/2016", DateFormat.DMY), ("05.04.2016", DateFormat.DMY)]
)
def test_a_spelled_out_date_tells_the_order(on: str, order: DateFormat) -> None:
    """A date that agrees, read one way, with the day spelled out before it settles the order."""
    spelled = said("8:00:00", "Server's System Date and Time: Tue Apr 05 2016 08:00:00 CEST", "lmgrd")

    log = read(spelled, dated("8:00:01", on), out("9:00:00"))

    assert log.summary.date_format is order
    assert spans(log.sessions) == [("04-05 07:00:00", None)]


def test_the_spelled_out_day_is_carried_over_midnight() -> None:
    """The date that settles the order may come a day later."""
    spelled = said("20:00:00", "(@adskflex-SLOG@) Time: Mon Apr 04 2016 20:00:00 CEST")

    log = read(spelled, dated(" 2:00:00", "5/4/2016"))

    assert log.summary.date_format is DateFormat.DMY


def test_a_date_that_reads_the_same_both_ways_needs_no_order() -> None:
    """April 4th is 4/4/2016 everywhere."""
    log = read(dated("8:00:00", "4/4/2016"), out("9:00:00"))

    assert log.summary.date_format is None
    assert spans(log.sessions) == [("04-04 07:00:00", None)]


def test_a_year_first_needs_no_order() -> None:
    """2016-04-05 has one reading."""
    assert spans(read(dated("8:00:00", "2016-04-05"), out("9:00:00")).sessions) == [("04-05 07:00:00", None)]


def test_an_order_that_stays_open_is_refused() -> None:
    """Ambiguity is reported, never guessed: the problem names the line and what to say."""
    with pytest.raises(Rejected) as refused:
        read(out("7:00:00"), dated("8:00:00", "4/5/2016"), out("9:00:00"))

    (problem,) = refused.value.problems
    assert (problem.pointer, problem.code) == ("/dateFormat", "ambiguous_date_format")
    assert "line 2" in problem.message
    assert "4/5/2016" in problem.message


def test_the_order_may_be_given() -> None:
    """The fourth of May, if the caller says that the day comes first."""
    log = read(dated("8:00:00", "4/5/2016"), out("9:00:00"), date_format=DateFormat.DMY)

    assert spans(log.sessions) == [("05-04 07:00:00", None)]


def test_a_date_that_the_order_forbids_is_noted_and_not_used() -> None:
    """A wrong option is seen in the notes, not in uses on the wrong day."""
    log = read(dated("8:00:00", "3/30/2016"), out("9:00:00"), date_format=DateFormat.DMY)

    assert log.sessions == ()
    assert [note.code for note in log.summary.notes] == ["impossible_date", Skip.UNDATED]


def test_a_log_without_a_date_yields_nothing_and_says_so() -> None:
    """Lines that cannot be dated are skipped for that reason; junk among them is not counted as skipped."""
    log = read(out("9:00:00"), said("9:10:00", "hello"), back("9:30:00"))

    assert (log.sessions, log.summary.skipped) == ((), {Skip.UNDATED: 2})


@pytest.mark.parametrize("on", ["13/13/2016", "2/30/2016", "3/30/16", "3/30/1066", "30 March", ""])
def test_a_date_that_is_none_is_no_anchor(on: str) -> None:
    """An unreadable date leaves the count of days as it is."""
    log = read(FIRST_DAY, dated("8:30:00", on), out("9:00:00"))

    assert spans(log.sessions) == [("03-30 07:00:00", None)]
    assert log.summary.kinds[LineKind.TIMESTAMP] == 2


def test_the_summary_tells_the_range_and_what_the_server_calls_its_zone() -> None:
    """An operator can see whether the zone that was given is the server's."""
    log = read(*lmgrd_start("1:56:00", "Wed Mar 30 2016 01:56:00", "3/30/2016"), out("9:00:00"))

    assert (log.summary.zone, log.summary.zone_in_log) == ("Europe/Paris", "Romance Daylight Time")
    assert (log.summary.first, log.summary.last) == (1_459_295_760_000_000, 1_459_321_200_000_000)


def test_a_zone_is_named_or_refused() -> None:
    """There is no default zone and no guess (domain T1)."""
    assert zone_named("Europe/Paris") == PARIS
    for name in ("Romance Daylight Time", "", "../etc/passwd", "Europe"):
        with pytest.raises(InvalidTime):
            zone_named(name)


def _dater(tally: Tally) -> Dater:
    return Dater(WallClock(PARIS), FormatGate(None).day_of, tally, held_lines_max=2)


def test_lines_wait_for_a_date_up_to_a_limit() -> None:
    """After a midnight without an anchor the day is taken as counted when too many lines wait."""
    dater = _dater(Tally())
    lines = [FIRST_DAY, out("1:00:00"), out("1:01:00"), out("1:02:00"), out("1:03:00")]

    given = [[placed.line.number for placed in dater.feed(recognise(text, at))] for at, text in enumerate(lines)]

    assert given == [[0], [], [], [1, 2, 3], [4]]


def test_lines_before_any_date_are_skipped_beyond_a_limit() -> None:
    """A long log without a date does not fill the memory; what is dropped is counted."""
    tally = Tally()
    dater = _dater(tally)
    lines = [out("9:00:00"), said("9:00:30", "hello"), out("9:01:00"), out("9:02:00"), dated("9:03:00", "3/30/2016")]

    given = [placed.line.number for at, text in enumerate(lines) for placed in dater.feed(recognise(text, at))]

    assert given == [3, 4]
    assert tally.summary(server="", zone="", date_format=None).skipped == {Skip.UNDATED: 2}


def test_lines_wait_for_the_order_of_day_and_month_up_to_a_limit() -> None:
    """Beyond it the log is refused at once, not at its end."""
    gate = FormatGate(None, held_lines_max=1)
    line = recognise(dated("8:00:00", "4/5/2016"))

    assert list(gate.feed(line)) == []
    with pytest.raises(Rejected):
        list(gate.feed(line))
