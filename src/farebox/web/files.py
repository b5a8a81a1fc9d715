"""
The files that a report page offers: what it shows, as CSV and as a spreadsheet.

Columns have the names of the API where it has them, dates are ISO, tokens exact. What a spreadsheet would run is
neutralised in CSV, and a text in XLSX (quality: CSV / spreadsheet export).
"""

from __future__ import annotations

import csv
import io
import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.utils.translation import gettext as _

from farebox.domain.amounts import Tokens, as_decimal
from farebox.domain.clock import Day, Instant, as_date, moment
from farebox.domain.report_files import sheet_name
from farebox.query.present import neutralised
from farebox.web.question import Format
from farebox.web.tables import Kind, Sheet, Value

if TYPE_CHECKING:
    from xlsxwriter.format import Format as Look
    from xlsxwriter.worksheet import Worksheet

Typed = str | int | Decimal | date | None

_TENTH = Decimal("0.1")
_DIGITS_MAX = 15
"""A number with more digits is rounded by spreadsheets; it is written as a text."""

_SAFE = frozenset(string.ascii_letters + string.digits + "-")
_MOMENT = "yyyy-mm-dd hh:mm:ss"
_NEVER = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class About:
    """What a file says about itself: facts as pairs of words, and the parts of its name."""

    facts: tuple[tuple[str, str], ...]
    name: tuple[str, ...]


def response(sheets: Sequence[Sheet], about: About, wanted: Format) -> HttpResponse:
    """Return the file; CSV has the first sheet, a spreadsheet what it is about and all of them."""
    if wanted is Format.CSV:
        return _attached(csv_text(sheets[0]).encode(), "text/csv; charset=utf-8", f"{_stem(about)}.csv")
    return _attached(xlsx_bytes(sheets, about), _SPREADSHEET, f"{_stem(about)}.xlsx")


def csv_text(sheet: Sheet) -> str:
    """Write a sheet as CSV (RFC 4180)."""
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow(sheet.names)
    for row in sheet.rows:
        rows.writerow(_text(value, kind) for value, kind in zip(row, sheet.kinds, strict=True))
    return out.getvalue()


def xlsx_bytes(sheets: Sequence[Sheet], about: About) -> bytes:
    """Write a spreadsheet: first what it is about, then the sheets with typed cells, without formulas or links."""
    from xlsxwriter import Workbook

    out, names = io.BytesIO(), [sheet_name(_("About this file"), ())]
    with Workbook(out, {"in_memory": True, "default_date_format": "yyyy-mm-dd", **_NEVER}) as book:
        moments = book.add_format({"num_format": _MOMENT})
        _fill(book.add_worksheet(names[0]), about.facts, 0, moments)
        for sheet in sheets:
            names.append(sheet_name(sheet.title, names))
            page = book.add_worksheet(names[-1])
            page.freeze_panes(1, 0)
            _fill(page, [sheet.names], 0, moments)
            _fill(page, (_typed_row(row, sheet.kinds) for row in sheet.rows), 1, moments)
    return out.getvalue()


def _fill(page: Worksheet, rows: Iterable[Sequence[Typed]], first: int, moments: Look) -> None:
    for at, row in enumerate(rows, first):
        for column, value in enumerate(row):
            _write(page, at, column, value, moments)
    page.set_column(0, 9, 22)


def _write(page: Worksheet, at: int, column: int, value: Typed, moments: Look) -> None:
    match value:
        case None:
            return
        case str():
            page.write_string(at, column, value)
        case datetime():
            page.write_datetime(at, column, value.replace(tzinfo=None), moments)  # a cell has no zone: all is UTC
        case date():
            page.write_datetime(at, column, value)
        case _ if len(Decimal(value).as_tuple().digits) <= _DIGITS_MAX:
            page.write_number(at, column, value)
        case _:
            page.write_string(at, column, f"{Decimal(value):f}")


def _attached(body: bytes, kind: str, name: str) -> HttpResponse:
    named = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(body, content_type=kind, headers=named)


def _stem(about: About) -> str:
    """Return the name of the file: its parts, without any sign that a header or a disk could mind."""
    return "-".join("".join(filter(_SAFE.__contains__, part)) for part in about.name)


def _text(value: Value, kind: Kind) -> str:
    match _typed(value, kind):
        case None:
            return ""
        case str() as text:
            return neutralised(text) if kind is Kind.TEXT else text
        case datetime() as at:
            return at.isoformat().replace("+00:00", "Z")
        case date() as on:
            return on.isoformat()
        case number:
            return f"{Decimal(number):f}"


def _typed_row(row: Sequence[Value], kinds: Sequence[Kind]) -> list[Typed]:
    return [_typed(value, kind) for value, kind in zip(row, kinds, strict=True)]


def _typed(value: Value, kind: Kind) -> Typed:
    """Return a value as a file has it; a number is exact."""
    match value, kind:
        case int(), Kind.TOKENS:
            return _plain(as_decimal(Tokens(value)))
        case int(), Kind.MEAN:
            return _plain(as_decimal(Tokens(value)).quantize(_TENTH, ROUND_HALF_UP))
        case int(), Kind.CHANGE:
            return _plain(Decimal(value) / 10)
        case int(), Kind.DAY:
            return as_date(Day(value))
        case int(), Kind.MOMENT:
            return moment(Instant(value)).replace(microsecond=0)
        case _:
            return value


def _plain(number: Decimal) -> int | Decimal:
    return int(number) if number == number.to_integral_value() else number.normalize()
