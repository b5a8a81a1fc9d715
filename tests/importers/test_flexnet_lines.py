"""Lines of a debug log: every form in which licences go out, come back and are refused, and all the rest."""

from __future__ import annotations

import pytest

from farebox.importers.flexnet.facts import Exit, LineKind, Movement, Refusal, Reread, Start
from farebox.importers.flexnet.lines import LINE_CHARS_MAX, recognise


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ('OUT: "f1" ann@pc1  ', {}),
        ('OUT: "f1" ann@pc1', {}),
        ('OUT: "f1" ann@pc1  (2 licenses)', {"licenses": 2}),
        ('OUT: "f1" ann@pc1 (1 license)', {}),
        ('OUT: "f1" ann@pc1  [4f2a]', {"label": "4f2a"}),
        ('OUT: "f1" ann@pc1 [data one] (3 licenses)', {"label": "data one", "licenses": 3}),
        ('OUT: "f1" ann@pc1  (linger: 259200 / 259100)', {"borrowed": True}),
        ('OUT: "f1" ann@pc1  (BORROW)', {"borrowed": True}),
        ('OUT: "f1" ann@pc1  kept for the night', {}),
        ('OUT: "f1" Jean Paul@pc1  ', {"user": "Jean Paul"}),
        ('OUT: "f1" Ann (IT)@pc1  (2 licenses)', {"user": "Ann (IT)", "licenses": 2}),
        ('OUT: "f1" ACME\\ann@PC 12  (2 licenses)', {"user": "ACME\\ann", "host": "PC 12", "licenses": 2}),
        ('OUT: "f1" ann@acme.example@pc1  ', {"user": "ann@acme.example"}),
        ('OUT: "f1" ann@pc1  see bob@pc2', {}),
        ('OUT: "f 1" ann@pc1.acme.example  ', {"feature": "f 1", "host": "pc1.acme.example"}),
        ('OUT: "f1" ann@pc1 ^^^ 1.0 ann 192.0.2.1 29865 0x12ce 1 5 - 11 19 ^^^', {"label": "0x12ce"}),
        ('OUT: "f1" @pc1 (2) ^^^ 1.0 ann 192.0.2.1 29865 0x12ce 1 5 - 11 19 ^^^', {"label": "0x12ce", "licenses": 2}),
    ],
)
def test_a_check_out_is_read_in_every_form(message: str, expected: dict[str, object]) -> None:
    """A check-out tells feature, person and machine, whatever stands behind them."""
    plain: dict[str, object] = {"out": True, "feature": "f1", "user": "ann", "host": "pc1"}

    line = recognise(f" 9:46:20 (adskflex) {message}")

    assert line.kind is LineKind.CHECK_OUT
    assert line.fact == Movement(**(plain | expected))  # type: ignore[arg-type]


def test_a_line_tells_its_daemon_and_its_time_of_day() -> None:
    """The hour may be short, and old daemons write no seconds."""
    line, old = recognise('23:07:09 (demo[24341]) OUT: "f" a@b', 7), recognise(' 8:05 (demo) OUT: "f" a@b')

    assert (line.number, line.daemon, line.seconds) == (7, "demo[24341]", 83_229)
    assert (old.daemon, old.seconds) == ("demo", 29_100)


def test_an_idle_time_out_is_read_with_the_check_in() -> None:
    """`(INACTIVE)` says that the server took the licence back."""
    line = recognise('11:02:14 (adskflex) IN: "f1" ann@pc1  (INACTIVE)')

    assert line.kind is LineKind.CHECK_IN
    assert line.fact == Movement(out=False, feature="f1", user="ann", host="pc1", inactive=True)


def test_linger_of_a_check_in_borrows_nothing() -> None:
    """Only what goes out can be borrowed."""
    line = recognise('11:02:14 (adskflex) IN: "f1" ann@pc1  (linger: 60 / 60)')

    assert line.fact == Movement(out=False, feature="f1", user="ann", host="pc1")


@pytest.mark.parametrize(
    ("message", "reason", "code"),
    [
        (
            'DENIED: "f1" ann@pc1  (Licensed number of users already reached. (-4,342:10054 ""))',
            "Licensed number of users already reached.",
            "-4,342",
        ),
        ('DENIED: "f1" ann@pc1  (User/host on EXCLUDE list (-38,349))', "User/host on EXCLUDE list", "-38,349"),
        ('DENIED: "f1" ann@pc1  (No licence today)', "No licence today", ""),
        ('DENIED: "f1" ann@pc1', "", ""),
        ('DENIED: "f1" ann@pc1 (Full (-4,342)) ^^^ 1.0 ann 192.0.2.1 1 2 ^^^', "Full", "-4,342"),
    ],
)
def test_a_denial_tells_its_reason_and_code(message: str, reason: str, code: str) -> None:
    """A refusal keeps the server's words and its error number apart."""
    line = recognise(f"9:46:20 (adskflex) {message}")

    assert line.kind is LineKind.DENIED
    assert line.fact == Refusal(unsupported=False, feature="f1", user="ann", host="pc1", reason=reason, code=code)


def test_an_unsupported_feature_is_told_with_its_kind_of_host() -> None:
    """The note before the person is no part of the person."""
    message = (
        'UNSUPPORTED: "f1" (PORT_AT_HOST_PLUS   ) Jean Paul@pc1  '
        "(License server system does not support this feature. (-18,327))"
    )

    line = recognise(f"9:46:20 (adskflex) {message}")

    assert line.kind is LineKind.UNSUPPORTED
    assert line.fact == Refusal(
        unsupported=True,
        feature="f1",
        user="Jean Paul",
        host="pc1",
        reason="License server system does not support this feature.",
        code="-18,327",
    )


@pytest.mark.parametrize(
    ("daemon", "message", "fact"),
    [
        ("lmgrd", "Server's System Date and Time: Wed Mar 30 2016 01:56:00 CEST", Start(None)),
        ("lmgrd", "FlexNet Licensing (v11.12 build 1) started on S1 (IBM PC) (3/30/2016)", Start(None, "S1")),
        (
            "lmgrd",
            "FlexNet Licensing (v11.16 build 1) started on s1.example (linux) (3/30/2016)",
            Start(None, "s1.example"),
        ),
        ("lmgrd", "Started adskflex (pid 1884)", Start("adskflex")),
        ("lmgrd", "Started adskflex (internet tcp_port 2080 pid 1884)", Start("adskflex")),
        ("lmgrd", "Restarted adskflex (internet port 2080)", Start("adskflex")),
        ("adskflex", "FlexNet Licensing version v11.12.0.0 build 136775 x64_n6", Start("adskflex")),
        ("adskflex", "Server started on S1 for:\tf1", Start("adskflex", "S1", listing=True)),
        ("adskflex", "EXITING DUE TO SIGNAL 15 Exit reason 1", Exit("adskflex")),
        ("lmgrd", "adskflex exited with status 58 signal = 15", Exit("adskflex")),
        ("adskflex", "Rereading license file ...", Reread()),
        ("lmgrd", "REREAD request from root at node s1", Reread()),
    ],
)
def test_starts_and_ends_of_daemons_are_read(daemon: str, message: str, fact: object) -> None:
    """A restart is told in many ways, by the manager or by the daemon itself."""
    assert recognise(f"9:46:20 ({daemon}) {message}").fact == fact


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", LineKind.BLANK),
        ("   \t", LineKind.BLANK),
        ("a line of something else", LineKind.UNTIMED),
        ("24:00:00 (lmgrd) TIMESTAMP 3/30/2016", LineKind.UNTIMED),
        ("9:60:00 (lmgrd) TIMESTAMP 3/30/2016", LineKind.UNTIMED),
        ("9:46:20 adskflex OUT", LineKind.UNTIMED),
        ("9:46:20 (adskflex) TCP_NODELAY NOT enabled", LineKind.MESSAGE),
        ("9:46:20 (adskflex) ", LineKind.MESSAGE),
        ('9:46:20 (adskflex) IN server died: "f1" ann@pc1', LineKind.MESSAGE),
        ('9:46:20 (adskflex) Checkin failed feature "f1": ann pc1 pc1', LineKind.CHECK_IN_FAILED),
        ('9:46:20 (adskflex) QUEUED: "f1" ann@pc1', LineKind.QUEUE),
        ('9:46:20 (adskflex) DEQUEUED: "f1" ann@pc1', LineKind.QUEUE),
        ("9:46:20 (adskflex) (@adskflex-SLOG@) === Host Info ===", LineKind.STATISTICS),
        ("9:46:20 (adskflex) OUT: f1 ann@pc1", LineKind.UNREADABLE),
        ('9:46:20 (adskflex) OUT: "f1" nobody', LineKind.UNREADABLE),
        ('9:46:20 (adskflex) OUT: "f1" @pc1  ', LineKind.UNREADABLE),
        ('9:46:20 (adskflex) OUT: "f1" an\x00n@pc1  ', LineKind.UNREADABLE),
        ("9:46:20 (adskflex) DENIED: 1 f1 to ann", LineKind.UNREADABLE),
        ('9:46:20 (adskflex) OUT: "f1" ann@' + "x" * LINE_CHARS_MAX, LineKind.TOO_LONG),
    ],
)
def test_whatever_else_is_given_a_kind_and_left_alone(text: str, kind: LineKind) -> None:
    """A line that moves no licence has a kind and no fact; it is never an error."""
    line = recognise(text)

    assert (line.kind, line.fact) == (kind, None)


def test_peaks_of_the_summary_log_are_no_dates() -> None:
    """`Time:` and `Start-Date:` say what day it is; `attempted at` says what day it was."""
    now = recognise("5:56:18 (x) (@x-SLOG@) Time: Wed Mar 30 2016 05:56:18 Romance Daylight Time")
    start = recognise("1:56:05 (x) (@x-SLOG@) Start-Date: Wed Mar 30 2016 01:56:05 Romance Daylight Time")
    then = recognise("5:56:18 (x) (@x-SLOG@) Peak private bytes 2K attempted at Wed Mar 30 2016 05:00:00 CEST")

    assert now.date is not None
    assert now.date.numbers == (2016, 3, 30)
    assert not now.date.starts
    assert start.date is not None
    assert start.date.starts
    assert then.date is None
