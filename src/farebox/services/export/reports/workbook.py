"""
A file of reports as a workbook: a sheet that says what it is about, totals of usage, then a sheet a report, all typed.

Numbers are numbers as far as a spreadsheet keeps them exact, which are fifteen digits; longer ones are texts. A report
with more rows than a sheet can have goes on in the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError

from farebox.domain.clock import moment
from farebox.domain.report_files import sheet_name
from farebox.query.present import Cell
from farebox.services.export.reports.book import Book
from farebox.services.export.reports.columns import Column, Kind
from farebox.services.export.reports.sections import Row
from farebox.services.export.reports.writers import Sink, Stream, Writer

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

ROWS_MAX = 1_048_576
"""Rows of a sheet, its heading included."""

TEXT_MAX = 32_767
"""Signs of a cell."""

DIGITS_MAX = 15
"""Digits that a spreadsheet keeps of a number."""

_WIDTHS = {Kind.TEXT: 22, Kind.NUMBER: 14, Kind.DATE: 12, Kind.MOMENT: 21}
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": False,
}


class WorkbookWriter(Writer):
    """Several reports, each a sheet."""

    def __init__(self, book: Book, sink: Sink, folder: Path) -> None:
        super().__init__(book, sink)
        self._stream = Stream(sink)
        self._workbook = Workbook(self._stream, {**_OPTIONS, "tmpdir": str(folder)})
        self._workbook.use_zip64()
        self._workbook.set_properties({"created": moment(book.made).replace(tzinfo=None), "author": "Farebox"})
        self._bold = self._workbook.add_format({"bold": True})
        self._dates = self._workbook.add_format({"num_format": "yyyy-mm-dd"})
        self._moments = self._workbook.add_format({"num_format": 'yyyy-mm-dd"T"hh:mm:ss"Z"'})
        self._sheet: Worksheet
        self._next = 0
        self._across = 0
        self._names: list[str] = []

    def start(self) -> None:
        """Write the sheet that says what it is about."""
        self._sheet = self._workbook.add_worksheet(self._free(self.book.title))
        self._sheet.set_column(0, 0, _WIDTHS[Kind.TEXT])
        self._sheet.set_column(1, 1, 2 * _WIDTHS[Kind.TEXT])
        for name, cell in self.book.about:
            self._sheet.write_string(self._next, 0, name, self._bold)
            self._put(1, cell)
            self._next += 1
        if self.book.parts:
            self._sum_up()

    def begin(self, place: int) -> None:
        """Begin the sheet of a report."""
        self._begin_sheet(self.book.sheets[place], self.book.sections[place].columns)

    def rows(self, rows: Iterable[Row]) -> None:
        """Write rows; where the sheet is full, go on in another."""
        for row in rows:
            if self._next == ROWS_MAX:
                self.begin(self._place)
            self._line(row)

    def finish(self) -> None:
        """Put the sheets together. Raises `OSError` where there is no room for them."""
        self._end_sheet()
        try:
            self._workbook.close()
        except FileCreateError as error:
            raise error.args[0] from error

    def abandon(self) -> None:
        """Close what waits on the disk."""
        self._stream.open = False
        for sheet in self._workbook.worksheets():
            sheet._opt_close()  # the only way to close it without putting everything together

    def _sum_up(self) -> None:
        """Write the sheet of the totals, at which the workbook opens."""
        self._sheet, self._next = self._workbook.add_worksheet(self._free(self.book.summary)), 0
        self._sheet.set_column(0, 1, 2 * _WIDTHS[Kind.TEXT])
        self._sheet.set_column(2, 2, _WIDTHS[Kind.NUMBER])
        self._sheet.activate()
        for part in self.book.parts:
            self._line(part.heads, self._bold)
            for row in part.rows:
                self._line(row)
            self._line(part.total, self._bold)
            self._next += 1

    def _line(self, row: Row, form: Format | None = None) -> None:
        for place, cell in enumerate(row):
            self._put(place, cell, form)
        self._next += 1

    def _end_sheet(self) -> None:
        """Let readers filter the rows of the report that was written last."""
        if self._across:
            self._sheet.autofilter(0, 0, self._next - 1, self._across - 1)

    def _begin_sheet(self, title: str, columns: Sequence[Column]) -> None:
        self._end_sheet()
        self._sheet, self._across = self._workbook.add_worksheet(self._free(title)), len(columns)
        self._sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            self._sheet.set_column(place, place, max(_WIDTHS[column.kind], len(column.header) + 2))
            self._sheet.write_string(0, place, column.header, self._bold)
        self._next = 1

    def _free(self, title: str) -> str:
        """Return a title as no sheet is called: cut to what a sheet may be called, numbered from the second on."""
        self._names.append(sheet_name(title, self._names))
        return self._names[-1]

    def _put(self, place: int, cell: Cell, form: Format | None = None) -> None:
        match cell:
            case None | "":
                return
            case str():
                self._sheet.write_string(self._next, place, cell[:TEXT_MAX], form)
            case datetime():
                self._sheet.write_datetime(self._next, place, cell.replace(tzinfo=None), self._moments)
            case date():
                self._sheet.write_datetime(self._next, place, cell, self._dates)
            case _ if _is_exact(cell):
                self._sheet.write_number(self._next, place, cell, form)
            case _:
                written = f"{cell:f}" if isinstance(cell, Decimal) else str(cell)
                self._sheet.write_string(self._next, place, written, form)


def _is_exact(number: int | Decimal) -> bool:
    return len(Decimal(number).normalize().as_tuple().digits) <= DIGITS_MAX
