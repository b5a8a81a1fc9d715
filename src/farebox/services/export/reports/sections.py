"""What a file of reports is made of: one section a report, with its columns, and its rows as they are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from typing import Any, NamedTuple

from farebox.domain.amounts import Tokens, as_decimal
from farebox.domain.clock import SECOND, Instant, moment
from farebox.domain.report_files import ReportType
from farebox.query.present import Cell
from farebox.services.export.reports.columns import Columns

ROWS_AT_ONCE = 2_000
"""Rows that are handed on together."""

Row = Sequence[Cell]

_OF_WHO = frozenset({"person_id", "user_name", "email", "first_name", "last_name", "name", "pseudonym"})
_OF_WHAT = frozenset({"code", "product"})


class What(NamedTuple):
    """A product, as rows name it."""

    code: str = ""
    product: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One report of a file: what it is, its columns, about how many rows it has, and these, to be read once."""

    type: ReportType
    columns: Columns
    expected: int
    rows: Iterator[Row]


class Chunk(NamedTuple):
    """Some rows of the section at a place; the first of each section may have none."""

    place: int
    rows: list[Row]


def chunks(sections: Sequence[Section]) -> Iterator[Chunk]:
    """Yield the rows of every section, one section after the other."""
    for place, section in enumerate(sections):
        yield Chunk(place, [])
        while rows := list(islice(section.rows, ROWS_AT_ONCE)):
            yield Chunk(place, rows)


def rows_of(columns: Columns, facts: Iterable[Any]) -> Iterator[Row]:
    """Yield a row for each of some facts, with the cells of these columns."""
    read = attrgetter(*(_path(column.fact) for column in columns))
    return map(read, facts)


def _path(fact: str) -> str:
    if fact in _OF_WHO:
        return f"who.{fact}"
    return f"what.{fact}" if fact in _OF_WHAT else fact


def number(micro: int) -> Cell:
    """Return a number of millionths as a number: whole where it is whole."""
    exact = as_decimal(Tokens(micro))
    return int(exact) if exact == exact.to_integral_value() else exact


def to_the_second(at: Instant | None) -> Cell:
    """Return an instant as a moment in UTC, its part of a second cut off; none for none."""
    return None if at is None else moment(Instant(at - at % SECOND))
