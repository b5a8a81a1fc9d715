"""Debug logs for the tests, written here in the form in which a licence server writes them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from farebox.domain.clock import Instant, instant, moment
from farebox.importers.flexnet import DateFormat, Imported, ProductMap, Session, read_log

PARIS = ZoneInfo("Europe/Paris")
PACKAGE, VERSION = "64300ACD_F", "85730ACD_2012_0F"
FIRST_DAY = " 8:00:00 (lmgrd) TIMESTAMP 3/30/2016"


def read(
    *lines: str | bytes,
    zone: ZoneInfo = PARIS,
    date_format: DateFormat | None = None,
    server: str | None = "srv",
    product_map: ProductMap | None = None,
) -> Imported:
    """Read lines as a whole log."""
    return read_log(lines, product_map=product_map or ProductMap(), zone=zone, date_format=date_format, server=server)


def said(clock: str, message: str, daemon: str = "adskflex") -> str:
    """Write one line; the hour is right-aligned, as the daemons write it."""
    return f"{clock:>8} ({daemon}) {message}"


def out(clock: str, who: str = "ann@pc1", feature: str = VERSION, tail: str = "", daemon: str = "adskflex") -> str:
    """Write a check-out."""
    return said(clock, f'OUT: "{feature}" {who}  {tail}', daemon)


def back(clock: str, who: str = "ann@pc1", feature: str = VERSION, tail: str = "", daemon: str = "adskflex") -> str:
    """Write a check-in."""
    return said(clock, f'IN: "{feature}" {who}  {tail}', daemon)


def dated(clock: str, on: str, daemon: str = "lmgrd") -> str:
    """Write the line that names the day."""
    return said(clock, f"TIMESTAMP {on}", daemon)


def lmgrd_start(clock: str, spelled: str, on: str) -> list[str]:
    """Write how the licence manager starts."""
    return [
        said(clock, f"Server's System Date and Time: {spelled} Romance Daylight Time", "lmgrd"),
        said(clock, f"FlexNet Licensing (v11.12.0.0 build 1 x64_n6) started on SERVER01 (IBM PC) ({on})", "lmgrd"),
        said(clock, "Started adskflex (pid 1884)", "lmgrd"),
        said(clock, "FlexNet Licensing version v11.12.0.0 build 1 x64_n6"),
        said(clock, "Server started on SERVER01 for:\t"),
    ]


def utc(text: str) -> Instant:
    """Return the instant of a UTC date and time without suffix."""
    return instant(datetime.fromisoformat(text).replace(tzinfo=UTC))


def span(session: Session) -> tuple[str, str | None]:
    """Write when a use began and ended, in UTC."""
    until = None if session.until is None else _plain(session.until)
    return _plain(session.since), until


def spans(sessions: Iterable[Session]) -> list[tuple[str, str | None]]:
    """Write when uses began and ended, in UTC."""
    return [span(session) for session in sessions]


def _plain(at: Instant) -> str:
    return moment(at).strftime("%m-%d %H:%M:%S")
