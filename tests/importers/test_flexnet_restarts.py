"""Restarts, ends of daemons and the end of the log: what was out then."""

from __future__ import annotations

import pytest
from tests.importers.flexnet_logs import (
    FIRST_DAY,
    PACKAGE,
    back,
    dated,
    lmgrd_start,
    out,
    read,
    said,
    span,
    spans,
    utc,
)

from farebox.importers.flexnet import ClosedBy, Skip


def test_a_restart_cuts_what_was_out_when_the_daemon_was_last_heard() -> None:
    """The manager starts anew: every daemon's uses end at that daemon's last line, and are counted (domain M4)."""
    log = read(
        FIRST_DAY,
        *(out("9:00:00", daemon="one"), out("9:01:00", daemon="two")),
        *(said("9:30:00", "still here", "one"), said("9:40:00", "still here", "two"), said("9:50:00", "hm", "lmgrd")),
        *lmgrd_start("10:00:00", "Wed Mar 30 2016 10:00:00", "3/30/2016"),
        back("10:05:00", daemon="one"),
    )

    assert [(session.daemon, session.closed_by, *span(session)) for session in log.sessions] == [
        ("one", ClosedBy.RESTART, "03-30 07:00:00", "03-30 07:30:00"),
        ("two", ClosedBy.RESTART, "03-30 07:01:00", "03-30 07:40:00"),
    ]
    assert log.summary.closed_by == {ClosedBy.RESTART: 2}
    assert log.summary.restarts == 2
    assert log.summary.skipped == {Skip.CHECK_IN_WITHOUT_CHECK_OUT: 1}


@pytest.mark.parametrize(
    "start",
    [
        said("10:00:00", "Started one (pid 7)", "lmgrd"),
        said("10:00:00", "Restarted one (internet port 2080)", "lmgrd"),
        said("10:00:00", "one exited with status 58 signal = 15", "lmgrd"),
        said("10:00:00", "FlexNet Licensing version v11.12.0.0 build 1 x64_n6", "one"),
        said("10:00:00", "Server started on SERVER01 for:\tf1", "one"),
    ],
)
def test_the_restart_of_one_daemon_leaves_the_others_alone(start: str) -> None:
    """Whoever tells it, only the daemon named is cut."""
    log = read(FIRST_DAY, out("9:00:00", daemon="one"), out("9:01:00", daemon="two"), start)

    assert [(session.daemon, session.closed_by) for session in log.sessions] == [
        ("one", ClosedBy.RESTART),
        ("two", ClosedBy.OPEN),
    ]
    assert log.sessions[0].until == utc("2016-03-30T07:00:00")


def test_the_end_of_a_daemon_is_its_last_word() -> None:
    """A daemon that says that it exits was heard until then, and its start afterwards is no second restart."""
    log = read(
        FIRST_DAY,
        out("9:00:00"),
        said("9:30:00", "EXITING DUE TO SIGNAL 15 Exit reason 1"),
        *lmgrd_start("10:00:00", "Wed Mar 30 2016 10:00:00", "3/30/2016"),
    )

    assert spans(log.sessions) == [("03-30 07:00:00", "03-30 07:30:00")]
    assert log.summary.restarts == 1


def test_a_process_number_does_not_hide_a_daemon_from_its_restart() -> None:
    """`demo[24341]` is an instance of demo, and has its own pairing."""
    log = read(FIRST_DAY, out("9:00:00", daemon="demo[1]"), said("9:30:00", "Started demo (pid 2)", "lmgrd"))

    assert log.sessions[0].closed_by is ClosedBy.RESTART


def test_a_reread_of_the_licence_file_cuts_nothing() -> None:
    """The list of features that follows a reread is no start."""
    log = read(
        FIRST_DAY,
        out("9:00:00"),
        said("9:10:00", "Rereading license file C:\\lic.dat"),
        said("9:10:02", "Server started on SERVER01 for:\tf1"),
        back("9:30:00"),
    )

    assert spans(log.sessions) == [("03-30 07:00:00", "03-30 07:30:00")]
    assert log.summary.restarts == 0


def test_what_is_out_at_the_end_of_the_log_is_open() -> None:
    """It has no end; until when the log vouches for it is told apart."""
    log = read(
        FIRST_DAY,
        out("9:00:00", feature=PACKAGE),
        out("9:00:00"),
        back("9:10:00"),
        dated("14:00:00", "3/30/2016", "adskflex"),
    )

    (session,) = log.sessions
    assert (session.until, session.closed_by) == (None, ClosedBy.OPEN)
    assert session.heard == utc("2016-03-30T12:00:00")
    assert log.summary.closed_by == {ClosedBy.OPEN: 1}
