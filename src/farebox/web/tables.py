"""
A table of a report: typed values in rows, searched, sorted, and paged as the URL says.

The page shows one piece of it, and a file has all of it, in the same order: both are made from the same rows, so that
they say the same (domain R3). Nothing here asks for data; texts come in ready for the reader's language.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum, auto
from typing import Any, NamedTuple, TypeVar

from django.utils.safestring import SafeString

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Day, Instant
from farebox.web import present
from farebox.web.question import Question
from farebox.web.rows import Cell, Many, Row, Value, folded, ready

__all__ = [
    "ROWS_A_PAGE", "Cell", "Column", "Kind", "Many", "Piece", "Row", "Sheet", "Table", "Value", "arranged", "page_of",
    "piece", "sheet",
]  # fmt: skip

ROWS_A_PAGE = 50
T = TypeVar("T")


class Kind(StrEnum):
    """What the values of a column are: how they are written, aligned, sorted, and typed in a spreadsheet."""

    TEXT = auto()
    TOKENS = auto()
    """Millionths of a token, written exactly."""
    MEAN = auto()
    """Millionths of a token, written with one decimal."""
    COUNT = auto()
    CHANGE = auto()
    """Thousandths more or less than before; none where there was nothing before."""
    DAY = auto()
    MOMENT = auto()
    """Microseconds since 1970, in UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """
    A column: the name that orders it in the URL and heads it in a file, and its label on the page.

    `name` is that of the API where the API has it. What is not `shown` is only in files, what is not `filed` only on
    the page; a column is `sorted` where its name stands in the page's offers. A text that is not `searched` does not
    bring its row into what a search finds.
    """

    name: str
    label: str
    kind: Kind = Kind.TEXT
    shown: bool = True
    filed: bool = True
    searched: bool = True

    @property
    def is_number(self) -> bool:
        """Whether its values are aligned at their end."""
        return self.kind not in (Kind.TEXT, Kind.DAY, Kind.MOMENT)


class Head(NamedTuple):
    """The head of a column: its label, where a click on it leads, and how it is sorted now."""

    label: str
    is_number: bool
    href: str
    order: str


class Shown(NamedTuple):
    """A cell as the page shows it."""

    text: str
    is_number: bool
    href: str
    note: str
    drawn: SafeString
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """
    Rows of typed values under columns.

    `key` tells it from others of the page; `title` says what it holds, `short` the same where that is too long for the
    name of a sheet; `empty` is said where it has no rows.
    Columns differ in their names, and the first shown one heads its rows. `sorts` are the names that the URL may order
    it by; what the page searches for leaves a table alone that `is_whole`.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...] | Many[Any]
    sorts: tuple[str, ...] = ()
    empty: str = ""
    short: str = ""
    is_whole: bool = False

    @property
    def many(self) -> Many[Any]:
        """Its rows as they are read one by one."""
        if isinstance(self.rows, Many):
            return self.rows
        return ready([column.name for column in self.columns], self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What a page shows of a table: heads, the rows of one page, and the way to the others."""

    table: Table
    heads: tuple[Head, ...]
    rows: tuple[tuple[Shown, ...], ...]
    found: int
    first: int
    page: int
    pages: int
    before: str
    after: str
    search: str
    whole: str
    """The address of the table without the search."""

    @property
    def last(self) -> int:
        """The number of the last row shown, counted from 1."""
        return self.first + len(self.rows) - 1


def arranged(table: Table, question: Question) -> list[Any]:
    """Return the records that the search finds, in the order asked for; equal ones stay in the order of the table."""
    many = table.many
    if many.order is not None:
        return list(many.order)
    found = _found(many, table, "" if table.is_whole else folded(question.search))
    name = question.sort.removeprefix("-")
    column = next((column for column in table.columns if column.name == name), None)
    if column is None or name not in {sort.removeprefix("-") for sort in table.sorts}:
        return found
    value = many.values[name]
    there = [record for record in found if value(record) is not None]
    there.sort(key=_rank(many, column), reverse=question.sort.startswith("-"))
    return there if len(there) == len(found) else there + [record for record in found if value(record) is None]


def page_of(records: Sequence[T], question: Question) -> Sequence[T]:
    """Return those of arranged records that the page shows."""
    first = _first(records, question)
    return records[first : first + ROWS_A_PAGE]


def piece(table: Table, question: Question) -> Piece:
    """Return what the page shows of a table; a page beyond the last is the last."""
    records, make = arranged(table, question), table.many.make
    first = _first(records, question)
    page, pages = first // ROWS_A_PAGE + 1, _pages(records)
    return Piece(
        table=table,
        heads=tuple(_head(column, table, question) for column in table.columns if column.shown),
        rows=tuple(_shown(make(record), table.columns) for record in page_of(records, question)),
        found=len(records),
        first=first + 1,
        page=page,
        pages=pages,
        before=question.address(page=page - 1) if page > 1 else "",
        after=question.address(page=page + 1) if page < pages else "",
        search=question.search,
        whole=question.address(search=""),
    )


def written(value: Value, kind: Kind) -> str:
    """Write a value as the page shows it; what is missing is a dash."""
    match value, kind:
        case None, _:
            return "–"
        case str(), _:
            return value
        case int(), Kind.TOKENS:
            return present.amount(Tokens(value))
        case int(), Kind.MEAN:
            return present.rounded(Tokens(value))
        case int(), Kind.CHANGE:
            return present.change(value)
        case int(), Kind.DAY:
            return present.short_date(Day(value))
        case int(), Kind.MOMENT:
            return present.clock(Instant(value))
        case _:
            return present.count(value)


def _pages(records: Sequence[object]) -> int:
    return max(1, -(-len(records) // ROWS_A_PAGE))


def _first(records: Sequence[object], question: Question) -> int:
    """Return the place of the first row of the page asked for, or of the last page."""
    return (min(question.page, _pages(records)) - 1) * ROWS_A_PAGE


def _found(many: Many[Any], table: Table, wanted: str) -> list[Any]:
    """Return the records in which a text that the page shows has what was searched for (quality P1)."""
    if not wanted:
        return list(many.records)
    searched = [column for column in table.columns if column.shown and column.searched and column.kind is Kind.TEXT]
    read = [many.texts_of(column.name) for column in searched]

    def says_it(record: Any) -> bool:
        return any(wanted in folded(text) for texts in read for text in texts(record))

    return [record for record in many.records if says_it(record)]


def _rank(many: Many[Any], column: Column) -> Callable[[Any], Any]:
    """Return what orders the records by a column: its texts as they are compared, or its numbers."""
    texts = many.texts_of(column.name)
    return (lambda record: folded(texts(record)[0])) if column.kind is Kind.TEXT else many.values[column.name]


def _head(column: Column, table: Table, question: Question) -> Head:
    """Return a head; a click sorts numbers the largest first and texts from A, a second one the other way round."""
    names = {sort.removeprefix("-"): sort for sort in table.sorts}
    if column.name not in names:
        return Head(column.label, column.is_number, "", "")
    is_here = question.sort.removeprefix("-") == column.name
    falls = question.sort.startswith("-")
    turned = column.name if falls else f"-{column.name}"
    chosen = turned if is_here else (f"-{column.name}" if column.is_number else column.name)
    return Head(
        column.label,
        column.is_number,
        question.address(sort=chosen),
        ("descending" if falls else "ascending") if is_here else "",
    )


def _shown(row: Row, columns: Sequence[Column]) -> tuple[Shown, ...]:
    return tuple(
        Shown(
            cell.words or written(cell.value, column.kind),
            column.is_number,
            cell.href,
            cell.note,
            cell.drawn,
            column.label,
        )
        for cell, column in zip(row, columns, strict=True)
        if column.shown
    )


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file holds of a table: the names of its columns, their kinds, and all rows in the order of the page."""

    title: str
    names: tuple[str, ...]
    kinds: tuple[Kind, ...]
    rows: tuple[tuple[Value, ...], ...] = field(repr=False)


def sheet(table: Table, question: Question) -> Sheet:
    """Return the file's part of a table: exactly what the page shows, on all its pages (domain R3)."""
    filed = [column for column in table.columns if column.filed]
    read = [table.many.values[column.name] for column in filed]
    return Sheet(
        table.short or table.title,
        tuple(column.name for column in filed),
        tuple(column.kind for column in filed),
        tuple(tuple([value(record) for value in read]) for record in arranged(table, question)),
    )
