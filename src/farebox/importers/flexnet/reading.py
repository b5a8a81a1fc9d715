"""
One reading of a debug log, from lines to uses, as a stream.

    lines → recognise → FormatGate (which order of day and month) → Dater (which day) → Pairing (which use)

Memory follows what is out and what waits for a date, not the length of the log. Nothing is written and no clock
is read; the command feeds the uses to ingest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final
from zoneinfo import ZoneInfo

from farebox.importers.flexnet.dates import DateFormat
from farebox.importers.flexnet.dating import Dater, Placed
from farebox.importers.flexnet.facts import Line
from farebox.importers.flexnet.gate import FormatGate
from farebox.importers.flexnet.lines import LINE_CHARS_MAX, recognise
from farebox.importers.flexnet.pairing import Pairing
from farebox.importers.flexnet.products import ProductMap
from farebox.importers.flexnet.sessions import Denial, Session
from farebox.importers.flexnet.tally import Summary, Tally
from farebox.importers.flexnet.wall import WallClock

_LINES_PER_REPORT: Final = 4096


@dataclass(frozen=True, slots=True)
class Imported:
    """A whole log, read into memory."""

    sessions: tuple[Session, ...]
    denials: tuple[Denial, ...]
    summary: Summary


class Reading:
    """
    One pass over a log: iterate for the uses and denials, then ask for the summary.

    A use is given when it ends, those still open last. `heard` is called now and then with the bytes read so far.
    Iterating raises `Rejected` when the order of day and month cannot be known (code `ambiguous_date_format`).
    """

    def __init__(
        self,
        lines: Iterable[str | bytes],
        *,
        product_map: ProductMap,
        zone: ZoneInfo,
        date_format: DateFormat | None = None,
        server: str | None = None,
        heard: Callable[[int], None] | None = None,
    ) -> None:
        self._lines = lines
        self._heard = heard
        self._zone = zone
        self._tally = Tally()
        self._gate = FormatGate(date_format)
        self._dater = Dater(WallClock(zone), self._gate.day_of, self._tally)
        self._pairing = Pairing(product_map, server, self._tally)

    def __iter__(self) -> Iterator[Session | Denial]:
        for placed in self._placed():
            yield from self._pairing.feed(placed)
        yield from self._pairing.finish()

    @property
    def summary(self) -> Summary:
        """Return the account of what was read so far."""
        zone = self._zone.key or str(self._zone)
        return self._tally.summary(server=self._pairing.server, zone=zone, date_format=self._gate.format)

    def _placed(self) -> Iterator[Placed]:
        for line in self._timed():
            for dated in self._gate.feed(line):
                yield from self._dater.feed(dated)
        self._gate.finish()
        yield from self._dater.finish()

    def _timed(self) -> Iterator[Line]:
        """Give the lines that carry a time; the others are counted and done."""
        size, number = 0, 0
        for number, raw in enumerate(self._lines, 1):
            size += len(raw)
            line = recognise(self._text(raw, number), number)
            self._tally.line(line)
            if line.seconds is not None:
                yield line
            if self._heard and number % _LINES_PER_REPORT == 0:
                self._heard(size)
        if self._heard:
            self._heard(size)

    def _text(self, raw: str | bytes, number: int) -> str:
        text = raw if isinstance(raw, str) else self._decode(raw)
        if number == 1:
            text = text.removeprefix("\ufeff")
        return text.rstrip("\r\n")

    def _decode(self, raw: bytes) -> str:
        """Read UTF-8; else what Windows servers write; else bytes as they are, so that no two names become one."""
        try:
            return raw.decode()
        except UnicodeDecodeError:
            self._tally.recoded += 1
        try:
            return raw.decode("cp1252")
        except UnicodeDecodeError:
            return raw.decode("latin-1")


def read_log(
    lines: Iterable[str | bytes],
    *,
    product_map: ProductMap,
    zone: ZoneInfo,
    date_format: DateFormat | None = None,
    server: str | None = None,
    heard: Callable[[int], None] | None = None,
) -> Imported:
    """Read a whole log into memory; `Reading` gives the same as a stream. Raises as it does."""
    reading = Reading(lines, product_map=product_map, zone=zone, date_format=date_format, server=server, heard=heard)
    sessions: list[Session] = []
    denials: list[Denial] = []
    for record in reading:
        if isinstance(record, Session):
            sessions.append(record)
        else:
            denials.append(record)
    return Imported(tuple(sessions), tuple(denials), reading.summary)


def bounded_lines(stream: BinaryIO) -> Iterator[bytes]:
    """Give the lines of a file, each cut just above the length at which a line is no licence line any more."""
    limit = 4 * LINE_CHARS_MAX + 4
    while line := stream.readline(limit):
        yield line
        while len(line) == limit and not line.endswith(b"\n"):
            line = stream.readline(limit)
