"""
A file of reports as a workbook: a sheet that says what it is about, then one a report, with typed cells.

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
from farebox.query.present import Cell
from farebox.services.export.reports.book import Book
from farebox.services.export.reports.columns import Column, Kind
from farebox.services.export.reports.sections import Row
from farebox.services.export.reports.writers import Sink, Stream, Writer

if TYPE_CHECKING:
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
        self._sheets: dict[str, int] = {}

    def start(self) -> None:
        """Write the sheet that says what it is about."""
        self._sheet = self._workbook.add_worksheet(self._free(self.book.title))
        self._sheet.set_column(0, 0, _WIDTHS[Kind.TEXT])
        self._sheet.set_column(1, 1, 2 * _WIDTHS[Kind.TEXT])
        for name, cell in self.book.about:
            self._sheet.write_string(self._next, 0, name, self._bold)
            self._put(1, cell)
            self._next += 1

    def begin(self, place: int) -> None:
        """Begin the sheet of a report."""
        self._begin_sheet(self.book.sheets[place], self.book.sections[place].columns)

    def rows(self, rows: Iterable[Row]) -> None:
        """Write rows; where the sheet is full, go on in another."""
        for row in rows:
            if self._next == ROWS_MAX:
                self.begin(self._place)
            for place, cell in enumerate(row):
                self._put(place, cell)
            self._next += 1

    def finish(self) -> None:
        """Put the sheets together. Raises `OSError` where there is no room for them."""
        try:
            self._workbook.close()
        except FileCreateError as error:
            raise error.args[0] from error

    def abandon(self) -> None:
        """Close what waits on the disk."""
        self._stream.open = False
        for sheet in self._workbook.worksheets():
            sheet._opt_close()  # the only way to close it without putting everything together

    def _begin_sheet(self, title: str, columns: Sequence[Column]) -> None:
        self._sheet = self._workbook.add_worksheet(self._free(title))
        self._sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            self._sheet.set_column(place, place, max(_WIDTHS[column.kind], len(column.header) + 2))
            self._sheet.write_string(0, place, column.header, self._bold)
        self._next = 1

    def _free(self, title: str) -> str:
        """Return a title that no sheet has: with a number behind it from the second on."""
        self._sheets[title] = count = self._sheets.get(title, 0) + 1
        return title if count == 1 else f"{title} ({count})"

    def _put(self, place: int, cell: Cell) -> None:
        match cell:
            case None | "":
                return
            case str():
                self._sheet.write_string(self._next, place, cell[:TEXT_MAX])
            case datetime():
                self._sheet.write_datetime(self._next, place, cell.replace(tzinfo=None), self._moments)
            case date():
                self._sheet.write_datetime(self._next, place, cell, self._dates)
            case _ if _is_exact(cell):
                self._sheet.write_number(self._next, place, cell)
            case _:
                self._sheet.write_string(self._next, place, f"{cell:f}" if isinstance(cell, Decimal) else str(cell))


def _is_exact(number: int | Decimal) -> bool:
    return len(Decimal(number).normalize().as_tuple().digits) <= DIGITS_MAX
