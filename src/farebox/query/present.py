"""
From rows of an answer to cells: typed, as JSON, and as CSV.

Numbers are exact: whole ones are `int`, others `Decimal`, so encode JSON with decimals written as numbers. Field
cells of JSON are strings, but for the contract year (usage-api 5.4). Cells of CSV that a spreadsheet would run
are neutralised; numbers, dates and codes, which Farebox writes itself, are left exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import assert_never

from farebox.domain.amounts import Tokens, as_decimal
from farebox.domain.clock import Instant, moment
from farebox.domain.ids import charged_item_id
from farebox.query.declarations import Field, Kind, Metric, Unit
from farebox.query.plan import Column, Plan

Raw = str | int | date | None
"""What an engine yields for a column."""
Cell = str | int | Decimal | date | datetime | None
"""A typed cell: what a spreadsheet writer wants."""
JsonCell = str | int | Decimal

_RUN_AT_START = frozenset("=+-@\t\r\n\0＝＋－＠")
_QUOTE = '"'
_QUOTED = frozenset('",\r\n')
_UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad"


def labels(plan: Plan) -> tuple[str, ...]:
    """Return the translatable labels of the columns; a custom field asked for by its own name keeps that."""
    return tuple(
        column.name if column.name != column.declared.name else column.declared.label for column in plan.columns
    )


def cells(plan: Plan, rows: Iterable[Sequence[Raw]]) -> Iterator[tuple[Cell, ...]]:
    """Yield each row as typed cells, in the order of the columns asked for."""
    readers = tuple(map(_reader, plan.columns))
    for row in rows:
        yield tuple(reader(raw) for reader, raw in zip(readers, row, strict=True))


def json_rows(plan: Plan, rows: Iterable[Sequence[Raw]]) -> Iterator[tuple[JsonCell, ...]]:
    """Yield each row as JSON cells: dates and moments as text, what is missing as an empty text."""
    for row in cells(plan, rows):
        yield tuple(map(_json_cell, row))


def csv_lines(plan: Plan, rows: Iterable[Sequence[Raw]]) -> Iterator[str]:
    """Yield the lines of a CSV file (RFC 4180): the names asked for, then a line per row (usage-api 6.10)."""
    yield _line(neutralised(name) for name in plan.names)
    texts = [isinstance(column.declared, Field) and column.declared.kind is Kind.TEXT for column in plan.columns]
    for row in json_rows(plan, rows):
        yield _line(_csv_cell(cell, text=text) for cell, text in zip(row, texts, strict=True))


def neutralised(text: str) -> str:
    """Return `text` so that no spreadsheet runs it: with an apostrophe before what would start a formula."""
    seen = next((sign for sign in text if not (sign.isspace() or sign in _UNSEEN)), "")
    return f"'{text}" if {text[:1], seen} & _RUN_AT_START else text


def _line(texts: Iterable[str]) -> str:
    return ",".join(map(_quoted, texts)) + "\r\n"


def _quoted(text: str) -> str:
    return f'"{text.replace(_QUOTE, _QUOTE * 2)}"' if _QUOTED & set(text) else text


def _csv_cell(cell: JsonCell, *, text: bool) -> str:
    if isinstance(cell, str):
        return neutralised(cell) if text else cell
    return f"{cell:f}" if isinstance(cell, Decimal) else str(cell)


def _json_cell(cell: Cell) -> JsonCell:
    match cell:
        case None:
            return ""
        case datetime():
            return cell.isoformat(timespec="seconds")
        case date():
            return cell.isoformat()
        case _:
            return cell


def _reader(column: Column) -> Callable[[Raw], Cell]:
    match column.declared:
        case Field(kind=kind):
            return _FIELD_READERS[kind]
        case Metric(unit=unit):
            return _UNIT_READERS[unit]
        case _:
            assert_never(column.declared)


def _as_is(raw: Raw) -> Cell:
    return raw


def _date(raw: Raw) -> Cell:
    """Return a date; some engines yield the first of a month as a moment."""
    return raw.date() if isinstance(raw, datetime) else raw


def _moment(raw: Raw) -> Cell:
    return moment(Instant(raw)).replace(tzinfo=None) if isinstance(raw, int) else raw


def _offset(raw: Raw) -> Cell:
    """Return an offset as text: -8:00, +1:00, +5:30."""
    if not isinstance(raw, int):
        return raw
    hours, minutes = divmod(abs(timedelta(seconds=raw)) // timedelta(minutes=1), 60)
    return f"{'-' if raw < 0 else '+'}{hours}:{minutes:02d}"


def _item(raw: Raw) -> Cell:
    return charged_item_id(raw) if isinstance(raw, int) else raw


def _micro(raw: Raw) -> Cell:
    """Return a number of millionths as the number it is."""
    return _number(raw, 1)


def _minutes(raw: Raw) -> Cell:
    return _number(raw, 60)


def _hours(raw: Raw) -> Cell:
    return _number(raw, 3600)


def _number(raw: Raw, divisor: int) -> Cell:
    """Return millionths ÷ divisor, rounded half up to a millionth."""
    assert isinstance(raw, int), "a metric is a whole number on every engine"
    exact = as_decimal(Tokens((2 * raw + divisor) // (2 * divisor)))
    return int(exact) if exact == exact.to_integral_value() else exact


_FIELD_READERS: Mapping[Kind, Callable[[Raw], Cell]] = MappingProxyType(
    {
        Kind.TEXT: _as_is,
        Kind.DATE: _date,
        Kind.MONTH: _date,
        Kind.INTEGER: _as_is,
        Kind.ENUM: _as_is,
        Kind.MOMENT: _moment,
        Kind.OFFSET: _offset,
        Kind.ITEM: _item,
    }
)
_UNIT_READERS: Mapping[Unit, Callable[[Raw], Cell]] = MappingProxyType(
    {Unit.COUNT: _as_is, Unit.TOKENS_MICRO: _micro, Unit.MINUTES_US: _minutes, Unit.HOURS_US: _hours}
)
