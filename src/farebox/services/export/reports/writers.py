"""
The forms in which a file of reports is written: CSV, a zip of CSV files, and a workbook.

Each takes the rows as they come and keeps none: a workbook's rows wait on the disk until it is put together.
Cells of CSV that a spreadsheet would run are neutralised; those of a workbook are typed, and none is a formula.
"""

from __future__ import annotations

import csv
import io
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import IO, Protocol

from farebox.domain.report_files import Format
from farebox.query.present import Cell, neutralised
from farebox.services.export.reports.book import Book, made_on
from farebox.services.export.reports.sections import Chunk, Row


class Sink(Protocol):
    """Where the bytes of a file go, in their order."""

    def write(self, part: bytes, /) -> int:
        """Take a part, and return how long it was."""


class Writer(ABC):
    """Writes a file of reports; each section begins with a chunk of its own, `finish` comes last."""

    def __init__(self, book: Book, sink: Sink) -> None:
        self.book = book
        self.sink = sink
        self._place = -1

    def start(self) -> None:  # noqa: B027 -- one report alone says nothing but its rows
        """Write what comes first."""

    def write(self, chunk: Chunk) -> int:
        """Write some rows and return how many."""
        while self._place < chunk.place:
            self._place += 1
            self.begin(self._place)
        self.rows(chunk.rows)
        return len(chunk.rows)

    @abstractmethod
    def begin(self, place: int) -> None:
        """Begin a section with the names of its columns."""

    @abstractmethod
    def rows(self, rows: Iterable[Row]) -> None:
        """Write rows of the section."""

    @abstractmethod
    def finish(self) -> None:
        """Write what comes last."""

    def abandon(self) -> None:  # noqa: B027 -- most have nothing to give back
        """Give back what is held, of a file that is not wanted any more."""


@contextmanager
def writing(book: Book, sink: Sink, folder: Path) -> Iterator[Writer]:
    """Give a writer of the form that is wanted, finished at the end, or abandoned where something fails."""
    writer = _writer(book, sink, folder)
    try:
        writer.start()
        yield writer
        writer.finish()
    except BaseException:
        writer.abandon()
        raise


def _writer(book: Book, sink: Sink, folder: Path) -> Writer:
    if book.spec.format is Format.XLSX:
        from farebox.services.export.reports.workbook import WorkbookWriter

        return WorkbookWriter(book, sink, folder)
    return CsvWriter(book, sink) if book.spec.ending == "csv" else ZipWriter(book, sink)


def csv_bytes(rows: Iterable[Row]) -> bytes:
    """Write rows as lines of CSV: UTF-8, RFC 4180, exact numbers."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([_plain(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def _plain(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case str():
            return neutralised(cell)
        case datetime():
            return f"{cell:%Y-%m-%dT%H:%M:%SZ}"
        case date():
            return cell.isoformat()
        case int():
            return str(cell)
        case _:
            return f"{cell:f}"


class CsvWriter(Writer):
    """One report as CSV."""

    def begin(self, place: int) -> None:
        """Write the line of the columns' names."""
        self.sink.write(csv_bytes([[column.header for column in self.book.sections[place].columns]]))

    def rows(self, rows: Iterable[Row]) -> None:
        """Write a line for each row."""
        self.sink.write(csv_bytes(rows))

    def finish(self) -> None:
        """Leave it at that."""


class Stream:
    """A sink as archives want it; of an abandoned archive nothing is written on."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.open = True

    def write(self, part: bytes) -> int:
        """Hand a part on."""
        return self._sink.write(part) if self.open else len(part)

    def flush(self) -> None:
        """Have nothing to flush."""

    def close(self) -> None:
        """Leave the file to whoever opened it."""


class ZipWriter(Writer):
    """Several reports, each a CSV file of a zip, and one more that says what they are about."""

    def __init__(self, book: Book, sink: Sink) -> None:
        super().__init__(book, sink)
        self._stream = Stream(sink)
        self._zip = zipfile.ZipFile(self._stream, "w", zipfile.ZIP_DEFLATED)
        self._entry: IO[bytes] | None = None

    def start(self) -> None:
        """Write what the reports are about."""
        self._add("filters", [[name, cell] for name, cell in self.book.about])

    def begin(self, place: int) -> None:
        """Begin the next file of the zip."""
        section = self.book.sections[place]
        self._add(section.type.value, [[column.header for column in section.columns]])

    def rows(self, rows: Iterable[Row]) -> None:
        """Write a line for each row."""
        assert self._entry is not None, "a section is begun before its rows come"
        self._entry.write(csv_bytes(rows))

    def finish(self) -> None:
        """Write the table of contents."""
        self._end()
        self._zip.close()

    def abandon(self) -> None:
        """Close everything without writing on."""
        self._stream.open = False
        self.finish()

    def _add(self, name: str, rows: Iterable[Row]) -> None:
        self._end()
        entry = zipfile.ZipInfo(f"{name}-{self.book.spec.schema}.csv", made_on(self.book))
        entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
        self._entry = self._zip.open(entry, "w", force_zip64=True)
        self._entry.write(csv_bytes(rows))

    def _end(self) -> None:
        if self._entry is not None:
            self._entry.close()
            self._entry = None
