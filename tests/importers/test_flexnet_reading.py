"""A reading as a whole: bytes, line ends, progress, the summary, and uses written as events."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from tests.importers.flexnet_logs import FIRST_DAY, PACKAGE, PARIS, back, out, read, said

from farebox.domain.clock import Instant
from farebox.importers.flexnet import (
    LineKind,
    ProductMap,
    Reading,
    Session,
    as_event,
    as_json,
    bounded_lines,
    read_log,
)
from farebox.importers.flexnet.lines import LINE_CHARS_MAX
from farebox.importers.flexnet.sessions import Identities
from farebox.importers.flexnet.tally import NOTES_MAX


def test_an_empty_log_is_no_error() -> None:
    """Nothing in, nothing out, and a summary of zeros."""
    log = read()

    assert (log.sessions, log.denials, log.summary.lines, log.summary.first) == ((), (), 0, None)


def test_bytes_line_ends_and_a_mark_at_the_start_do_not_matter() -> None:
    """Windows line ends, a byte order mark and text instead of bytes give the same uses."""
    lines = [FIRST_DAY, out("9:00:00", "zoë@pc1"), back("9:10:00", "zoë@pc1")]
    plain = read(*lines).sessions

    assert read(*[f"{line}\r\n".encode() for line in lines]).sessions == plain
    assert (
        read(*[f"{line}\n".encode("utf-8-sig" if line is FIRST_DAY else "utf-8") for line in lines]).sessions == plain
    )


@pytest.mark.parametrize(("raw", "user"), [(b"zo\xeb", "zoë"), (b"\x8aime", "Šime"), (b"\x81x\xe9", "\x81xé")])
def test_names_that_are_not_utf8_are_read_as_windows_writes_them(raw: bytes, user: str) -> None:
    """No byte is an error, and no two names become one."""
    log = read(FIRST_DAY.encode(), b' 9:00:00 (adskflex) OUT: "f" ' + raw + b"@pc1  ")

    assert [session.user for session in log.sessions] == [user]
    assert log.summary.recoded == 1


def test_every_line_is_counted_by_its_kind() -> None:
    """The kinds add up to the lines (quality I4)."""
    log = read(
        FIRST_DAY, "", "junk", said("9:00:00", "hello"), out("9:00:00"), back("9:10:00"), said("9:11:00", "OUT: f")
    )

    assert log.summary.kinds == {
        LineKind.BLANK: 1,
        LineKind.CHECK_IN: 1,
        LineKind.CHECK_OUT: 1,
        LineKind.MESSAGE: 1,
        LineKind.TIMESTAMP: 1,
        LineKind.UNREADABLE: 1,
        LineKind.UNTIMED: 1,
    }
    assert log.summary.lines == 7


def test_enormous_lines_are_cut_and_counted() -> None:
    """A file without line ends does not fill the memory, and the line after it is read."""
    junk = b"x" * (LINE_CHARS_MAX * 13)
    stream = io.BytesIO(FIRST_DAY.encode() + b"\n" + junk + b"\n" + out("9:00:00").encode())

    lines = list(bounded_lines(stream))

    assert [len(line) for line in lines][1] < LINE_CHARS_MAX * 5
    log = read(*lines)
    assert (log.summary.kinds[LineKind.TOO_LONG], log.summary.sessions) == (1, 1)


def test_lines_up_to_the_cut_are_whole() -> None:
    """Cutting lines changes nothing in an ordinary file."""
    text = b"a\r\n\nb" + b"c" * LINE_CHARS_MAX + b"\nlast"

    assert b"".join(bounded_lines(io.BytesIO(text))) == text


def test_uses_are_given_as_they_end() -> None:
    """A use is out before the next line is read; the summary counts along."""
    read_so_far: list[str] = []

    def lines() -> Iterator[str]:
        for line in [FIRST_DAY, out("9:00:00"), back("9:10:00"), out("9:20:00")]:
            read_so_far.append(line)
            yield line

    reading = Reading(lines(), product_map=ProductMap(), zone=PARIS)
    first = next(iter(reading))

    assert isinstance(first, Session)
    assert len(read_so_far) == 3
    assert reading.summary.sessions == 1


def test_progress_tells_the_bytes_read() -> None:
    """It is told now and then, and at the end."""
    told: list[int] = []
    lines = [b"junk\n"] * 10_000

    read_log(lines, product_map=ProductMap(), zone=PARIS, heard=told.append)

    assert told == [20_480, 40_960, 50_000]


def test_a_summary_is_written_as_json() -> None:
    """`--json` shows the whole account."""
    log = read(
        FIRST_DAY,
        out("9:00:00", feature=PACKAGE),
        out("9:00:00"),
        back("9:10:00"),
        back("9:10:00", feature=PACKAGE),
        back("9:11:00"),
    )

    written = json.loads(json.dumps(as_json(log.summary)))

    assert written["sessions"] == written["merged"] == 1
    assert written["skipped"] == {"check_in_without_check_out": 1}
    assert written["first"] == "2016-03-30T06:00:00Z"
    assert written["notes"][0]["line"] == 6


def test_notes_are_limited() -> None:
    """A log full of oddities keeps the first notes and counts the rest."""
    lines = [said("8:00:01", "TIMESTAMP 13/13/2016", "lmgrd")] * (NOTES_MAX + 5)

    summary = read(FIRST_DAY, *lines).summary

    assert (len(summary.notes), summary.notes_left_out) == (NOTES_MAX, 5)


def test_a_use_is_written_as_an_event() -> None:
    """The event carries what events.md names, with the server's offset and a revision that grows with knowledge."""
    (session,) = read(FIRST_DAY, out("9:00:00"), back("9:10:00")).sessions

    assert as_event(session, "flexnet:srv") == {
        "specversion": "1.0",
        "id": session.id,
        "source": "flexnet:srv",
        "type": "farebox.session",
        "time": "2016-03-30T07:00:00Z",
        "subject": "ann",
        "revision": 2,
        "data": {
            "product": "ACD",
            "start": "2016-03-30T07:00:00Z",
            "end": "2016-03-30T07:10:00Z",
            "version": "2012",
            "feature": "85730ACD_2012_0F",
            "machine": "pc1",
            "server": "srv",
            "utcOffset": "+2:00",
            "usageType": "Normal",
        },
    }


def test_an_open_use_is_amended_when_it_is_closed() -> None:
    """The same identity, an end, and a higher revision: no conflict with what was imported before (domain M3)."""
    lines = [
        FIRST_DAY,
        out("9:00:00", feature=PACKAGE),
        out("9:00:00"),
        back("9:10:00"),
        back("9:10:00", feature=PACKAGE),
    ]

    events = [as_event(read(*lines[:length]).sessions[0], "s") for length in (2, 3, 4, 5)]

    assert len({event["id"] for event in events}) == 1
    assert [event["revision"] for event in events] == [0, 1, 1, 3]
    assert events[1] == events[2]
    assert ["end" in dict(event["data"]) for event in events] == [False, False, False, True]  # type: ignore[call-overload]


def test_an_offset_west_of_greenwich_and_a_half_hour_are_written() -> None:
    """`-3:30` in Newfoundland, `Borrowed` where it was, and nothing for what the log does not tell."""
    from_zone = read(
        FIRST_DAY, out("2:00:00", "ann@", "f", "(BORROW)"), zone=ZoneInfo("America/St_Johns"), server=None
    ).sessions

    data = as_event(from_zone[0], "s")["data"]

    assert data == {
        "product": "f",
        "start": "2016-03-31T04:30:00Z",
        "feature": "f",
        "utcOffset": "-2:30",
        "usageType": "Borrowed",
    }


def test_identities_are_numbered_within_the_hour() -> None:
    """Equal names at equal instants are told apart; what is long past is forgotten without harm."""
    identities = Identities()
    first = identities.next(Instant(0), "a")

    assert identities.next(Instant(0), "a") != first
    identities.next(Instant(10**12), "b")
    assert identities.next(Instant(0), "a") == first
