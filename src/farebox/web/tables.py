"""
A table of a report: typed values in rows, searched, sorted, and paged as the URL says.

The page shows one piece of it, and a file has all of it, in the same order: both are made from the same rows, so that
they say the same (domain R3). Nothing here asks for data; texts come in ready for the reader's language.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum, auto
from typing import NamedTuple

from django.utils.safestring import SafeString

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Day, Instant
from farebox.web import present
from farebox.web.question import Question

ROWS_A_PAGE = 50


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


Value = str | int | None


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


class Cell(NamedTuple):
    """
    A value, and what the page shows with it: where it leads, a second line, a small picture, other words for it.

    `drawn` was made by a chart. `words` stand for the value where they are not empty.
    """

    value: Value
    href: str = ""
    note: str = ""
    drawn: SafeString = SafeString("")
    words: str = ""


Row = tuple[Cell, ...]


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

    `key` tells it from others of the page; `title` says what it holds; `empty` what is said where it has no rows.
    The first shown column heads its rows. `sorts` are the names that the URL may order it by; what the page searches
    for leaves a table alone that `is_whole`.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    sorts: tuple[str, ...] = ()
    empty: str = ""
    is_whole: bool = False


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


def arranged(table: Table, question: Question) -> tuple[Row, ...]:
    """Return the rows that the search finds, in the order asked for; equal ones stay in the order of the table."""
    wanted = "" if table.is_whole else folded(question.search)
    found = [row for row in table.rows if _matches(row, table.columns, wanted)]
    name = question.sort.removeprefix("-")
    place = next((at for at, column in enumerate(table.columns) if column.name == name), None)
    if place is None or name not in {sort.removeprefix("-") for sort in table.sorts}:
        return tuple(found)
    column = table.columns[place]
    there = [row for row in found if row[place].value is not None]
    missing = [row for row in found if row[place].value is None]
    there.sort(key=lambda row: _rank(row[place], column), reverse=question.sort.startswith("-"))
    return (*there, *missing)


def piece(table: Table, question: Question) -> Piece:
    """Return what the page shows of a table; a page beyond the last is the last."""
    rows = arranged(table, question)
    pages = max(1, -(-len(rows) // ROWS_A_PAGE))
    page = min(question.page, pages)
    first = (page - 1) * ROWS_A_PAGE
    return Piece(
        table=table,
        heads=tuple(_head(column, table, question) for column in table.columns if column.shown),
        rows=tuple(_shown(row, table.columns) for row in rows[first : first + ROWS_A_PAGE]),
        found=len(rows),
        first=first + 1,
        page=page,
        pages=pages,
        before=question.address(page=page - 1) if page > 1 else "",
        after=question.address(page=page + 1) if page < pages else "",
        search=question.search,
        whole=question.address(search=""),
    )


def folded(text: str) -> str:
    """Return a text as it is compared: without case, accents apart, full width as half (NFKD)."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


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


def _matches(row: Row, columns: Sequence[Column], wanted: str) -> bool:
    """Return whether a text that the page shows in the row has what was searched for (quality P1)."""
    if not wanted:
        return True
    pairs = zip(row, columns, strict=True)
    read = (cell for cell, column in pairs if column.shown and column.searched and column.kind is Kind.TEXT)
    return any(wanted in folded(f"{cell.words or cell.value or ''}\n{cell.note}") for cell in read)


def _rank(cell: Cell, column: Column) -> tuple[int, str]:
    if column.kind is Kind.TEXT:
        return 0, folded(cell.words or str(cell.value))
    assert isinstance(cell.value, int), "what is no text is a whole number"
    return cell.value, ""


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
    places = [at for at, column in enumerate(table.columns) if column.filed]
    return Sheet(
        table.title,
        tuple(table.columns[at].name for at in places),
        tuple(table.columns[at].kind for at in places),
        tuple(tuple(row[at].value for at in places) for row in arranged(table, question)),
    )
